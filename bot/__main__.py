"""`python -m bot chat | ask | poll`: the assistant in a terminal, over a file, on Telegram."""

import argparse
import sys
import uuid

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
    commands.add_parser("poll", help="nhận tin Telegram không cần địa chỉ công khai")
    arguments = parser.parse_args()
    log.configure(human=True)
    try:
        check_database()
        return {"chat": chat, "ask": ask_jsonl, "poll": poll}[arguments.command]()
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


def ask_jsonl() -> int:
    """Answer standard input on standard output, both UTF-8 whatever the terminal speaks."""
    from bot.ask import answer_lines

    status = 0
    for text, readable in answer_lines(sys.stdin.buffer):
        sys.stdout.buffer.write(f"{text}\n".encode())
        sys.stdout.buffer.flush()
        status = status if readable else 1
    return status


def chat() -> int:
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


def poll() -> int:
    """Telegram by long polling."""
    from bot import polling

    return polling.run()


if __name__ == "__main__":
    sys.exit(main())
