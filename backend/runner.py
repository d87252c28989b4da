"""`python -m backend run`: prepare everything, then keep web and worker running until Ctrl-C.

The two are processes of their own, in sessions of their own, so that Ctrl-C reaches this one only
and it can stop them in order. Each has our pipe as its standard input: when this process dies,
however it dies, the pipe closes and they stop by themselves.
"""

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

from backend import clock
from backend.config import ROOT, SettingsError, settings

TELL_AFTER = 2.0
ROOM = 100 * 2**20
QUICK_DEATH = 5.0
GIVE_UP_AFTER = 3
STOP_SECONDS = 10.0


class CannotStart(SettingsError):  # noqa: N818 (it reads as a sentence)
    """Something outside the product is in the way; the message says what to do about it."""


def run(*, reload: bool = False) -> int:
    """Prepare, start, tell where to go, supervise; the exit code."""
    check_port()
    prepare()
    with step("Tạo dữ liệu mẫu"):
        seed()
    serve = ["serve", "--supervised", *(["--reload"] if reload else [])]
    return supervise([Child("web", serve), Child("worker", ["worker", "--supervised"])])


def prepare() -> None:
    """Everything a release needs before it starts; again and again does no harm."""
    check_folder()
    shutil.rmtree(settings().var_dir / "metrics", ignore_errors=True)  # counts of dead processes
    for label, work in (
        ("Cập nhật cấu trúc cơ sở dữ liệu", migrate),
        ("Biên dịch bản dịch", compile_translations),
        ("Nạp danh mục thủ tục", load_catalogue),
        ("Huấn luyện phần hiểu tiếng Việt", train),
    ):
        with step(label):
            work()


@contextmanager
def step(label: str) -> Iterator[None]:
    """Say what is going on once it has taken two seconds, and how long it took."""
    started, done = clock.stopwatch(), threading.Event()
    ticker = threading.Thread(target=_tick, args=(label, done), daemon=True)
    ticker.start()
    try:
        yield
    finally:
        done.set()
        ticker.join()
    seconds = clock.stopwatch() - started
    end = f"{label}: xong sau {seconds:.0f} giây." if seconds >= TELL_AFTER else f"{label}: xong."
    print(f"\r{end:<60}" if sys.stdout.isatty() else end, flush=True)


def _tick(label: str, done: threading.Event) -> None:
    if done.wait(TELL_AFTER):
        return
    if not sys.stdout.isatty():
        print(f"{label}…", flush=True)
        return
    seconds = TELL_AFTER
    while True:
        print(f"\r{label}… {seconds:.0f} giây", end="", flush=True)
        if done.wait(1):
            return
        seconds += 1


def check_port() -> None:
    """The port must be free before anything is prepared for it."""
    host, port = settings().host, settings().port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CannotStart(
                    f"Cổng {port} đang có chương trình khác dùng: xin tắt chương trình đó, "
                    f"hoặc chọn cổng khác, chẳng hạn PORT={port + 1} make run."
                ) from error
            raise CannotStart(
                f"Không mở được {host}:{port} ({error.strerror}): xin xem lại HOST và PORT."
            ) from error


def check_folder() -> None:
    """Database, model and counters lie in one folder, which must be ours to write."""
    folder = settings().var_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CannotStart(
            f"Thư mục {folder} không ghi được ({error.strerror}): "
            "xin xem lại quyền, hoặc đặt VAR_DIR sang thư mục khác."
        ) from error
    if (free := shutil.disk_usage(folder).free) < ROOM:
        raise CannotStart(
            f"Ổ đĩa của thư mục {folder} chỉ còn {free // 2**20} MB trống, cần ít nhất "
            f"{ROOM // 2**20} MB: xin dọn bớt, hoặc đặt VAR_DIR sang ổ khác."
        )


def migrate() -> None:
    """The tables of this release."""
    from backend import migrations

    migrations.upgrade()


def compile_translations() -> None:
    """The catalogues in the form that gettext reads, where they changed."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in (ROOT / "locales").glob("*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name)
        with compiled.open("wb") as file:
            write_mo(file, catalogue)


def load_catalogue() -> None:
    """The procedures that the product ships, where they changed."""
    from backend.procedures import loader

    loader.load_shipped()


def train() -> None:
    """The understanding model, where data or code are newer; in a process of its own."""
    model = settings().var_dir / "nlu"
    sources = [*(ROOT / "nlu").glob("*.py"), *(ROOT / "nlu" / "data").rglob("*.*")]
    learned = [file.stat().st_mtime for file in model.glob("*")]
    if learned and min(learned) > max(file.stat().st_mtime for file in sources):
        return
    command = [sys.executable, "-m", "nlu", "train", "--out", str(model)]
    trained = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if trained.returncode:
        raise CannotStart(f"Không huấn luyện được phần hiểu tiếng Việt:\n{trained.stderr}")


def seed() -> None:
    """Demo people, dossiers and whatever else a part brings; what is there is left alone."""
    from backend import db
    from backend.main import PARTS

    with db.transaction() as session:
        for part in PARTS:
            if part.seed is not None:
                part.seed(session)


class Child:
    """One process of the product: started again whenever it dies."""

    def __init__(self, name: str, arguments: list[str]) -> None:
        self.name = name
        self.command = [sys.executable, "-m", "backend", *arguments]
        self.deaths = 0
        self.start()

    def start(self) -> None:
        """Start it, deaf to our terminal's Ctrl-C."""
        self.started = clock.stopwatch()
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True
        )

    def revive(self) -> None:
        """Start it again if it died; three deaths right after the start are enough."""
        if self.process.poll() is None:
            return
        self.close()
        lived = clock.stopwatch() - self.started
        self.deaths = self.deaths + 1 if lived < QUICK_DEATH else 1
        if self.deaths >= GIVE_UP_AFTER:
            raise CannotStart(f"Phần {self.name} không khởi động được: xin xem lý do ở trên.")
        print(
            f"Phần {self.name} đã dừng (mã {self.process.returncode}), đang chạy lại.", flush=True
        )
        self.start()

    def stop(self, deadline: float) -> None:
        """Wait for a polite end until the deadline, then insist."""
        try:
            self.process.wait(timeout=max(0.1, deadline - clock.stopwatch()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.close()

    def close(self) -> None:
        """Give the pipe back."""
        if self.process.stdin:
            self.process.stdin.close()


def supervise(children: list[Child]) -> int:
    """Keep them running until somebody asks for the end."""
    end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: end.set())
    told = False
    try:
        while not end.wait(0.3):
            for child in children:
                child.revive()
            if not told and answers():
                told = True
                print(welcome(), flush=True)
    finally:
        print("\nĐang dừng…", flush=True)
        for child in children:
            child.process.terminate()
        deadline = clock.stopwatch() + STOP_SECONDS
        for child in children:
            child.stop(deadline)
    return 0


def address() -> str:
    """Where the web is on this machine, whatever citizens see."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings().host, settings().host)  # noqa: S104 (compared)
    return f"http://{host}:{settings().port}"


def answers() -> bool:
    """Whether the web is up."""
    try:
        with urlopen(f"{address()}/healthz", timeout=1) as answer:  # noqa: S310 (our own address)
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def welcome() -> str:
    """Where to go, and whom to be."""
    from backend.accounts.demo import DEMO_LOGINS

    lines = [
        "",
        "Trợ lý Một Cửa đang chạy:",
        f"  Trò chuyện   {address()}/",
        f"  Thủ tục      {address()}/thu-tuc",
        f"  API          {address()}/openapi.json",
        f"  Cán bộ       {address()}/dang-nhap",
    ]
    if settings().demo_accounts:
        lines += [f"    {login} / {word}: {who}" for login, word, who in DEMO_LOGINS]
    return "\n".join([*lines, "Nhấn Ctrl-C để dừng.", ""])


def stop_with_parent() -> None:
    """End this process politely when whoever supervises it is gone."""

    def wait() -> None:
        # Not through `sys.stdin`: its lock, held here, would trip the interpreter when it ends.
        os.read(0, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()
