"""`python -m backend people import FILE [--agency CODE] [--apply]`."""

import argparse
import sys
from datetime import date
from pathlib import Path

from backend import clock, db
from backend.accounts.roles import Role, SignedIn
from backend.errors import AppError
from backend.people import officers, roster
from backend.people import service as people
from backend.people.compare import Plan, Standing

# Whoever has the command line answers for all agencies.
_OPERATOR = SignedIn(0, "cli", "cli", Role.ADMINISTRATOR)


def main(arguments: list[str]) -> int:
    """Run one subcommand; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m backend people")
    commands = parser.add_subparsers(dest="command", required=True)
    importing = commands.add_parser("import", help="xem trước, và với --apply thì nạp danh sách")
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.add_argument("--agency", default="", metavar="CODE", help="danh sách của cơ quan này")
    importing.add_argument("--since", type=date.fromisoformat, help="áp dụng từ ngày YYYY-MM-DD")
    importing.add_argument("--open", action="store_true", help="mở cả những cơ quan chưa có")
    importing.add_argument("--left", action="store_true", help="người không có tên là đã nghỉ")
    importing.add_argument("--apply", action="store_true", help="nạp thật, không chỉ xem trước")
    given = parser.parse_args(arguments)
    try:
        return _import(given)
    except OSError as error:
        print(f"{given.file}: {error.strerror}", file=sys.stderr)
    except AppError as refusal:
        print(refusal.message, file=sys.stderr)
    return 1


def _import(given: argparse.Namespace) -> int:
    data, now = given.file.read_bytes(), clock.now()
    with db.transaction() as session:
        agency = people.agency(session, given.agency) if given.agency else None
        draft = roster.receive(
            session, _OPERATOR, data, given.file.name, since=given.since or clock.today(),
            agency_id=agency.id if agency else None, now=now,
        )  # fmt: skip
        plan = roster.plan(session, _OPERATOR, draft)
        _tell(plan)
        if not given.apply:
            session.delete(draft)
            print("Chưa nạp gì. Thêm --apply để nạp.")
            return 0
        done = roster.apply(
            session, _OPERATOR, draft, mark=plan.mark, now=now,
            opening={opening.code for opening in plan.openings} if given.open else (),
            leaving={known.person_id for known in plan.left} if given.left else (),
        )  # fmt: skip
        officers.follow(session, at=clock.today(), now=now)
    print(f"Đã nạp: {done.total} thay đổi. Bỏ qua: {done.skipped} dòng.")
    return 0


def _tell(plan: Plan) -> None:
    names = {
        Standing.NEW: "Mới", Standing.CHANGED: "Thay đổi", Standing.UNCHANGED: "Không đổi",
        Standing.ERROR: "Lỗi",
    }  # fmt: skip
    print(". ".join(f"{name}: {plan.count(standing)}" for standing, name in names.items()) + ".")
    for line in plan.lines:
        for problem in line.problems:
            print(f"Dòng {line.entry.row}: {problem}")
        for change in line.changes:
            print(f"Dòng {line.entry.row}: {change.field}: {change.before} → {change.after}")
    for opening in plan.openings:
        print(f"Cơ quan chưa có: {opening.code} {opening.name} ({opening.people} người)")
    for known in plan.left:
        print(f"Không có tên trong tệp: {known.code} {known.name}")
