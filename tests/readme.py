"""`make docs`: write what README.md and .env.example take from the code; `--check` only compares.

A generated part of README.md stands between `<!-- begin: NAME -->` and `<!-- end: NAME -->`.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterable
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from backend.__main__ import usage
from backend.config import DEVELOPMENT_SECRET, ROOT, Settings

README = ROOT / "README.md"
EXAMPLE = ROOT / ".env.example"
PACKAGES = ("backend", "bot", "lms", "nlu")
PART = re.compile(r"(<!-- begin: (\w+) -->\n).*?(<!-- end: \2 -->)", re.DOTALL)
# Values that a reader may copy: plausible, and worth nothing to anybody.
SAMPLES = {
    "secret_key": "thay-bang-mot-chuoi-ngau-nhien-tu-32-ky-tu",
    "database_url": "postgresql+psycopg://motcua@/motcua?host=/var/run/postgresql",
    "public_url": "https://motcua.example.vn",
    "hotline": "02910000000",
    "telegram_bot_token": "",
    "telegram_webhook_secret": "",
}
# The README's columns: the label in docs/evaluation.txt, and which of its figures.
MEASURES = {
    "questions": "", "R@1": "", "R@5": "", "clarify": "F1", "needlessly asked back": "",
    "confidently wrong": "", "aspects": "F1", "dialogue turns right": "",
}  # fmt: skip
EXAMPLE_HEAD = """\
# Every setting, with a harmless value; the meanings are in README.md. Written by `make docs`.
# The product reads the environment, not this file: copy it to .env and hand that to systemd
# (EnvironmentFile=) or to the shell (set -a; . ./.env). NAME_FILE=path reads NAME from a file.
"""


def settings() -> str:
    """The settings table."""
    rows = [
        f"| `{name.upper()}` | {_shown(field)} | {_cell(field.description)} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| setting | default | meaning |", "| --- | --- | --- |", *rows])


def _cell(text: str | None) -> str:
    return (text or "").replace("|", r"\|")


def _shown(field: FieldInfo) -> str:
    value = _plain(field.default)
    if value == DEVELOPMENT_SECRET:
        return "refused in production"
    return f"`{value}`" if value else ""


def _plain(value: Any) -> str:
    if isinstance(value, Path):
        return str(value.relative_to(ROOT))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value.value if isinstance(value, Enum) else value)


def tree() -> str:
    """The map: every package and the modules beside its docstring's first sentence."""
    lines = []
    for package in PACKAGES:
        lines.append(_line(ROOT / package / "__init__.py", f"{package}/", 0))
        for path in sorted((ROOT / package).iterdir()):
            init = path / "__init__.py"
            if init.is_file():
                lines.append(_line(init, f"{path.name}/", 1))
            elif path.suffix == ".py" and path.name != "__init__.py":
                lines.append(_line(path, path.name, 1))
    return "\n".join(["```text", *lines, "```"])


def _line(module: Path, name: str, depth: int) -> str:
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    sentence = re.split(r"(?<=\.)\s|\n\n", docstring)[0].replace("\n", " ").rstrip(".:")
    return f"{'  ' * depth + name:<22}{sentence}".rstrip()


def targets() -> str:
    """What `make` can do, from the Makefile's own help."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.findall(r"^([a-z0-9-]+):.*?## (.*)$", makefile, re.MULTILINE)
    return "\n".join(["```text", *(f"make {name:<10} {what}" for name, what in found), "```"])


def commands() -> str:
    """What `python -m backend` can do."""
    return f"```text\n{usage()}\n```"


def rasa() -> str:
    """The embedded engine beside Rasa, as `make bench-rasa` last measured them."""
    return f"```text\n{(ROOT / 'docs' / 'rasa.txt').read_text(encoding='utf-8')}```"


def evaluation() -> str:
    """How right the assistant is, as `make eval` last measured it: whole sets, a row each."""
    text = (ROOT / "docs" / "evaluation.txt").read_text(encoding="utf-8")
    shown, _, _ = text.partition("\nAs people type it")
    machine, *blocks = shown.strip().split("\n\n")
    wholes = [block for block in blocks if ", with" not in block.partition("\n")[0]]
    head = ["set", *MEASURES]
    rows = [_row(cells) for cells in (head, ["---"] * len(head), *map(_scores, wholes))]
    return "\n".join([f"{machine}\n", *rows])


def _scores(block: str) -> list[str]:
    """A set's name and its figures; "–" where it has no labels for one."""
    name, *lines = block.split("\n")
    said = {label: line.partition(label)[2].split() for line in lines for label in MEASURES
            if line.strip().startswith(label)}  # fmt: skip
    cells = [name]
    for label, column in MEASURES.items():
        words = said.get(label, ["–"])
        cells.append(words[0] if words == ["–"] else _figure(words, column))
    return cells


def _figure(words: list[str], column: str) -> str:
    """The figure, and of a share also its count."""
    figure = words[words.index(column) + 1] if column else words[0]
    count = words[1].strip("(;") if not column and len(words) > 1 else ""
    return f"{figure} ({count})" if count else figure


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def learning() -> str:
    """What learning costs beside Kolibri and Moodle, as `make bench-lms` last measured it."""
    text = (ROOT / "docs" / "learning.txt").read_text(encoding="utf-8")
    said = text.partition("$ make bench-lms\n")[2].partition("\n\n")[0]
    return f"```text\n{said.strip()}\n```"


PARTS: dict[str, Callable[[], str]] = {
    "settings": settings,
    "tree": tree,
    "targets": targets,
    "commands": commands,
    "rasa": rasa,
    "evaluation": evaluation,
    "learning": learning,
}


def readme() -> str:
    """README.md as it should be."""
    return PART.sub(
        lambda part: f"{part[1]}{PARTS[part[2]]()}\n{part[3]}", README.read_text(encoding="utf-8")
    )


def example() -> str:
    """.env.example as it should be."""
    values = {name: _plain(field.default) for name, field in Settings.model_fields.items()}
    lines = [f"{name.upper()}={SAMPLES.get(name, value)}" for name, value in values.items()]
    return EXAMPLE_HEAD + "\n".join(_quoted(line) for line in lines) + "\n"


def _quoted(line: str) -> str:
    """A value with spaces or signs needs quotes wherever it is read."""
    name, _, value = line.partition("=")
    return f'{name}="{value}"' if re.search(r"[\s?&,;]", value) else line


def stale() -> list[str]:
    """The files that do not say what the code says."""
    wanted = {README: readme(), EXAMPLE: example()}
    return [p.name for p, text in wanted.items() if p.read_text(encoding="utf-8") != text]


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(f"chưa khớp với mã, xin chạy make docs: {stale()}" if stale() else 0)
    EXAMPLE.write_text(example(), encoding="utf-8")
    README.write_text(readme(), encoding="utf-8")
