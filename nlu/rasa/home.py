"""Where Rasa lives, outside the checkout: its Python, its packages, its token, its server.

Needs the standard library only, and runs in any Python that can start the one of Rasa. `RASA_HOME`
moves everything; Rasa's token stands in a file that only its owner reads.
"""

import hashlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
ROOT = PROJECT.parent.parent
HOME = Path(os.environ.get("RASA_HOME") or Path.home() / ".cache" / "motcua-rasa")
ENVIRONMENT = HOME / "env"
MODELS = HOME / "models"
PYTHON = ENVIRONMENT / "bin" / "python"
TOKEN = HOME / "token"
PINS = PROJECT / "requirements.txt"
CONFIG = PROJECT / "config.yml"
PLAIN = PROJECT / "plain.yml"
PORT = 5005
NEEDED = "import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != (3, 10))"
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONWARNINGS": "ignore",
}
NO_PYTHON = (
    "Rasa cần Python 3.10 mà máy này chưa có. Xin cài bằng một trong hai cách rồi chạy lại:\n"
    "  pyenv install 3.10\n"
    "  uv python install 3.10\n"
    "hoặc đặt RASA_PYTHON là đường dẫn tới một Python 3.10."
)


class CannotRunError(Exception):
    """Rasa cannot be had on this machine; the message says what to do."""


def python310() -> Path:
    """A Python 3.10 that works: found by running it, as a dead shim may bear its name."""
    for candidate in _candidates():
        if _works(candidate):
            return Path(candidate)
    raise CannotRunError(NO_PYTHON)


def _candidates() -> Iterator[str]:
    yield from filter(None, (os.environ.get("RASA_PYTHON"), shutil.which("python3.10")))
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from (str(path) for path in sorted(pyenv.glob("versions/3.10*/bin/python")))
    if uv := shutil.which("uv"):
        _run(uv, "python", "install", "-q", "3.10", timeout=300)
        yield from filter(None, [_run(uv, "python", "find", "3.10").stdout.strip()])


def _works(python: str) -> bool:
    try:
        return _run(python, "-c", NEEDED).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _run(*command: str, timeout: float = 60) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=timeout)


def build() -> None:
    """The environment with exactly the pinned packages; nothing to do when it is there."""
    wanted = hashlib.sha256(PINS.read_bytes()).hexdigest()
    mark = ENVIRONMENT / "pins"
    if mark.is_file() and mark.read_text() == wanted:
        return
    python = python310()
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    subprocess.run([python, "-m", "venv", ENVIRONMENT], check=True)
    pip = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(PINS)], check=True)
    mark.write_text(wanted)


def token() -> str:
    """The token of this server: `RASA_TOKEN`, or one drawn once and kept in a private file."""
    if given := os.environ.get("RASA_TOKEN"):
        return given
    if not TOKEN.is_file():
        HOME.mkdir(parents=True, exist_ok=True)
        opened = os.open(TOKEN, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return TOKEN.read_text().strip()


def serve(model: Path, *, port: int, secret: str) -> "subprocess.Popen[bytes]":
    """A server on loopback; it runs until it is told to stop."""
    command = [str(PYTHON), "-m", "nlu.rasa.server", str(model), str(port)]
    return subprocess.Popen(command, cwd=HOME, env=environment() | {"RASA_TOKEN": secret})


def environment() -> dict[str, str]:
    """What Rasa's processes are told: find our components, talk to nobody, and little."""
    return {**os.environ, **QUIET, "PYTHONPATH": str(ROOT)}
