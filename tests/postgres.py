"""`make test`: the suite on SQLite, in Chromium, then on a private PostgreSQL of its own.

The server listens on a Unix socket in a temporary folder and on no TCP port, so that any number
of them run side by side. Without PostgreSQL's `initdb` the second run is left out and says so;
with `CI=true` that is a failure.
"""

import getpass
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

WORLD = 0o755
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


def find_initdb() -> Path | None:
    """On PATH, or where Debian puts it; the newest of several."""
    if found := shutil.which("initdb"):
        return Path(found).resolve()
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max(installed, key=lambda path: int(path.parent.parent.name), default=None)


@contextmanager
def server(initdb: Path, settings: Sequence[str] = QUICK) -> Iterator[str]:
    """A PostgreSQL of our own, and its address; gone afterwards, whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix="motcua-pg-"))
    user = _unprivileged()
    process = None
    try:
        folder.chmod(WORLD)
        if user:
            shutil.chown(folder, user)
        data = folder / "data"
        subprocess.run(
            [initdb, "-D", data, "-U", "motcua", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        command = [str(initdb.with_name("postgres")), "-D", str(data), "-k", str(folder)]
        for setting in ("listen_addresses=", *settings):
            command += ["-c", setting]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, user=user, cwd=folder, stdout=log, stderr=log)
        _wait(initdb.with_name("pg_isready"), folder, process)
        yield f"postgresql+psycopg://motcua@/postgres?host={folder}"
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)  # fast shutdown: do not wait for clients
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: whom to run it as instead."""
    if getpass.getuser() != "root" and os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _wait(isready: Path, folder: Path, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        ready = subprocess.run(
            [isready, "-q", "-h", folder, "-d", "postgres"], check=False
        ).returncode
        if ready == 0:
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit("PostgreSQL did not start:\n" + (folder / "log").read_text())


def suite(title: str, *arguments: str, database: str = "") -> bool:
    """Run pytest once; whether it passed."""
    print(f"\n=== {title} ===", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return subprocess.call(command, env={**os.environ, "TEST_DATABASE_URL": database}) == 0


def main(arguments: list[str]) -> int:
    """All runs, even when the first fails; what they need and the machine lacks is said."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server stops with us
    passed = suite("SQLite", "-m", "not browser", *arguments)
    # On their own: Playwright leaves a running event loop behind, in which nothing else can run.
    passed = suite("Chromium", "-m", "browser", "tests/browser") and passed
    initdb = find_initdb()
    if initdb is None:
        print(
            "\nKhông có PostgreSQL (initdb; Debian: apt-get install postgresql): bỏ qua lượt hai."
        )
        return int(not passed or os.environ.get("CI") == "true")
    with server(initdb) as url:
        passed = suite("PostgreSQL", "-m", "not browser", *arguments, database=url) and passed
    return int(not passed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
