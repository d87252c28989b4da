"""Entries written by officers: found at once, checked by a second person, taken back."""

from dataclasses import replace

import pytest

from backend import audit, db
from backend import clock as now_is
from backend.accounts.roles import Role, SignedIn
from backend.errors import Conflict, InvalidInput, NotFound
from backend.procedures import local, shelf
from backend.procedures import service as procedures
from backend.procedures.importers import read
from backend.procedures.loader import DATA
from backend.procedures.local import Draft
from tests.backend.records import known
from tests.cast import PASSWORD, make_officer
from tests.page import Browser

AN, BINH = (SignedIn(n, login, login, Role.ADMINISTRATOR) for n, login in ((1, "an"), (2, "binh")))
MARRIAGE = "1.000894"
PERMIT = Draft(
    name="Cấp phép dựng rạp trên vỉa hè", field="Giao thông", level="commune",
    lay_names=("dựng rạp đám cưới",), documents=("Đơn xin phép",), channels=("in_person",),
    deadline="2 ngày làm việc", is_free=True, decision="12/QĐ-UBND ngày 05/01/2026",
)  # fmt: skip
HERE = "/quan-tri/thu-tuc"


def write(session, draft: Draft = PERMIT) -> str:
    return local.write(session, AN, draft, now=now_is.now())


def test_an_entry_without_a_national_code_gets_one_that_no_ministry_uses(session, clock) -> None:
    assert (write(session), write(session, replace(PERMIT, name="Khác"))) == (
        "9.000001", "9.000002",
    )  # fmt: skip
    record = known(session, "9.000001")
    assert record.documents[0].name == "Đơn xin phép"
    assert record.fees[0].amount == 0
    assert (record.sources[0].verified, record.sources[0].decision) == (False, PERMIT.decision)
    assert "chưa đối chiếu" in record.sources[0].note
    assert [item.code for item in shelf.shelf(session).find("dựng rạp")]
    assert audit.of(session, "procedure:9.000001")[0].actor_id == AN.id


def test_over_an_imported_procedure_only_what_was_written_changes(session, clock) -> None:
    plan = procedures.plan(session, read(DATA / f"{MARRIAGE}.yml"))
    procedures.apply(session, plan, now_is.now())
    before = known(session, MARRIAGE)
    write(session, replace(PERMIT, code=MARRIAGE, name=before.name))
    record = known(session, MARRIAGE)
    assert record.deadlines[0].text == "2 ngày làm việc"
    assert record.steps == before.steps
    local.withdraw(session, AN, MARRIAGE, now=now_is.now())
    assert procedures.get(session, MARRIAGE) == before


def test_somebody_else_checks_it_and_a_change_has_to_be_checked_again(session, clock) -> None:
    code = write(session)
    with pytest.raises(Conflict):
        local.check(session, AN, code, now=now_is.now())
    local.check(session, BINH, code, now=now_is.now())
    assert [one.is_checked for one in local.listed(session)] == [True]
    write(session, replace(PERMIT, code=code, deadline="3 ngày làm việc"))
    assert [one.is_checked for one in local.listed(session)] == [False]
    with pytest.raises(NotFound):
        local.check(session, BINH, MARRIAGE, now=now_is.now())


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"), ({"decision": ""}, "decision"), ({"level": ""}, "level"),
        ({"documents": ()}, "documents"), ({"fees": ("5.000 đ",)}, "fees"),
        ({"code": "abc"}, "code"), ({"url": "javascript:alert(1)"}, "url"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_at_its_field(session, clock, wrong, field) -> None:
    with pytest.raises(InvalidInput) as refusal:
        write(session, replace(PERMIT, **wrong))
    assert field in refusal.value.fields


def test_what_was_loaded_from_a_file_is_not_overwritten(session, clock, tmp_path) -> None:
    (tmp_path / "tinh.yml").write_text(f"code: '{MARRIAGE}'\ntier: overlay\nname: Kết hôn\n")
    plan = procedures.plan(session, read(tmp_path / "tinh.yml"))
    procedures.apply(session, plan, now_is.now())
    with pytest.raises(Conflict):
        write(session, replace(PERMIT, code=MARRIAGE))


def test_on_pages_from_a_group_of_questions_and_back(page: Browser, clock) -> None:
    with db.transaction() as session:
        for login in ("an", "binh"):
            make_officer(session, login, login, Role.ADMINISTRATOR)
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="an", password=PASSWORD)
    assert "Chưa có mục nào" in page.get(HERE).text
    form = page.get(f"{HERE}/moi?ten=d%E1%BB%B1ng%20r%E1%BA%A1p&ve=/quan-tri/hoc")
    assert form.one("input", name="name").get("value") == "dựng rạp"
    bare = {"name": "Cấp phép dựng rạp", "field": "Giao thông", "level": "commune"}
    again = page.post(f"{HERE}/moi", bare, documents="Đơn", status=422)
    assert "Xin ghi mục này" in again.text
    page.post(
        f"{HERE}/moi",
        bare,
        documents="Đơn\nSơ đồ",
        channel="in_person",
        decision="12/QĐ-UBND",
        ve="/quan-tri/hoc",
    )
    shown = page.get(HERE)
    assert "Chưa đối chiếu" in shown.text
    assert "tự xác nhận" in page.post(f"{HERE}/9.000001/xac-nhan", status=409).text
    assert "Sơ đồ" in page.get("/thu-tuc/9.000001").text
    page.get("/dang-nhap")
    page.get(HERE)
    page.post("/dang-xuat")
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="binh", password=PASSWORD)
    page.get(HERE)
    assert "Đã đối chiếu" in page.post(f"{HERE}/9.000001/xac-nhan").text
    assert "Chưa có mục nào" in page.post(f"{HERE}/9.000001/rut").text
    page.get("/thu-tuc/9.000001", status=404)
