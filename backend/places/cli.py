"""`python -m backend places import FILE [--apply] | find TEXT`."""

import argparse
import sys
from pathlib import Path

from backend import clock, db
from backend.places import service as places
from backend.places.importer import Unreadable, read

_KINDS = {"centres": "trung tâm", "communes": "đơn vị hành chính cũ"}


def main(arguments: list[str]) -> int:
    """Run one subcommand; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m backend places")
    commands = parser.add_subparsers(dest="command", required=True)
    importing = commands.add_parser("import", help="xem trước, và với --apply thì nạp danh sách")
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.add_argument("--apply", action="store_true", help="nạp thật, không chỉ xem trước")
    finding = commands.add_parser("find", help="tìm trung tâm theo tên xã, phường")
    finding.add_argument("text")
    given = parser.parse_args(arguments)
    if given.command == "find":
        return find(given.text)
    return import_file(given.file, apply=given.apply)


def import_file(path: Path, *, apply: bool) -> int:
    """Print what an import changes and, with `apply`, store it."""
    try:
        sheet = read(path)
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 1
    if apply:
        with db.transaction() as session:
            plan = places.plan(session, sheet)
            places.apply(session, plan, clock.now())
    else:
        with db.reading() as session:
            plan = places.plan(session, sheet)
    _tell(plan)
    print(f"Đã nạp: {plan.changes} thay đổi." if apply else "Chưa nạp gì. Thêm --apply để nạp.")
    return 0


def find(text: str) -> int:
    """Print the centres of a commune and what an old one became."""
    with db.reading() as session:
        centres = places.find(session, text)
        old = places.became(session, text)
        for centre in centres:
            print(
                " · ".join(filter(None, (centre.name, centre.address, centre.hours, centre.phone)))
            )
        for row in old:
            print(f"{row.old_name} ({row.old_district}) → {row.new_name}, {row.new_province}")
    return int(not centres and not old)


def _tell(plan: places.Plan) -> None:
    print(
        f"Danh sách {_KINDS[plan.kind]}. Mới: {len(plan.new)}. Thay đổi: {len(plan.changed)}."
        f" Không đổi: {plan.unchanged}. Từ chối: {len(plan.rejected)}."
    )
    for _, values, fields in plan.changed:
        print(f"Thay đổi {values.get('name') or values.get('old_name')}")
        for name, (before, after) in fields.items():
            print(f"  {name}: {before or '(trống)'} → {after or '(trống)'}")
    for origin, reason in plan.rejected:
        print(f"Từ chối {origin}: {reason}")
