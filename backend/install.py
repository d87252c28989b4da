"""Build .venv from a pins file: the one module that runs before anything is installed.

It uses the standard library only and stays readable by any Python 3.6, so that an old
interpreter can say that it is too old, in one sentence.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
VENV = Path(".venv")
LOG = VENV / "install.log"

# What pip's output says, and what to tell the person who reads it. The first match wins.
REASONS = (
    (r"No space left on device", "Ổ đĩa đã đầy: xin dọn bớt chỗ trống rồi chạy lại."),
    (
        r"Permission denied|Read-only file system",
        "Thư mục .venv không ghi được: xin xem lại quyền.",
    ),
    (
        r"command '?[\w-]*(gcc|cc|clang|cl\.exe)|Python\.h|Failed (to build|building wheel)",
        "Máy thiếu trình biên dịch C: xin cài build-essential và python3-dev rồi chạy lại.",
    ),
    (
        r"Temporary failure|Connection|Max retries|timed out|No matching distribution",
        "Không tải được gói từ kho PyPI: xin xem lại kết nối mạng rồi chạy lại.",
    ),
)


def install(pins: Path) -> None:
    """Make .venv hold what the pins say; nothing happens when it already does."""
    stamp = VENV / f".installed-{pins.parent.name or 'product'}"
    wanted = _fingerprint(pins)
    if not _works(VENV / "bin" / "python"):
        _create()
    elif stamp.is_file() and stamp.read_text() == wanted:
        return
    print(f"Đang cài các gói trong {pins} (lần đầu có thể mất vài phút)…", flush=True)
    _pip(pins)
    stamp.write_text(wanted)
    print("\rĐã cài xong.        " if sys.stdout.isatty() else "Đã cài xong.", flush=True)


def _fingerprint(pins: Path) -> str:
    """The pins themselves, and the root pins they include."""
    texts = [path.read_bytes() for path in sorted({pins, Path("requirements.txt")})]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def _works(python: Path) -> bool:
    """Ask the interpreter itself: a dead shim, or an .venv copied along, may bear its name."""
    probe = f"import sys; raise SystemExit(sys.version_info < {OLDEST!r})"
    try:
        return not subprocess.call([str(python), "-c", probe], stderr=subprocess.DEVNULL)
    except OSError:
        return False


def _create() -> None:
    shutil.rmtree(str(VENV), ignore_errors=True)
    try:
        made = subprocess.run(
            [sys.executable, "-m", "venv", str(VENV)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        VENV.mkdir(exist_ok=True)
    except OSError as error:
        sys.exit(f"Thư mục {Path.cwd()} không ghi được ({error.strerror}): xin xem lại quyền.")
    if made.returncode:
        said = made.stdout.decode("utf-8", "replace")
        if "Permission" in said or "Read-only" in said:
            sys.exit(f"Thư mục {Path.cwd()} không ghi được: xin xem lại quyền.")
        sys.exit(
            "Python này thiếu phần tạo môi trường riêng (venv): xin cài "
            "(Debian, Ubuntu: apt-get install python3-venv) rồi chạy lại."
        )


def _pip(pins: Path) -> None:
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    try:
        with LOG.open("wb") as log:
            process = subprocess.Popen([*pip, "-r", str(pins)], stdout=log, stderr=log)
            failed = _watched(process)
    except OSError as error:
        sys.exit(f"Thư mục {VENV} không ghi được ({error.strerror}): xin xem lại quyền.")
    if failed:
        said = LOG.read_text(encoding="utf-8", errors="replace")
        sys.exit(f"{reason(said)} Chi tiết: {LOG}")


def _watched(process: "subprocess.Popen[bytes]") -> int:
    """Show how long it has taken: every second on a screen, every ten in a file."""
    seconds, is_screen = 0, sys.stdout.isatty()
    while True:
        try:
            return process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            seconds += 1
        except KeyboardInterrupt:
            process.wait()
            sys.exit(130)
        if is_screen or seconds % 10 == 0:
            packages = LOG.read_text(encoding="utf-8", errors="replace").count("Collecting ")
            told = f"  {seconds} giây, {packages} gói"
            print(f"\r{told}" if is_screen else told, end="" if is_screen else "\n", flush=True)


def reason(said: str) -> str:
    """One sentence for what pip said at length."""
    reasons = (told for pattern, told in REASONS if re.search(pattern, said))
    return next(reasons, "Cài đặt không thành công.")


def _newer_python() -> str:
    """Another interpreter on this machine that is new enough, or an end with one sentence."""
    for minor in range(OLDEST[1], 20):
        found = shutil.which(f"python3.{minor}")
        if found and _works(Path(found)):
            return found
    here = ".".join(str(part) for part in sys.version_info[:2])
    return sys.exit(f"Python {here} cũ quá: xin cài Python 3.11 trở lên rồi chạy lại.")


if __name__ == "__main__":
    if sys.version_info < OLDEST:  # true on the machines this file exists for
        sys.exit(subprocess.call([_newer_python(), "-m", "backend.install", *sys.argv[1:]]))
    install(Path(sys.argv[1]))
