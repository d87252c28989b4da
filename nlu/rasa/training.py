"""Train Rasa on what every other engine learns from: `nlu.dataset.training`, written out for it."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

import yaml

from nlu import dataset
from nlu.rasa import home

WRITABLE, READ_ONLY = 0o755, 0o555


def train(
    config: Path = home.CONFIG, *, epochs: int | None = None, models: Path = home.MODELS
) -> Path:
    """The model that these examples and this pipeline give; learned once, then only found."""
    settings = config.read_text(encoding="utf-8")
    if epochs is not None:
        settings = re.sub(r"epochs: \d+", f"epochs: {epochs}", settings)
    learned = examples()
    model = models / f"{config.stem}-{_digest(settings, learned)[:16]}.tar.gz"
    if model.is_file():
        return model
    models.mkdir(parents=True, exist_ok=True)
    models.chmod(WRITABLE)
    with tempfile.TemporaryDirectory(prefix="motcua-rasa-") as name:
        folder = Path(name)  # Rasa caches in the folder it runs in: nothing is to be left there
        (folder / "config.yml").write_text(settings, encoding="utf-8")
        (folder / "nlu.yml").write_text(learned, encoding="utf-8")
        made = _run(folder)
        for older in models.glob(f"{config.stem}-*.tar.gz"):
            older.unlink()
        shutil.move(made, model)
    model.chmod(READ_ONLY & ~0o111)
    models.chmod(READ_ONLY)  # whoever can change a model can run code in the server
    return model


def examples() -> str:
    """All examples in Rasa's format, generated ones too; entities are found by rule, not marked."""
    said: defaultdict[str, list[str]] = defaultdict(list)
    for example in dataset.training().examples:
        said[example.intent].append(f"- {example.text}\n")
    blocks = [{"intent": name, "examples": "".join(lines)} for name, lines in sorted(said.items())]
    content = {"version": "3.1", "nlu": blocks}
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000))


def _run(folder: Path) -> Path:
    command = [
        str(home.PYTHON), "-m", "rasa", "train", "nlu", "--nlu", "nlu.yml", "--config",
        "config.yml", "--domain", str(home.PROJECT / "domain.yml"), "--out", "out",
        "--fixed-model-name", "model",
    ]  # fmt: skip
    trained = subprocess.run(
        command, cwd=folder, env=home.environment(), text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    made = folder / "out" / "model.tar.gz"
    if trained.returncode or not made.is_file():
        raise home.CannotRunError(f"Rasa không huấn luyện được:\n{trained.stdout[-3000:]}")
    return made


def _digest(*texts: str) -> str:
    """Of everything a model is made of."""
    digest = hashlib.sha256("\n".join(texts).encode())
    ours = [home.ROOT / "nlu" / f"{name}.py" for name in ("text", "teencode", "typing_residue")]
    lists = [home.ROOT / "nlu" / "data" / f"{name}.txt" for name in ("teencode", "syllables")]
    components = sorted((home.PROJECT / "components").glob("*.py"))
    for path in (home.PINS, home.PROJECT / "domain.yml", *components, *ours, *lists):
        digest.update(path.read_bytes())
    return digest.hexdigest()
