"""The web as a process of its own, to be stopped, started again and looked at from outside."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx

from backend import clock, live
from backend.db import Database
from bot.chat import service as chats
from tests.conftest import MODEL, ROOT

PATIENCE = 60.0


class Server:
    """`python -m backend serve` with a database of its own; it may be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (folder / "nlu").symlink_to(MODEL, target_is_directory=True)
        unset = ("DATABASE_URL", "HOTLINE")
        self.env = {k: v for k, v in os.environ.items() if k not in unset} | {
            "ENVIRONMENT": "development", "VAR_DIR": str(folder), "PORT": str(self.port),
            "TRUSTED_PROXIES": "1",
        }  # fmt: skip
        subprocess.run(
            [sys.executable, "-m", "backend", "migrate"], cwd=ROOT, env=self.env, check=True
        )
        self.database = Database(f"sqlite:///{folder / 'motcua.db'}")
        self.process = self.start()

    def start(self) -> subprocess.Popen[str]:
        """Up, and answering."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "backend", "serve"], cwd=ROOT, env=self.env, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self.process.poll() is None, "the web did not start"
            with suppress(httpx.TransportError), httpx.Client() as client:
                if client.get(f"{self.url}/healthz").status_code == 200:
                    return self.process
            time.sleep(0.1)
        raise AssertionError("the web did not answer")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> tuple[float, str]:
        """Politely; how many seconds that took, and what it complained of."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=20)
        return time.monotonic() - started, said

    def status(self, name: str) -> int:
        """A number of /proc/…/status: Threads, VmRSS (kB)."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.split(f"{name}:")[1].split()[0])

    def open_databases(self) -> int:
        """How often its database file is open."""
        files = Path(f"/proc/{self.process.pid}/fd").iterdir()
        return sum(f.readlink().name == "motcua.db" for f in files if f.exists())

    def begin(self) -> tuple[str, str]:
        """A conversation: its secret and its topic."""
        with self.database.transaction() as session:
            token = chats.start(session, now=clock.now())
            topic = chats.topic_of(session, token)
        assert topic
        return token, topic

    def publish(self, topic: str, *refs: object) -> None:
        with self.database.transaction() as session:
            for ref in refs:
                live.publish(session, topic, "message", str(ref))
