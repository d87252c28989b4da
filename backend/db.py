"""The database: one engine, two kinds of session, and the only commits of the code base.

* `transaction()` is a unit of work that writes; `reading()` one that cannot.
* `write(work)` is for the two hottest writes (inbox rows, quiz answers): on SQLite one thread of
  this process stores many of them in one commit, each in its own savepoint, and answers after it.
* On SQLite readers take a plain BEGIN on a WAL snapshot and never wait for a writer; writers take
  BEGIN IMMEDIATE behind a lock of this process, since a deferred transaction that upgrades to
  writing fails at once when somebody else wrote meanwhile.
"""

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    create_engine,
    event,
    inspect,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker

from backend import log, security
from backend.config import settings
from backend.errors import Unavailable

logger = log.get(__name__)

T = TypeVar("T")

_BATCH = 64
_LOCK_SECONDS = 10.0


class Base(DeclarativeBase):
    """All tables; the naming convention lets migrations name what they change."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, in UTC; a naive one is refused at the door."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite gives no zone back; it is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Sealed(TypeDecorator[str]):
    """A secret: encrypted in the table, plain in the program; empty where the key has changed."""

    impl = Text
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt; the same text looks different every time, so it cannot be searched for."""
        return None if value is None else security.seal(self.purpose, value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decrypt."""
        return None if value is None else security.unseal(self.purpose, value) or ""


# SQLite counts rows up by itself only where the key is INTEGER.
BigId = Annotated[
    int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
]


class Database:
    """One database with its sessions; tests make their own, processes share `database()`."""

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite(url) if self.is_sqlite else _postgresql(url, pool_size)
        reads = self.engine.execution_options(motcua_reads=True)
        self.writer = sessionmaker(self.engine, expire_on_commit=False)
        self.reader = sessionmaker(reads, expire_on_commit=False, autoflush=False)
        self.lock = threading.Lock()
        self._writes: queue.SimpleQueue[tuple[Callable[[Session], Any], Future[Any]]] = (
            queue.SimpleQueue()
        )
        self._thread: threading.Thread | None = None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One unit of work: everything inside is stored together or not at all."""
        if _inside.get():
            raise RuntimeError("transactions do not nest: pass the session on")
        if self.is_sqlite and not self.lock.acquire(timeout=_LOCK_SECONDS):
            raise _busy()
        inside = _inside.set(True)
        try:
            with self.writer() as session, session.begin():
                yield session
                session.flush()
            hooks = session.info.get("after_commit", ())
        except DBAPIError as error:
            raise _translated(error) from error
        finally:
            _inside.reset(inside)
            if self.is_sqlite:
                self.lock.release()
        for hook in hooks:
            hook()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A view of the database at one moment; whatever is changed in it is thrown away."""
        try:
            with self.reader() as session:
                try:
                    yield session
                finally:
                    session.rollback()
        except DBAPIError as error:
            raise _translated(error) from error

    @contextmanager
    def rehearsal(self) -> Iterator[Session]:
        """Like a transaction, but nothing is ever stored (`python -m bot ask`)."""
        with self.writer() as session:
            try:
                yield session
            finally:
                session.rollback()

    def write(self, work: Callable[[Session], T]) -> T:
        """Do one small write and return what `work` returns, after it is durably stored.

        Raises what `work` raises (its own changes are undone, others' in the batch are not).
        """
        if not self.is_sqlite:
            with self.transaction() as session:
                return work(session)
        result: Future[T] = Future()
        self._writes.put((work, result))
        self._ensure_writer()
        return result.result(timeout=3 * _LOCK_SECONDS)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def _ensure_writer(self) -> None:
        with _writer_guard:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._write_batches, name="db-writer", daemon=True
                )
                self._thread.start()

    def _write_batches(self) -> None:
        while True:
            batch = [self._writes.get()]
            while len(batch) < _BATCH and not self._writes.empty():
                batch.append(self._writes.get())
            self._write_batch(batch)

    def _write_batch(self, batch: list[tuple[Callable[[Session], Any], Future[Any]]]) -> None:
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self.transaction() as session:
                for work, future in batch:
                    try:
                        with session.begin_nested():
                            value = work(session)
                        outcomes.append((future, value, None))
                    except Exception as error:  # noqa: BLE001 (handed to whoever asked)
                        outcomes.append((future, None, error))
        except Exception as error:  # noqa: BLE001 (the commit failed: nobody's write is stored)
            outcomes = [(future, None, error) for _, future in batch]
        for future, value, failure in outcomes:
            if failure is None:
                future.set_result(value)
            else:
                future.set_exception(failure)


RETRY_SECONDS = 5
_SQLITE_AWAY = ("locked", "disk is full", "disk i/o", "unable to open")
BUSY = "Hệ thống đang bận. Xin thử lại sau ít phút."
_inside: ContextVar[bool] = ContextVar("inside_transaction", default=False)
_writer_guard = threading.Lock()
_shared: Database | None = None


def database() -> Database:
    """The database of this process."""
    global _shared  # noqa: PLW0603 (one pool per process)
    if _shared is None:
        _shared = Database(settings().database)
    return _shared


def use(other: Database | None) -> None:
    """Let this process work on another database (tests; `None`: the one of the settings)."""
    global _shared  # noqa: PLW0603
    _shared = other


def transaction() -> AbstractContextManager[Session]:
    """One unit of work on this process's database: stored together or not at all."""
    return database().transaction()


def reading() -> AbstractContextManager[Session]:
    """A read-only view of this process's database at one moment."""
    return database().reading()


def rehearsal() -> AbstractContextManager[Session]:
    """A transaction on this process's database that is always undone."""
    return database().rehearsal()


def write(work: Callable[[Session], T]) -> T:
    """A small hot write on this process's database; returns after the commit."""
    return database().write(work)


def after_commit(session: Session, hook: Callable[[], None]) -> None:
    """Call `hook` once this transaction is stored (to wake a runner, never to do the work)."""
    hooks = session.info.setdefault("after_commit", [])
    if hook not in hooks:
        hooks.append(hook)


def insert_once(
    session: Session, table: type[Base], values: Mapping[str, Any], *, unique: Sequence[str]
) -> int | None:
    """Insert a row unless one with the same `unique` columns exists; its id, or None if it did."""
    statement = (
        _insert(session, table)
        .values(**values)
        .on_conflict_do_nothing(index_elements=list(unique))
        .returning(inspect(table).primary_key[0])
    )
    row_id: int | None = session.scalar(statement)
    return row_id


def store_newest(
    session: Session, table: type[Base], row: Mapping[str, Any], *, unique: tuple[str, ...], by: str
) -> bool:
    """Insert a row, or overwrite the one with the same `unique` columns where `by` is greater now.

    Whether it was stored. It is the hottest write of all, so its statement is built once.
    """
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    statement = _newest(table, tuple(row), unique, by, is_postgresql)
    return session.connection().execute(statement, row).first() is not None


@cache
def _newest(
    table: type[Base], names: tuple[str, ...], unique: tuple[str, ...], by: str, is_postgresql: bool
) -> Any:
    stored = cast(Table, inspect(table).local_table)
    build = postgresql.insert if is_postgresql else sqlite.insert
    insert = build(stored).values({name: bindparam(name) for name in names})
    taken = {name: insert.excluded[name] for name in names if name not in unique}
    newer = stored.c[by] < insert.excluded[by]
    return insert.on_conflict_do_update(
        index_elements=list(unique), set_=taken, where=newer
    ).returning(stored.c[by])


def _insert(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(table) if is_postgresql else sqlite.insert(table)


def folder_of(url: str) -> Path | None:
    """The folder that an SQLite file lies in; None for other databases."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database).parent


def _sqlite(url: str) -> Engine:
    if folder := folder_of(url):
        folder.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, connect_args={"check_same_thread": False}, pool_size=20, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA busy_timeout=5000")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        reads = connection.get_execution_options().get("motcua_reads", False)
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reads else 'OFF'}")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: str, pool_size: int) -> Engine:
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=20,
        pool_pre_ping=True,
        hide_parameters=True,  # what people wrote does not belong into tracebacks
        connect_args={"options": "-c timezone=utc -c statement_timeout=30000"},
    )


def _busy() -> Unavailable:
    return Unavailable("busy", BUSY, retry_after=RETRY_SECONDS)


def _translated(error: DBAPIError) -> Exception:
    """A lock held too long, a full disk, a database that is away: "later", not a bug."""
    text = str(error.orig).lower()
    if isinstance(error.orig, sqlite3.Error):
        is_away = any(words in text for words in _SQLITE_AWAY)
    else:
        is_away = error.connection_invalidated or isinstance(error, OperationalError)
    if not is_away:
        return error
    logger.warning("database.away", error=text.partition("\n")[0])
    return _busy()
