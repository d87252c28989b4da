"""`python -m backend officers add LOGIN`: the first people of a production system."""

import argparse
import getpass
import sys

from backend import clock, db
from backend.accounts import service as accounts
from backend.accounts.roles import Role
from backend.errors import AppError


def main(arguments: list[str]) -> int:
    """Run one command; the password is asked for, never taken from the command line."""
    parser = argparse.ArgumentParser(prog="python -m backend officers")
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="thêm một cán bộ")
    add.add_argument("login", help="tên đăng nhập")
    add.add_argument("--name", required=True, help="họ và tên")
    add.add_argument("--role", required=True, choices=[role.value for role in Role])
    add.add_argument("--agency", default="", help="cơ quan")
    wanted = parser.parse_args(arguments)
    password = getpass.getpass("Mật khẩu: ") if sys.stdin.isatty() else sys.stdin.readline()
    try:
        with db.transaction() as session:
            accounts.create(
                session, wanted.login, name=wanted.name, role=Role(wanted.role),
                password=password.rstrip("\n"), agency=wanted.agency, now=clock.now(),
            )  # fmt: skip
    except AppError as refusal:
        print(refusal.message, file=sys.stderr)
        return 1
    print(f"Đã thêm {wanted.login}.")
    return 0
