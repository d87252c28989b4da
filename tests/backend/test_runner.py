"""`python -m backend run`: what stands in its way, restarts, and a clean end."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from backend import runner
from backend.config import ROOT, Settings

WAIT = 90.0


def configured(monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    settings = Settings.model_validate(values)
    monkeypatch.setattr(runner, "settings", lambda: settings)


def test_a_taken_port_is_named_and_another_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        configured(monkeypatch, port=port)
        with pytest.raises(runner.CannotStart, match=rf"Cổng {port} .*PORT={port + 1} make run"):
            runner.check_port()


def test_an_address_of_another_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    configured(monkeypatch, host="192.0.2.1")
    with pytest.raises(runner.CannotStart, match="HOST"):
        runner.check_port()


def test_a_folder_that_cannot_be_written_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    configured(monkeypatch, var_dir=tmp_path / "file" / "var")
    with pytest.raises(runner.CannotStart, match=r"file/var không ghi được.*VAR_DIR"):
        runner.check_folder()


def test_progress_is_shown_only_for_what_takes_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "TELL_AFTER", 0.05)
    with runner.step("Việc dài"):
        time.sleep(0.2)
    assert capsys.readouterr().out.splitlines() == ["Việc dài…", "Việc dài: xong sau 0 giây."]
    with runner.step("Việc ngắn"):
        pass
    assert capsys.readouterr().out == "Việc ngắn: xong.\n"


def test_a_process_that_dies_at_once_is_given_up(capsys: pytest.CaptureFixture[str]) -> None:
    child = runner.Child("web", ["no-such-command"])
    for _ in range(runner.GIVE_UP_AFTER - 1):
        child.process.wait(timeout=20)
        child.revive()
    child.process.wait(timeout=20)
    with pytest.raises(runner.CannotStart, match="Phần web không khởi động được"):
        child.revive()
    assert capsys.readouterr().out.count("đang chạy lại") == runner.GIVE_UP_AFTER - 1


class Product:
    """The whole product, started as a person would."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.log = folder / "log"
        environment = {
            "PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", "VAR_DIR": str(folder / "var"),
            "PORT": str(self.port),
        }  # fmt: skip
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "backend", "run"],
                cwd=ROOT, env=environment, stdout=log, stderr=log,
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, text: str, times: int = 1) -> None:
        deadline = time.monotonic() + WAIT
        while self.said.count(text) < times:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.1)

    def answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def children(self) -> dict[str, int]:
        """Command (serve, worker) → process id."""
        listed = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        found = re.findall(r"(\d+) .*-m backend (\w+)", listed)
        return {command: int(pid) for pid, command in found}

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    started = Product(tmp_path)
    yield started
    started.close()


@pytest.mark.slow
def test_it_starts_survives_kill_and_stops_without_a_trace(product: Product) -> None:
    product.wait_for("Nhấn Ctrl-C để dừng.")
    assert product.answers()
    for name in ("serve", "worker"):
        os.kill(product.children()[name], signal.SIGKILL)
    product.wait_for("đang chạy lại", times=2)
    deadline = time.monotonic() + WAIT
    while not product.answers():
        assert time.monotonic() < deadline, product.said
        time.sleep(0.1)
    children = product.children()
    product.process.send_signal(signal.SIGINT)
    assert product.process.wait(timeout=20) == 0, product.said
    assert "Traceback" not in product.said
    assert not [pid for pid in children.values() if Path(f"/proc/{pid}").exists()]


@pytest.mark.slow
def test_its_processes_end_when_it_is_killed(product: Product) -> None:
    product.wait_for("Nhấn Ctrl-C để dừng.")
    children = product.children()
    assert sorted(children) == ["serve", "worker"]
    product.process.kill()
    product.process.wait()
    deadline = time.monotonic() + 20
    while alive := [pid for pid in children.values() if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline, f"still there: {alive}"
        time.sleep(0.1)
