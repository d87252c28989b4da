"""`python -m bot chat | ask | poll | zalo | learn`: the assistant in a terminal, over a file, on
chats; logging in to Zalo; what officers taught it.
"""

import argparse
import sys
import uuid
from pathlib import Path

from backend import log, migrations
from backend.config import SettingsError, settings
from backend.errors import AppError, Unavailable


def main() -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("chat", help="trò chuyện ngay trong cửa sổ lệnh")
    ask = commands.add_parser("ask", help="trả lời từng dòng JSON của đầu vào chuẩn")
    ask.add_argument("--jsonl", action="store_true", required=True)
    poll = commands.add_parser("poll", help="nhận tin không cần địa chỉ công khai")
    poll.add_argument("--channel", choices=("telegram", "zalo_bot"), default="telegram")
    zalo = commands.add_parser("zalo", help="kết nối Zalo Official Account")
    zalo.add_argument("action", choices=("login", "status"))
    learn = commands.add_parser("learn", help="những gì cán bộ đã dạy")
    learn.add_argument("action", choices=["export"], help="export: ghi ra tệp cho python -m nlu")
    learn.add_argument("file", type=Path)
    arguments = parser.parse_args()
    log.configure(human=True)
    try:
        check_database()
        return COMMANDS[arguments.command](arguments)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except AppError as refusal:
        print(refusal.message, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def check_database() -> None:
    """There must be tables, of this release, before anybody is asked anything."""
    try:
        is_current = migrations.current() == migrations.head()
    except Unavailable as error:
        raise SettingsError(f"Không mở được cơ sở dữ liệu: {error.__cause__}") from error
    if not is_current:
        raise SettingsError(
            "Cơ sở dữ liệu chưa được chuẩn bị: xin chạy python -m backend prepare rồi thử lại."
        )


def ask_jsonl(_: argparse.Namespace) -> int:
    """Answer standard input on standard output, both UTF-8 whatever the terminal speaks."""
    from bot.ask import answer_lines

    status = 0
    for text, readable in answer_lines(sys.stdin.buffer):
        sys.stdout.buffer.write(f"{text}\n".encode())
        sys.stdout.buffer.flush()
        status = status if readable else 1
    return status


def chat(_: argparse.Namespace) -> int:
    """A conversation in the terminal; it is remembered like any other."""
    from bot.dialogue import engine
    from bot.messages import Incoming, plain

    name = uuid.uuid4().hex[:12]
    print(f"Trợ lý Một Cửa của {settings().province_name}. Gõ câu hỏi; Ctrl-D để thôi.\n")
    while True:
        try:
            text = input("> ")
        except EOFError:
            print()
            return 0
        reply = engine.handle(Incoming("console", name, uuid.uuid4().hex, text=text))
        for message in reply.messages:
            print(f"\n{plain(message.text)}")
            for button in message.buttons:
                print(f"  [{button.label}]" + (f" {button.url}" if button.url else ""))
        print()


def poll(arguments: argparse.Namespace) -> int:
    """A chat by long polling."""
    from bot import polling

    return polling.run(arguments.channel)


def zalo(arguments: argparse.Namespace) -> int:
    """Log in to the Official Account by hand, or say how the log-in stands."""
    import asyncio
    from urllib.parse import parse_qs, urlsplit

    from backend import clock, db
    from bot.channels import CHANNELS
    from bot.messages import Lives
    from bot.zalo import login

    if arguments.action == "login":
        with db.transaction() as session:
            url = login.begin(session, now=clock.now())
        print(f"Quản trị viên của Official Account mở địa chỉ này và đồng ý:\n\n{url}\n")
        answer = input("Dán địa chỉ trang mà trình duyệt mở ra sau đó: ")
        given = {name: values[0] for name, values in parse_qs(urlsplit(answer).query).items()}
        asyncio.run(login.finish(given.get("code", ""), given.get("state", "")))
    channel = CHANNELS["zalo_oa"]
    assert isinstance(channel, Lives)  # noqa: S101 (the registry says so)
    print(f"Zalo Official Account: {channel.standing()}")
    return 0


def learn(arguments: argparse.Namespace) -> int:
    """Write what officers taught into a file that `python -m nlu` reads."""
    from backend import db
    from bot.learning import service as learning
    from nlu import taught

    with db.reading() as session:
        taught.write(learning.taught(session), arguments.file)
    return 0


COMMANDS = {"chat": chat, "ask": ask_jsonl, "poll": poll, "zalo": zalo, "learn": learn}

if __name__ == "__main__":
    sys.exit(main())
