"""`python -m backend procedures import PATH… | show CODE`."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from backend import clock, db
from backend.procedures import service as procedures
from backend.procedures.importers import Parsed, Rejected, read
from backend.procedures.plan import Change, Plan
from backend.procedures.record import Record, Tier

MOST_SHOWN = 20  # changed procedures told field by field
_WIDTH = 30  # of the progress bar
_LONGEST_VALUE = 90


def main(arguments: list[str]) -> int:
    """Run one subcommand; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m backend procedures")
    commands = parser.add_subparsers(dest="command", required=True)
    importing = commands.add_parser("import", help="xem trước, và với --apply thì nạp thủ tục")
    importing.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    importing.add_argument("--apply", action="store_true", help="nạp thật, không chỉ xem trước")
    importing.add_argument("--date", type=date.fromisoformat, help="ngày của dữ liệu (YYYY-MM-DD)")
    importing.add_argument("--tier", type=Tier, choices=list(Tier), help="nạp vào tầng này")
    showing = commands.add_parser("show", help="xem bản ghi dùng để trả lời")
    showing.add_argument("code")
    showing.add_argument("--json", action="store_true", help="đầy đủ, dạng JSON")
    given = parser.parse_args(arguments)
    if given.command == "show":
        return show(given.code, as_json=given.json)
    return import_files(given.paths, apply=given.apply, when=given.date, tier=given.tier)


def import_files(
    paths: Iterable[Path], *, apply: bool, when: date | None = None, tier: Tier | None = None
) -> int:
    """Print what an import changes and, with `apply`, store it; 1 if nothing could be read."""
    parsed = [_in_tier(one, tier) for path in _files(paths) for one in _watched(path, when)]
    if not apply:
        with db.reading() as session:
            plan = procedures.plan(session, parsed)
        _tell(plan)
        print("Chưa nạp gì. Thêm --apply để nạp.")
    else:
        with db.transaction() as session:
            plan = procedures.plan(session, parsed)
            changed = procedures.apply(session, plan, clock.now())
        _tell(plan)
        print(f"Đã nạp: {changed} thay đổi.")
    return int(len(plan.rejected) == len(parsed))


def show(code: str, *, as_json: bool) -> int:
    """Print the record that an answer about this code is made from."""
    with db.reading() as session:
        resolved = procedures.resolve(session, code)
    if resolved is None:
        print(f"Không có thủ tục nào mang mã {code}.", file=sys.stderr)
        return 1
    if as_json:
        print(json.dumps(shown(resolved), ensure_ascii=False, indent=2))
    else:
        record = resolved.record
        print(f"{record.code}  {record.name}")
        for line in filter(None, (resolved.note, record.field, record.summary)):
            print(f"  {line}")
    return 0


def shown(resolved: procedures.Resolved) -> dict[str, object]:
    """The record as JSON, with `level` for its levels."""
    record = resolved.record.model_dump(mode="json")
    first = {"code": record.pop("code"), "name": record.pop("name"), "level": record.pop("levels")}
    return first | record | {"asked_code": resolved.asked_code, "note": resolved.note}


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files, and those directly inside the folders."""
    for path in paths:
        if path.is_dir():
            yield from sorted(inside for inside in path.iterdir() if inside.is_file())
        else:
            yield path


def _watched(path: Path, when: date | None) -> Iterator[Parsed]:
    """Everything in a file, with a bar on standard error while it takes time."""
    lines = max(1, _lines(path))
    started = last = clock.stopwatch()
    for done, one in enumerate(read(path, when), 1):
        yield one
        if clock.stopwatch() - last > 0.2:
            last = clock.stopwatch()
            _draw(path.name, min(1.0, done / lines))
    if last > started:
        _draw(path.name, 1.0)
        print(file=sys.stderr)


def _lines(path: Path) -> int:
    """About how many records a file has, for the bar."""
    import gzip

    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return sum(1 for _ in file)
    except OSError:
        return 1


def _draw(name: str, share: float) -> None:
    full = round(share * _WIDTH)
    bar = "█" * full + "·" * (_WIDTH - full)
    print(f"\r{name}  {bar} {share:4.0%}", end="", file=sys.stderr, flush=True)


def _in_tier(parsed: Parsed, tier: Tier | None) -> Parsed:
    """The same in another tier; an overlay gives only the fields that say something."""
    if tier is None or not isinstance(parsed.found, Record):
        return parsed
    given = {name: getattr(parsed.found, name) for name in parsed.found.model_fields_set}
    if tier is Tier.OVERLAY:
        given = {name: value for name, value in given.items() if value not in ((), "", None)}
        given.setdefault("name", parsed.found.name)
    return Parsed(parsed.origin, Record(**given | {"tier": tier}), parsed.source)


def _tell(plan: Plan) -> None:
    print(
        f"Mới: {len(plan.new)}. Thay đổi: {len(plan.changed)}. Mã cũ – mã mới: {len(plan.aliases)}."
        f" Không đổi: {len(plan.unchanged)}. Đã có bản tốt hơn: {len(plan.outranked)}."
        f" Từ chối: {len(plan.rejected)}."
    )
    for change in plan.changed[:MOST_SHOWN]:
        _tell_change(change)
    if len(plan.changed) > MOST_SHOWN:
        print(f"… và {len(plan.changed) - MOST_SHOWN} thủ tục thay đổi khác.")
    for one in plan.rejected:
        if isinstance(one.found, Rejected):
            print(f"Từ chối {one.origin}: {one.found.reason}")


def _tell_change(change: Change) -> None:
    record = change.entry.record
    print(f"Thay đổi {record.code} ({record.tier}) {record.name}")
    for name, (before, after) in change.fields.items():
        print(f"  {name}: {_short(before)} → {_short(after)}")


def _short(value: str) -> str:
    plain = " ".join(value.split()) or "(trống)"
    return plain if len(plain) <= _LONGEST_VALUE else plain[: _LONGEST_VALUE - 1] + "…"
