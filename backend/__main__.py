"""The command line: `python -m backend COMMAND`; each command imports only what it needs."""

import argparse
import os
import sys
from collections.abc import Callable

from backend.config import SettingsError, count_in_files, settings

Command = Callable[[list[str]], int]


def run(arguments: list[str]) -> int:
    """Chuẩn bị mọi thứ rồi chạy web và worker, để dùng thử và phát triển."""
    parser = argparse.ArgumentParser(prog="python -m backend run", description=run.__doc__)
    parser.add_argument("--reload", action="store_true", help="nạp lại khi mã đổi")
    wanted = parser.parse_args(arguments)
    if "environment" not in settings().model_fields_set:
        # Trying out is not production: the same again, with the settings of development.
        development = ["ENVIRONMENT=development", "DEMO_ACCOUNTS=true"]
        os.execvp("env", ["env", *development, sys.executable, *sys.orig_argv[1:]])  # noqa: S606, S607 (POSIX env)
    from backend import runner

    return runner.run(reload=wanted.reload)


def serve(arguments: list[str]) -> int:
    """Chạy phần web (uvicorn)."""
    parser = argparse.ArgumentParser(prog="python -m backend serve", description=serve.__doc__)
    parser.add_argument("--processes", type=int, default=1, help="số tiến trình web")
    parser.add_argument("--reload", action="store_true", help="nạp lại khi mã đổi")
    parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args(arguments)
    count_in_files()
    import uvicorn

    from backend import runner

    if wanted.supervised:
        runner.stop_with_parent()
    uvicorn.run(
        "backend.main:app",
        host=settings().host,
        port=settings().port,
        workers=wanted.processes,
        reload=wanted.reload,
        reload_dirs=["backend", "bot", "lms", "nlu"] if wanted.reload else None,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # backend.http decides which proxies are believed
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    return 0


def work(arguments: list[str]) -> int:
    """Chạy worker: gửi lại, nhắc hẹn, việc định kỳ."""
    parser = argparse.ArgumentParser(prog="python -m backend worker", description=work.__doc__)
    parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args(arguments)
    count_in_files()
    import asyncio
    import signal

    from backend import runner
    from backend.main import PARTS
    from backend.worker import Runner

    async def until_stopped() -> None:
        periodic = {name: every for part in PARTS for name, every in part.periodic.items()}
        worker = Runner(polls=True, periodic=periodic)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, worker.stop)
        waking = [asyncio.create_task(asyncio.to_thread(p.wake)) for p in PARTS if p.wake]
        await worker.run()
        await asyncio.gather(*waking)

    if wanted.supervised:
        runner.stop_with_parent()
    asyncio.run(until_stopped())
    return 0


def migrate(arguments: list[str]) -> int:
    """Cập nhật cấu trúc cơ sở dữ liệu."""
    parser = argparse.ArgumentParser(prog="python -m backend migrate", description=migrate.__doc__)
    parser.add_argument("--new", metavar="TITLE", help="viết một bản di trú mới từ models.py")
    wanted = parser.parse_args(arguments)
    from backend import migrations, runner

    runner.check_folder()
    migrations.upgrade()
    if wanted.new:
        number = int(migrations.head() or 0) + 1
        migrations.make(wanted.new, rev_id=f"{number:04d}")
    return 0


def prepare(_: list[str]) -> int:
    """Chuẩn bị một bản phát hành: cơ sở dữ liệu, danh mục, bản dịch, mô hình."""
    from backend import runner

    runner.prepare()
    return 0


def load(_: list[str]) -> int:
    """Nạp danh mục thủ tục đi kèm sản phẩm."""
    from backend import runner

    runner.load_catalogue()
    return 0


def seed(_: list[str]) -> int:
    """Tạo dữ liệu mẫu trong cơ sở dữ liệu trống."""
    from backend import runner

    runner.seed()
    return 0


def check(_: list[str]) -> int:
    """Kiểm tra cài đặt và tình trạng của hệ thống."""
    from backend.main import PARTS

    for part in PARTS:
        if part.wake:
            part.wake()
    checks = {name: found for part in PARTS for name, found in part.readiness.items()}
    failed = 0
    for name, found in checks.items():
        result = found()
        failed += not result.ok
        print(f"{'đạt      ' if result.ok else 'KHÔNG ĐẠT'}  {name}: {result.detail}")
    return int(failed > 0)


def procedures(arguments: list[str]) -> int:
    """Xem và nạp thủ tục: show, import."""
    from backend.procedures import cli

    return cli.main(arguments)


def places(arguments: list[str]) -> int:
    """Xem và nạp trung tâm một cửa: import."""
    from backend.places import cli

    return cli.main(arguments)


def people(arguments: list[str]) -> int:
    """Xem và nạp danh sách cơ quan, cán bộ: import."""
    from backend.people import cli

    return cli.main(arguments)


def officers(arguments: list[str]) -> int:
    """Thêm cán bộ: officers add TÊN."""
    from backend.accounts import cli

    return cli.main(arguments)


def audit(arguments: list[str]) -> int:
    """Kiểm tra nhật ký kiểm toán: audit verify [MÃ ĐÃ GHI LẠI]."""
    parser = argparse.ArgumentParser(prog="python -m backend audit", description=audit.__doc__)
    parser.add_argument("command", choices=["verify"])
    parser.add_argument("digest", nargs="?", default="", help="mã in trên báo cáo đã chốt")
    wanted = parser.parse_args(arguments)
    from backend import audit as log
    from backend import db

    with db.reading() as session:
        found = log.verify(session, wanted.digest)
    if found.broken_at is not None:
        print(f"KHÔNG KHỚP từ dòng {found.broken_at}.")
    elif not found.has_known:
        print("KHÔNG CÓ mã này trong nhật ký.")
    else:
        print(f"Khớp: {found.records} dòng, mã cuối {found.digest}")
    return int(not found.is_whole)


COMMANDS: dict[str, Command] = {
    "run": run,
    "serve": serve,
    "worker": work,
    "prepare": prepare,
    "migrate": migrate,
    "load": load,
    "seed": seed,
    "check": check,
    "procedures": procedures,
    "places": places,
    "people": people,
    "officers": officers,
    "audit": audit,
}


def usage() -> str:
    """Every command with its sentence."""
    lines = [f"  {name:<12}{command.__doc__}" for name, command in COMMANDS.items()]
    return "\n".join(["python -m backend COMMAND", "", *lines])


def main(arguments: list[str]) -> int:
    """Run one command; what stands in its way is said in one sentence."""
    command = COMMANDS.get(arguments[0]) if arguments else None
    if command is None:
        print(usage())
        return 0 if arguments[:1] in ([], ["help"], ["--help"], ["-h"]) else 2
    try:
        return command(arguments[1:])
    except SettingsError as error:
        print(error, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
