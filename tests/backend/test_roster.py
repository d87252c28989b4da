"""Rosters: shown row by row, applied once, and never twice."""

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import audit
from backend import clock as now_is
from backend.accounts import service as accounts
from backend.accounts.roles import Role, SignedIn
from backend.errors import Conflict, InvalidInput, NotFound
from backend.people import cli, demo, entries, officers, roster
from backend.people import service as people
from backend.people.compare import Plan, Standing
from backend.people.duties import Duty
from backend.people.models import Agency, Person, RosterDraft
from tests.rosters import ADMIN, BINH, HA, HEADINGS, workbook


@pytest.fixture
def office(session: Session, clock) -> Agency:
    return people.open_agency(session, "SKHCN", "Sở Khoa học và Công nghệ", since=date(2025, 7, 1))


def received(session: Session, *rows: list[Any], officer: SignedIn = ADMIN) -> RosterDraft:
    return roster.receive(
        session, officer, workbook(["DANH SÁCH CÁN BỘ"], HEADINGS, *rows), "ds.xlsx",
        since=now_is.today(), now=now_is.now(),
    )  # fmt: skip


def planned(session: Session, *rows: list[Any], officer: SignedIn = ADMIN) -> Plan:
    return roster.plan(session, officer, received(session, *rows, officer=officer))


def applied(session: Session, *rows: list[Any], **ticks) -> roster.Outcome:
    draft = received(session, *rows)
    mark = roster.plan(session, ADMIN, draft).mark
    return roster.apply(session, ADMIN, draft, mark=mark, now=now_is.now(), **ticks)


def test_cells_are_read_as_they_were_meant(session, office) -> None:
    binh, ha = (line.entry for line in planned(session, BINH, HA).lines)
    assert (binh.code, binh.duty, binh.born_on) == ("0007", Duty.ICT_FULL, date(1985, 3, 5))
    assert (binh.phone, ha.phone) == ("0912000111", "0912000222")
    assert ha.born_on == date(1990, 12, 31)
    assert ha.citizen_digest == entries.citizen_digest("096190001111")
    assert "096085001234" not in str(vars(session.scalars(select(RosterDraft)).one()))


def test_what_was_applied_stands_in_the_audit_log_without_names(session, office) -> None:
    applied(session, BINH, HA)
    (row,) = [row for row in audit.latest(session) if row.action == "roster.applied"]
    assert row.actor_id == ADMIN.id
    assert json.loads(row.details)["new"] == 2
    assert not {BINH[1], HA[1]} & set(row.details.split('"'))
    assert audit.verify(session).is_whole


def test_the_same_file_again_changes_nothing(session, office) -> None:
    assert applied(session, BINH, HA) == roster.Outcome(new=2)
    again = planned(session, BINH, HA)
    assert again.counts == {Standing.UNCHANGED: 2}
    assert applied(session, BINH, HA).total == 0
    assert len(session.scalars(select(Person)).all()) == 2


def test_what_changed_is_named_and_an_empty_cell_erases_nothing(session, office, clock) -> None:
    applied(session, BINH)
    clock.move(days=30)
    moved = [*BINH[:5], "Phó phòng", "kiêm nhiệm", "", "", "0912 000 999", ""]
    line = planned(session, moved).lines[0]
    assert [(c.field, c.before, c.after) for c in line.changes] == [
        ("position", "Chuyên viên", "Phó phòng"), ("duty", "ict_full", "ict_part"),
        ("phone", "0912000111", "0912000999"),
    ]  # fmt: skip
    assert applied(session, moved).changed == 1
    person = session.scalars(select(Person)).one()
    here = people.official(session, person.id, at=now_is.today())
    before = people.official(session, person.id, at=date(2026, 1, 10))
    assert here is not None
    assert before is not None
    assert (here.position, here.email, before.position) == (
        "Phó phòng", "binh@camau.gov.vn", "Chuyên viên")  # fmt: skip


def test_people_who_left_go_only_when_ticked(session, office, clock) -> None:
    applied(session, BINH, HA)
    clock.move(days=10)
    plan = planned(session, BINH)
    assert [known.code for known in plan.left] == ["0008"]
    assert applied(session, BINH).left == 0
    assert people.official(session, plan.left[0].person_id, at=now_is.today())
    assert applied(session, BINH, leaving={plan.left[0].person_id}).left == 1
    assert people.official(session, plan.left[0].person_id, at=now_is.today()) is None
    assert planned(session, BINH).left == []


def test_a_row_with_an_error_is_nobody_who_left(session, office) -> None:
    applied(session, BINH, HA)
    wrong = [2, "0008", "Lê Thị Hà", "SKHCN", "", "", "làm hết", "", "", "", ""]
    plan = planned(session, BINH, wrong)
    assert plan.lines[1].standing is Standing.ERROR
    assert "kiêm nhiệm" in plan.lines[1].problems[0]
    assert plan.left == []


def test_duplicates_are_refused_with_their_row(session, office) -> None:
    twin = [*BINH[:1], "0009", *BINH[2:]]
    plan = planned(session, BINH, BINH, twin)
    assert [line.standing for line in plan.lines] == [Standing.NEW, Standing.ERROR, Standing.ERROR]
    assert "dòng 3" in plan.lines[1].problems[0]
    assert "CCCD trùng với dòng 3" in plan.lines[2].problems[0]
    applied(session, BINH)
    assert "0007" in planned(session, twin).lines[0].problems[0]


def test_a_code_that_lost_its_zeros_finds_its_owner(session, office) -> None:
    applied(session, BINH)
    line = planned(session, [1, 7, *BINH[2:]]).lines[0]
    assert line.standing is Standing.UNCHANGED
    assert "số 0" in line.doubts[0]


def test_unknown_agencies_are_opened_only_when_ticked(session, office) -> None:
    new = [1, "0010", "Trần Văn Út", "SNV", "Sở Nội vụ", "", "", "", "", "", ""]
    plan = planned(session, new)
    assert [(o.code, o.name, o.people) for o in plan.openings] == [("SNV", "Sở Nội vụ", 1)]
    assert applied(session, new) == roster.Outcome(skipped=1)
    assert applied(session, new, opening={"SNV"}) == roster.Outcome(new=1, opened=1)
    typo = [1, "0011", "Trần Văn Tư", "", "Sở Nội vu", "", "", "", "", "", ""]
    assert planned(session, typo).lines[0].standing is Standing.NEW, "accents do not matter"
    typo[4] = "Sở Nội vụu"
    assert "“Sở Nội vụ”" in planned(session, typo).lines[0].problems[0]


def test_coordinators_change_their_own_agency_only(session, office) -> None:
    other = people.open_agency(session, "SNV", "Sở Nội vụ", since=date(2025, 7, 1))
    applied(session, BINH)
    me = people.add_person(session, "0001", "Phan Khoa", now=now_is.now())
    people.place(session, me.id, other.id, position="", duty=Duty.NONE, since=date(2025, 8, 1))
    khoa = SignedIn(9, "khoa", "Khoa", Role.COORDINATOR, person_id=me.id)
    own = [1, "0010", "Trần Văn Út", "SNV", "", "", "", "", "", "", ""]
    theft = [1, "0007", "Nguyễn Văn Bình", "SNV", "", "", "", "", "", "", ""]
    unknown = [1, "0012", "Trần Văn Năm", "STP", "Sở Tư pháp", "", "", "", "", "", ""]
    plan = planned(session, own, theft, HA, unknown, officer=khoa)
    assert [line.standing for line in plan.lines] == [Standing.NEW] + [Standing.ERROR] * 3
    assert plan.openings == []
    assert [known.code for known in plan.left] == ["0001"]
    with pytest.raises(NotFound):
        roster.draft(session, ADMIN, session.scalars(select(RosterDraft.id)).all()[-1],
                     now=now_is.now())  # fmt: skip


def test_what_was_not_shown_is_not_done(session, office) -> None:
    draft = received(session, BINH)
    seen = roster.plan(session, ADMIN, draft).mark
    people.add_person(session, "0007", "Nguyễn Văn Bình", now=now_is.now())
    with pytest.raises(Conflict):
        roster.apply(session, ADMIN, draft, mark=seen, now=now_is.now())
    seen = roster.plan(session, ADMIN, draft).mark
    done = roster.apply(session, ADMIN, draft, mark=seen, now=now_is.now())
    assert done.changed == 1
    assert roster.apply(session, ADMIN, draft, mark="x", now=now_is.now()) == done, "twice is once"
    assert draft.entries == "[]", "what was applied is not kept a second time"


def test_later_changes_are_not_overwritten(session, office, clock) -> None:
    applied(session, BINH)
    draft = roster.receive(
        session, ADMIN, workbook(HEADINGS, [*BINH[:5], "Trưởng phòng", *BINH[6:]]), "ds.xlsx",
        since=date(2025, 12, 1), now=now_is.now(),
    )  # fmt: skip
    assert "05/01/2026" in roster.plan(session, ADMIN, draft).lines[0].problems[0]


def test_drafts_go_after_a_day(session, office, clock) -> None:
    draft = received(session, BINH)
    clock.move(hours=25)
    with pytest.raises(NotFound):
        roster.draft(session, ADMIN, draft.id, now=now_is.now())
    roster.forget(session)
    assert session.scalars(select(RosterDraft)).all() == []


def test_a_file_without_headings_says_which_are_needed(session, office) -> None:
    with pytest.raises(InvalidInput, match="Mã cán bộ"):
        roster.receive(
            session, ADMIN, workbook(["a", "b"], [1, 2]), "x.xlsx", since=now_is.today(),
            now=now_is.now(),
        )  # fmt: skip


def test_footers_are_nobody(session, office) -> None:
    footers = [["Tổng cộng: 1 người"], ["", "", "Người lập biểu"]]
    assert len(planned(session, BINH, *footers).lines) == 1


def test_accounts_follow_the_directory(session, office, clock) -> None:
    applied(session, BINH, HA)
    opened = officers.open_accounts(session, None, at=now_is.today(), now=now_is.now())
    assert (len(opened.links), opened.without_mailbox) == (1, 1)
    account = accounts.linked(session)[0]
    assert (account.login, account.agency) == ("binh@camau.gov.vn", office.name)
    assert not officers.open_accounts(session, None, at=now_is.today(), now=now_is.now()).links
    clock.move(days=5)
    applied(session, [*BINH[:8], "b2@camau.gov.vn", *BINH[9:]])
    officers.follow(session, at=now_is.today(), now=now_is.now())
    assert accounts.linked(session)[0].email == "b2@camau.gov.vn"
    people.leave(session, account.person_id, last_day=now_is.today())
    assert officers.follow(session, at=now_is.today(), now=now_is.now()) == 0
    clock.move(days=1)
    officers.follow_daily(session)
    assert accounts.linked(session)[0].is_disabled
    people.place(session, account.person_id, office.id, position="", duty=Duty.NONE,
                 since=now_is.today())  # fmt: skip
    assert len(officers.open_accounts(session, None, at=now_is.today(), now=now_is.now()).links)
    assert not accounts.linked(session)[0].is_disabled


def test_the_demo_is_made_once_and_has_every_duty(session, clock) -> None:
    demo.seed(session)
    demo.seed(session)
    rows = session.execute(people.directory(now_is.today())).all()
    assert len(rows) == 29
    assert {row.duty for row in rows} == set(Duty)
    assert len({row.agency_id for row in rows}) == 4


def test_the_command_line_shows_first_and_applies_when_told(
    database, clock, tmp_path, capsys
) -> None:
    file = tmp_path / "ds.xlsx"
    file.write_bytes(workbook(HEADINGS, BINH, HA))
    assert cli.main(["import", str(file)]) == 0
    assert "Cơ quan chưa có: SKHCN" in capsys.readouterr().out
    assert cli.main(["import", str(file), "--open", "--apply"]) == 0
    assert "2 thay đổi. Bỏ qua: 1" in capsys.readouterr().out
    assert cli.main(["import", str(file), "--apply"]) == 0
    assert cli.main(["import", str(file), "--apply", "--agency", "KHONG"]) == 1
    assert cli.main(["import", str(tmp_path / "nothing.xlsx")]) == 1
