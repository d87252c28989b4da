"""The product as an operator runs it, connected to the other side of one channel."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from sqlalchemy import func, select

from backend.db import Database
from backend.jobs import LIVE, Job
from tests.flood.sides import Side
from tests.kill import Product, _free_port, _wait_until

NOBODY = "http://127.0.0.1:9"
OURS = ("bot.turn", "bot.send", "notifications.deliver")


@contextmanager
def running(
    folder: Path,
    side: Side,
    database_url: str,
    *,
    rate: float,
    before: Callable[[Database], None] = lambda _: None,
) -> Iterator[tuple[Product, Database]]:
    """Prepared, arranged, started, ready; stopped whatever happens."""
    url = database_url or f"sqlite:///{folder / 'motcua.db'}"
    product = Product(folder, url, NOBODY, _free_port())
    product.environment |= {"TELEGRAM_BOT_TOKEN": "", **side.environment}
    product.environment["SEND_RATES"] = f"{side.kind}={rate:g}"
    product.prepare()
    database = Database(url)
    try:
        side.arrange(database, product.port)
        before(database)
        product.start("web")
        product.start("worker")
        product.wait_for_web()
        _wait_until(lambda: side.is_connected() and _is_ready(product), 120)
        yield product, database
    finally:
        product.stop()
        database.close()


def waiting(database: Database, *names: str) -> int:
    """How much of these kinds has not come to its end."""
    with database.reading() as session:
        mine = select(func.count()).where(Job.name.in_(names or OURS), Job.status.in_(LIVE))
        return session.scalar(mine) or 0


def _is_ready(product: Product) -> bool:
    return httpx.get(f"http://127.0.0.1:{product.port}/readyz").status_code == 200
