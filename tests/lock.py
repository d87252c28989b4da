"""`make lock`: compile the dependencies of pyproject.toml into exact pins, by pip's resolver."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

RUNTIME = Path("requirements.txt")
CHECKS = Path("tests/requirements.txt")

RUNTIME_HEAD = """\
# Exact pins to run the product, compiled from pyproject.toml by `make lock`: do not edit by hand.
# Rasa is not here and must never be: its last release needs Python 3.10 and older SQLAlchemy and
# pydantic. It is a server of its own, with pins of its own: nlu/rasa/requirements.txt.
"""
CHECKS_HEAD = """\
# Exact pins to check the product, compiled from pyproject.toml by `make lock`: do not edit by hand.
-r ../requirements.txt
"""


def resolve(wanted: list[str]) -> dict[str, str]:
    """Every package that pip would install on an empty environment, with its version."""
    pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
    report = subprocess.run([*pip, "--report", "-", *wanted], check=True, capture_output=True)
    installs = json.loads(report.stdout)["install"]
    return {item["metadata"]["name"].lower(): item["metadata"]["version"] for item in installs}


def pins(packages: dict[str, str]) -> str:
    return "".join(f"{name}=={version}\n" for name, version in sorted(packages.items()))


def main() -> None:
    """Resolve the runtime first, then the checks on top of it, so that both agree."""
    intent = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    runtime = resolve(intent["project"]["dependencies"])
    RUNTIME.write_text(RUNTIME_HEAD + pins(runtime), encoding="utf-8")
    checks = resolve(["-r", str(RUNTIME), *intent["dependency-groups"]["dev"]])
    added = {name: version for name, version in checks.items() if name not in runtime}
    CHECKS.write_text(CHECKS_HEAD + pins(added), encoding="utf-8")


if __name__ == "__main__":
    main()
