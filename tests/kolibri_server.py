"""Kolibri, the learning platform for poor networks, as a peer: built, provisioned, served.

It lives outside the checkout like Rasa: its packages in an environment of their own under
`KOLIBRI_ENV` (default ~/.cache/motcua-kolibri), its database in a folder that is thrown away.
"""

import json
import os
import subprocess
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.conftest import ROOT
from tests.rasa_server import free_port

VERSION = "0.19.5"
HOME = Path(os.environ.get("KOLIBRI_ENV") or Path.home() / ".cache" / "motcua-kolibri")
PASSWORD = "mat-khau-hoc-vien"
PATIENCE = 120


class CannotRunError(Exception):
    """Kolibri cannot be had on this machine; the message says what to do."""


@dataclass(frozen=True)
class School:
    """A running Kolibri with a class, a quiz and learners `hv0`, `hv1`…"""

    pid: int
    url: str
    facility: str
    classroom: str
    exam: str
    exercise: str
    items: list[str]


def build() -> None:
    """The environment with this version; nothing to do where it is there."""
    if (HOME / "bin" / "kolibri").is_file():
        return
    venv.create(HOME, with_pip=True)
    pip = [
        str(HOME / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
    ]
    if subprocess.run([*pip, f"kolibri=={VERSION}"], check=False).returncode:
        raise CannotRunError(f"Không cài được Kolibri {VERSION} từ kho gói của Python.")


@contextmanager
def running(folder: Path, learners: int, *, documents: int, sections: int, questions: int) -> (
    Iterator[School]
):  # fmt: skip
    """Provision, fill, serve, stop. SQLite and one process with threads, as it is installed."""
    port, other = free_port(), free_port()
    environment = {**os.environ, "KOLIBRI_HOME": str(folder), "KOLIBRI_LISTEN_ADDRESS": "127.0.0.1"}
    program, python = str(HOME / "bin" / "kolibri"), str(HOME / "bin" / "python")
    with (folder / "kolibri.log").open("wb") as log:
        provision = [
            program, "manage", "provisiondevice", "--facility", "Kolibri", "--superusername",
            "admin", "--superuserpassword", PASSWORD, "--preset", "formal", "--language_id", "en",
            "--noinput",
        ]  # fmt: skip
        subprocess.run(provision, env=environment, check=True, stdout=log, stderr=log)
        numbers = [str(n) for n in (learners, sections, documents, questions)]
        made = subprocess.run(
            [python, str(ROOT / "tests" / "kolibri_school.py"), PASSWORD, *numbers],
            env=environment, check=True, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        server = subprocess.Popen(
            [program, "start", "--foreground", "--skip-update", "--port", str(port), "--zip-port",
             str(other)],
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(server, url)
            yield School(server.pid, url, **json.loads(made.stdout.splitlines()[-1]))
        finally:
            server.terminate()
            with suppress(subprocess.TimeoutExpired):
                server.wait(timeout=30)
            server.kill()


def _wait(server: "subprocess.Popen[bytes]", url: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        with suppress(httpx.TransportError), httpx.Client(trust_env=False) as client:
            if client.get(f"{url}/api/public/info/").status_code == httpx.codes.OK:
                return
        time.sleep(0.2)
    raise CannotRunError("Kolibri đã dựng xong nhưng không trả lời.")
