"""The catalogue: which source wins, what is stored when, and what citizens are shown."""

import itertools
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from backend import db
from backend.procedures import cli
from backend.procedures import service as procedures
from backend.procedures.abolished import abolished_bodies
from backend.procedures.importers import AliasPair, Parsed, Rejected, read
from backend.procedures.loader import load_shipped, shipped
from backend.procedures.plan import compare
from backend.procedures.record import (
    Alias,
    Case,
    Deadline,
    Document,
    Fee,
    Record,
    Source,
    Step,
    Tier,
    Unit,
)
from tests.backend.records import CODE, full, known, parsed, put

OVERLAY = Record(code=CODE, name="", tier=Tier.OVERLAY, fees=(Fee(amount=15000),))
TIERS = (
    full(Tier.IMPORTED, "Tên quốc gia", fees=(Fee(amount=0),), lay_names=("làm giấy thử",)),
    full(Tier.SHIPPED, "Tên của ta", lay_names=("thử",), aliases=(Alias(code="1.000009"),)),
    Record(code=CODE, name="Chỉ tên", tier=Tier.NAME_ONLY),
    OVERLAY,
)


@pytest.mark.parametrize("order", list(itertools.permutations(TIERS)))
def test_the_order_of_import_never_decides(session, order):
    for record in order:
        put(session, record)
    found = known(session)
    assert found.name == "Tên quốc gia"
    assert found.steps[0].text == "Nộp hồ sơ (imported)."
    assert [fee.amount for fee in found.fees] == [15000]
    assert set(found.lay_names) == {"làm giấy thử", "thử"}
    assert [alias.code for alias in found.aliases] == ["1.000009"]


RIVALS = st.lists(
    st.builds(
        lambda source, day, steps: Parsed(
            "tệp",
            full(
                Tier.IMPORTED,
                steps=tuple(Step(text=f"{source} bước {n}") for n in range(steps)),
                sources=(Source(name=source, date=day and date(2026, 1, day)),),
            ),
            source,
        ),
        source=st.sampled_from("abcde"),
        day=st.none() | st.integers(1, 3),
        steps=st.integers(1, 3),
    ),
    min_size=2,
    max_size=5,
    unique_by=lambda one: one.source,
)


@given(RIVALS, st.randoms(use_true_random=False))
def test_between_sources_of_one_tier_the_order_never_decides(rivals, random):
    shuffled = random.sample(rivals, len(rivals))
    first, second = (compare(order, {}, set()).new for order in (rivals, shuffled))
    assert [entry.body for entry in first] == [entry.body for entry in second]


def test_a_later_file_of_the_same_source_replaces_unless_it_is_dated_before(session):
    def dated(name: str, day: int) -> Record:
        return full(Tier.IMPORTED, name, sources=(Source(name="n", date=date(2026, 1, day)),))

    put(session, dated("đầu", 2))
    assert put(session, dated("sửa cùng ngày", 2)) == 1
    assert put(session, dated("cũ hơn", 1)) == 0
    assert known(session).name == "sửa cùng ngày"


def test_the_second_time_nothing_changes(session):
    assert put(session, *TIERS) == 4
    version = procedures.version(session)
    assert put(session, *TIERS) == 0
    assert procedures.version(session) == version


def test_every_change_raises_the_version_and_moves_the_fingerprint(session):
    before = procedures.version(session), procedures.fingerprint(session)
    put(session, TIERS[0])
    after = procedures.version(session), procedures.fingerprint(session)
    assert after[0] == before[0] + 1
    assert after[1] != before[1]
    assert procedures.withdraw(session, Tier.IMPORTED, keep=set()) == 1
    assert procedures.version(session) == after[0] + 1
    assert procedures.fingerprint(session) == before[1]


def test_a_plan_tells_what_changes_field_by_field_and_stores_nothing(session):
    put(session, TIERS[0])
    changed = full(Tier.IMPORTED, "Tên mới", fees=(Fee(amount=0),), lay_names=("làm giấy thử",))
    rows = [*parsed(changed), Parsed("tệp:9", Rejected("hỏng"))]
    plan = procedures.plan(session, rows)
    assert [set(change.fields) for change in plan.changed] == [{"name"}]
    assert plan.changed[0].fields["name"] == ("Tên quốc gia", "Tên mới")
    assert [p.origin for p in plan.rejected] == ["tệp:9"]
    assert known(session).name == "Tên quốc gia"


def test_names_never_overwrite_a_fuller_record(session):
    put(session, TIERS[0])
    put(session, Record(code=CODE, name="Danh mục", tier=Tier.NAME_ONLY))
    assert known(session).name == "Tên quốc gia"
    assert not known(session).is_name_only


def test_an_overlay_clears_what_it_gives_empty_and_leaves_the_rest(session):
    base = full(
        Tier.IMPORTED,
        cases=(Case(key="c1", name="Một"), Case(key="c2", name="Hai")),
        documents=(Document(case="c1", name="Đơn"),),
        fees=(Fee(case="c2", amount=5000),),
        conditions=("Đủ 18 tuổi",),
        sources=(Source(name="quốc gia"),),
    )
    overlay = Record(
        code=CODE, name="", tier=Tier.OVERLAY, documents=(Document(name="Tờ khai"),),
        conditions=(), sources=(Source(name="tỉnh"),),
    )  # fmt: skip
    put(session, base, overlay)
    found = known(session)
    assert found.name == "Đăng ký việc thử"
    assert found.conditions == ()
    assert [case.key for case in found.cases] == ["c2"]  # nothing speaks of c1 any more
    assert [source.name for source in found.sources] == ["tỉnh", "quốc gia"]


def test_an_overlay_of_an_unknown_procedure_is_nobodys(session):
    put(session, OVERLAY)
    assert procedures.get(session, CODE) is None
    assert procedures.resolve(session, CODE) is None
    assert list(procedures.all_effective(session)) == []


@pytest.mark.parametrize("text", ["", "abc", "1.1", "9.999999", "1.000001; DROP TABLE x"])
def test_what_is_no_known_code_finds_nothing(session, text):
    assert procedures.get(session, text) is None
    assert procedures.resolve(session, text) is None


def test_codes_are_found_with_their_local_suffix(session):
    put(session, TIERS[0])
    assert known(session, "1.000001.000.00.00.h12").code == CODE


OLD, NEW = CODE, "1.116410"


def new_name() -> Record:
    return Record(code=NEW, name="Đăng ký việc thử (mới)", tier=Tier.NAME_ONLY)


def resolved(session: Session, code: str) -> tuple[str, str]:
    found = procedures.resolve(session, code)
    assert found is not None
    assert found.asked_code == code
    return found.record.code, found.note


def test_a_new_code_known_by_name_is_answered_from_its_predecessor(session):
    put(session, full(Tier.IMPORTED), new_name(), AliasPair(OLD, NEW))
    code, note = resolved(session, NEW)
    assert code == OLD
    assert OLD in note
    assert NEW in note
    code, note = resolved(session, OLD)
    assert code == OLD
    assert NEW in note


def test_an_old_code_is_answered_from_its_full_successor(session):
    successor = full(Tier.SHIPPED).model_copy(
        update={"code": NEW, "aliases": (Alias(code=OLD, note="mã trước"),)}
    )
    put(session, successor)
    code, note = resolved(session, OLD)
    assert code == NEW
    assert OLD in note
    assert resolved(session, NEW) == (NEW, "")


def test_of_several_predecessors_the_nearest_name_answers_and_all_are_told(session):
    near = full(Tier.IMPORTED)
    far = full(Tier.IMPORTED, "Hủy giấy").model_copy(update={"code": "1.000002"})
    put(session, near, far, new_name(), AliasPair(OLD, NEW), AliasPair("1.000002", NEW))
    code, note = resolved(session, NEW)
    assert code == OLD
    assert "1.000002" in note


def test_a_record_that_drops_an_alias_is_no_longer_its_successor(session):
    put(session, TIERS[1])
    assert resolved(session, "1.000009")[0] == CODE
    put(session, full(Tier.SHIPPED, "Tên của ta"))
    assert procedures.resolve(session, "1.000009") is None


def test_all_of_them_are_what_each_is(session):
    other = full(Tier.SHIPPED).model_copy(update={"code": "1.000002"})
    put(session, *TIERS, other, AliasPair("1.000008", "1.000002"))
    everything = list(procedures.all_effective(session))
    assert everything == [known(session, code) for code in (CODE, "1.000002")]
    assert [alias.code for alias in everything[1].aliases] == ["1.000008"]


def test_where_the_imported_record_is_silent_ours_speaks_and_is_named_as_a_source(session):
    day = Deadline(number=1, unit=Unit.DAY)
    ours = full(
        Tier.SHIPPED, receiving="Nơi nhận của ta", deadlines=(day,), sources=(Source(name="Ta"),)
    )
    theirs = full(
        Tier.IMPORTED, receiving="", agencies=(), deadlines=(), fees=(Fee(amount=0),),
        sources=(Source(name="Cổng"),),
    )  # fmt: skip
    put(session, ours, theirs)
    effective = known(session)
    assert effective.receiving == "Nơi nhận của ta"
    assert effective.deadlines == (day,)
    assert effective.fees == theirs.fees
    assert [source.name for source in effective.sources] == ["Cổng", "Ta"]


# The commands


def write(folder: Path, *records: dict[str, Any]) -> Path:
    path = folder / "ours.yml"
    path.write_text(json.dumps(list(records), ensure_ascii=False), encoding="utf-8")
    return path


RAW = {"code": CODE, "name": "Đăng ký việc thử", "steps": [{"text": "Nộp."}]}


def test_an_import_shows_first_and_stores_only_when_told(database, tmp_path, capsys):
    path = write(tmp_path, RAW, {"code": "hỏng"})
    assert cli.main(["import", str(path)]) == 0
    with db.reading() as session:
        assert procedures.get(session, CODE) is None
    out = capsys.readouterr().out
    assert "Mới: 1." in out
    assert "Từ chối ours.yml#2" in out
    assert cli.main(["import", str(tmp_path), "--apply"]) == 0
    assert "Đã nạp: 1 thay đổi." in capsys.readouterr().out
    write(tmp_path, RAW | {"name": "Tên khác"})
    assert cli.main(["import", str(path), "--apply"]) == 0
    assert "name: Đăng ký việc thử → Tên khác" in capsys.readouterr().out


def test_an_import_that_reads_nothing_fails(database, tmp_path, capsys):
    assert cli.main(["import", str(tmp_path / "khong-co.jsonl")]) == 1
    assert "Từ chối khong-co.jsonl" in capsys.readouterr().out


def test_a_whole_record_may_be_made_an_overlay(database, tmp_path, capsys):
    base = RAW | {"fees": [{"amount": 1000}], "conditions": ["Có"]}
    cli.main(["import", str(write(tmp_path, base)), "--apply"])
    local = RAW | {"fees": [{"amount": 5000}], "conditions": []}
    cli.main(["import", str(write(tmp_path, local)), "--apply", "--tier", "overlay"])
    with db.reading() as session:
        found = known(session)
    assert [fee.amount for fee in found.fees] == [5000]
    assert found.conditions == ("Có",)  # a source that is silent overrules nothing


def test_the_record_behind_an_answer_is_shown_as_json(database, tmp_path, capsys):
    cli.main(["import", str(write(tmp_path, RAW)), "--apply"])
    capsys.readouterr()
    assert cli.main(["show", f"{CODE}.000.00.00.H12", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["steps"] == [{"case": None, "text": "Nộp."}]
    assert {
        "code", "name", "level", "cases", "documents", "fees", "deadlines", "channels",
        "conditions", "steps", "results", "legal_basis", "online", "sources",
    } <= set(shown)  # fmt: skip
    assert cli.main(["show", "1.999999", "--json"]) == 1
    assert capsys.readouterr().out == ""


def test_the_shipped_catalogue_loads_once(database):
    assert load_shipped() == len([p for p in shipped() if isinstance(p.found, Record)])
    assert load_shipped() == 0


@pytest.mark.slow
def test_the_whole_national_catalogue_twice(database, shared, capsys):
    """Must-show: all 3,221 codes, the bodiless by name only, and nothing new the second time."""
    folder = shared / "procedures"
    files = [
        folder / n for n in ("national.jsonl.gz", "missing_ministries.jsonl", "code_names.tsv")
    ]
    arguments = ["import", *map(str, files), "--apply"]
    assert cli.main(arguments) == 0
    assert "Từ chối: 0." in capsys.readouterr().out
    with db.reading() as session:
        records = {record.code: record for record in procedures.all_effective(session)}
    listed = [line.split("\t")[0] for line in files[2].read_text("utf-8").splitlines()]
    assert len(listed) == 3221
    assert set(records) == set(listed)
    bodiless = {
        p.found.code
        for p in read(files[0])
        if isinstance(p.found, Record) and p.found.tier is Tier.NAME_ONLY
    }
    assert len(bodiless) == 17
    assert all(records[code].is_name_only for code in bodiless)
    shown = (r.model_copy(update={"name": "", "sources": ()}) for r in records.values())
    assert [r.code for r in shown if abolished_bodies(r.model_dump_json())] == []
    assert cli.main(arguments) == 0
    assert "Đã nạp: 0 thay đổi." in capsys.readouterr().out
