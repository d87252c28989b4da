"""Where Rasa lives, outside the checkout, and what can be done there: build, train, serve.

Needs the standard library only, and runs in any Python that can start the one of Rasa. `RASA_HOME`
moves everything; Rasa's token stands in a file that only its owner reads.
"""

import hashlib
import os
import re
import secrets
import shutil
import subprocess
import tempfile
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
EXAMPLES = ROOT / "nlu" / "data" / "nlu"
CONFIG = PROJECT / "config.yml"
PLAIN = PROJECT / "plain.yml"
PORT = 5005
WRITABLE, READ_ONLY = 0o755, 0o555
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
        try:
            if _run(candidate, "-c", NEEDED).returncode == 0:
                return Path(candidate)
        except (OSError, subprocess.TimeoutExpired):
            continue
    raise CannotRunError(NO_PYTHON)


def _candidates() -> Iterator[str]:
    yield from filter(None, (os.environ.get("RASA_PYTHON"), shutil.which("python3.10")))
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from (str(path) for path in sorted(pyenv.glob("versions/3.10*/bin/python")))
    if uv := shutil.which("uv"):
        _run(uv, "python", "install", "-q", "3.10", timeout=300)
        yield from filter(None, [_run(uv, "python", "find", "3.10").stdout.strip()])


def _run(*command: str, timeout: float = 60) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=timeout)


def build() -> None:
    """The environment with exactly the pinned packages; nothing to do when it is there."""
    wanted = _digest(PINS)
    mark = ENVIRONMENT / "pins"
    if mark.is_file() and mark.read_text() == wanted:
        return
    python = python310()
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    subprocess.run([python, "-m", "venv", ENVIRONMENT], check=True)
    pip = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(PINS)], check=True)
    mark.write_text(wanted)


def train(config: Path = CONFIG, *, epochs: int | None = None, models: Path = MODELS) -> Path:
    """The model that these examples and this pipeline give; learned once, then only found."""
    settings = config.read_text(encoding="utf-8")
    if epochs is not None:
        settings = re.sub(r"epochs: \d+", f"epochs: {epochs}", settings)
    model = models / f"{config.stem}-{_digest(*_sources(), text=settings)[:16]}.tar.gz"
    if model.is_file():
        return model
    models.mkdir(parents=True, exist_ok=True)
    models.chmod(WRITABLE)
    with tempfile.TemporaryDirectory(prefix="motcua-rasa-") as name:
        folder = Path(name)  # Rasa caches in the folder it runs in: nothing is to be left there
        (folder / "config.yml").write_text(settings, encoding="utf-8")
        command = [
            str(PYTHON), "-m", "rasa", "train", "nlu", "--nlu", str(EXAMPLES),
            "--config", "config.yml", "--domain", str(PROJECT / "domain.yml"),
            "--out", "out", "--fixed-model-name", "model",
        ]  # fmt: skip
        trained = subprocess.run(
            command, cwd=folder, env=_environment(), text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        made = folder / "out" / "model.tar.gz"
        if trained.returncode or not made.is_file():
            raise CannotRunError(f"Rasa không huấn luyện được:\n{trained.stdout[-3000:]}")
        for older in models.glob(f"{config.stem}-*.tar.gz"):
            older.unlink()
        shutil.move(made, model)
    model.chmod(READ_ONLY & ~0o111)
    models.chmod(READ_ONLY)  # whoever can change a model can run code in the server
    return model


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
    return subprocess.Popen(command, cwd=HOME, env=_environment() | {"RASA_TOKEN": secret})


def _environment() -> dict[str, str]:
    return {**os.environ, **QUIET, "PYTHONPATH": str(ROOT)}


def _sources() -> list[Path]:
    """Every file that a model is made of."""
    text = [ROOT / "nlu" / f"{name}.py" for name in ("text", "teencode", "typing_residue")]
    lists = [ROOT / "nlu" / "data" / f"{name}.txt" for name in ("teencode", "syllables")]
    components = sorted((PROJECT / "components").glob("*.py"))
    examples = sorted(EXAMPLES.glob("*.yml"))
    return [PINS, PROJECT / "domain.yml", *components, *text, *lists, *examples]


def _digest(*files: Path, text: str = "") -> str:
    digest = hashlib.sha256(text.encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()
