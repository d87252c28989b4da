"""The installer says in one sentence what stands in its way."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backend import install
from backend.config import ROOT

NO_COMPILER = """\
  Building wheel for cpkg (pyproject.toml): finished with status 'error'
      error: [Errno 2] No such file or directory: '/nonexistent/gcc'
  ERROR: Failed building wheel for cpkg
"""
NO_NETWORK = """\
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)'
ERROR: No matching distribution found for fastapi==0.165.0
"""
FULL_DISK = (
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
)
LOCKED = "ERROR: Could not install packages: [Errno 13] Permission denied: '.venv/lib/x.py'"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (NO_COMPILER, "build-essential"),
        (NO_NETWORK, "kết nối mạng"),
        (FULL_DISK, "Ổ đĩa đã đầy"),
        (LOCKED, "không ghi được"),
        ("something else", "Cài đặt không thành công"),
    ],
)
def test_what_pip_says_becomes_a_sentence(said: str, told: str) -> None:
    assert told in install.reason(said)


def test_old_interpreters_can_read_it() -> None:
    source = (ROOT / "backend" / "install.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))


def test_an_old_python_alone_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SystemExit, match=r"xin cài Python 3\.11 trở lên"):
        install._newer_python()


def test_a_newer_python_is_found_but_not_a_dead_shim(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dead, alive = tmp_path / "python3.11", tmp_path / "python3.12"
    dead.write_text("#!/bin/sh\nexit 1\n")
    dead.chmod(0o755)
    alive.symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert install._newer_python() == str(alive)


def copied(folder: Path) -> Path:
    (folder / "backend").mkdir()
    shutil.copy(ROOT / "backend" / "install.py", folder / "backend")
    (folder / "backend" / "__init__.py").touch()
    (folder / "requirements.txt").touch()
    return folder


def installer(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend.install", "requirements.txt"],
        cwd=folder, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1"},
    )  # fmt: skip


@pytest.mark.slow
def test_a_second_time_does_nothing(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    first, second = installer(folder), installer(folder)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert "Đang cài" in first.stdout
    assert second.stdout == ""
    (folder / "requirements.txt").write_text("no-such-package==9\n")
    third = installer(folder)
    assert third.returncode == 1
    assert "kết nối mạng" in third.stderr
    assert "Traceback" not in third.stderr
