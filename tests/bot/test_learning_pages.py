"""The officers' pages: what was not answered, what was taught, models, figures and files."""

import csv
import io
from datetime import date

import openpyxl
import pytest
from sqlalchemy import select

from backend import clock as now_is
from backend import db, jobs
from backend.accounts.roles import Role
from bot.catalogue import catalogue
from bot.dialogue import engine
from bot.learning import sheets, statistics
from bot.learning.models import Answer, Lesson, Status
from bot.learning.pages import intents
from bot.messages import Incoming
from nlu import dataset
from tests import some_procedures
from tests.cast import PASSWORD, hoa, make_officer, minh
from tests.page import Browser, words
from tests.some_procedures import BIRTH, MARRIAGE

MISSED = ("cấp phép phóng tên lửa dân dụng", "cap phep phong ten lua", "xin phép phóng tên lửa")
ASKED = "làm khai sinh cho con cần giấy tờ gì"


@pytest.fixture(autouse=True)
def talk(database, clock) -> None:
    """Three people miss the same thing, one dislikes an answer, one greets."""
    some_procedures.load(BIRTH, MARRIAGE)
    for number, text in enumerate((*MISSED, ASKED, "xin chào")):
        say(text, chat=str(number))
    turn = Incoming("console", "3", "thumb", payload="down:1")
    engine.handle(turn)


def say(text: str, *, chat: str, channel: str = "console") -> None:
    engine.handle(Incoming(channel, chat, f"q-{text}", text=text))


@pytest.fixture
def admin(page: Browser) -> Browser:
    with db.transaction() as session:
        make_officer(session, "admin", "Phạm Đức An", Role.ADMINISTRATOR)
    return signed_in(page, "admin")


def signed_in(page: Browser, login: str) -> Browser:
    page.get("/dang-nhap")
    page.post("/dang-nhap", login=login, password=PASSWORD)
    return page


def group_url(page: Browser, text: str) -> str:
    return page.get("/quan-tri/hoc").link(text).removeprefix("https://testserver")


def taught() -> list[Lesson]:
    with db.reading() as session:
        found = list(session.scalars(select(Lesson).order_by(Lesson.id)))
        session.expunge_all()
    return found


def test_what_was_missed_stands_in_groups_the_largest_first(admin: Browser) -> None:
    shown = admin.get("/quan-tri/hoc")
    names = shown.all("p", class_="group-name")
    assert words(names[0]) == "xin phép phóng tên lửa"
    assert "3 lượt hỏi" in shown.text
    assert "1 lượt chưa hữu ích" in shown.text
    assert "xin chào" not in shown.text


def test_a_group_becomes_the_lay_name_of_a_procedure(admin: Browser) -> None:
    url = group_url(admin, "phóng tên lửa")
    found = admin.get(f"{url}&q=kết hôn")
    assert found.all("input", name="code", value=MARRIAGE)
    path = url.partition("?")[0]
    admin.post(
        f"{path}/day", kind="procedure", code=MARRIAGE, lay_name="phóng tên lửa", example=MISSED[0]
    )
    (lesson,) = taught()
    assert (lesson.kind, lesson.value, lesson.questions) == ("procedure", MARRIAGE, 3)
    assert lesson.taught_by == "Phạm Đức An"
    assert "tên lửa" not in admin.get("/quan-tri/hoc").text
    catalogue.forget()
    assert catalogue.index().search("phong ten lua", subject="phong ten lua")[0].code == MARRIAGE
    lessons = admin.get("/quan-tri/hoc/da-day")
    assert "“phóng tên lửa” là thủ tục" in lessons.text
    admin.post(f"/quan-tri/hoc/da-day/{lesson.id}/thu-hoi")
    assert "tên lửa" in admin.get("/quan-tri/hoc").text, "back in the list"


def test_a_group_becomes_an_intent_or_nothing(admin: Browser) -> None:
    path = group_url(admin, "phóng tên lửa").partition("?")[0]
    admin.get(path)
    admin.post(f"{path}/day", kind="intent", intent="hours", example=MISSED[0])
    path = group_url(admin, ASKED).partition("?")[0]
    admin.get(path)
    admin.post(f"{path}/day", kind="ignore")
    assert [(lesson.kind, lesson.value) for lesson in taught()] == [
        ("intent", "hours"), ("ignore", ""),
    ]  # fmt: skip
    assert "Không còn câu nào" in admin.get("/quan-tri/hoc").text


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"kind": "procedure", "code": "", "lay_name": "phóng tên lửa"}, "chọn một thủ tục"),
        ({"kind": "procedure", "code": "9.999999", "lay_name": "a b"}, "chọn một thủ tục"),
        ({"kind": "procedure", "code": BIRTH, "lay_name": "x"}, "ít nhất hai chữ"),
        ({"kind": "intent", "intent": "", "example": MISSED[0]}, "muốn gì"),
        ({"kind": "intent", "intent": "hours", "example": "câu khác"}, "ít nhất một câu"),
        ({"kind": "bay lên"}, "nhóm câu hỏi này là gì"),
    ],
)
def test_what_teaches_nothing_is_refused_with_its_reason(admin, fields, reason) -> None:
    path = group_url(admin, "phóng tên lửa").partition("?")[0]
    admin.get(path)
    assert reason in admin.post(f"{path}/day", fields, status=422).text
    assert taught() == []


def test_a_group_that_is_gone_says_so(admin: Browser) -> None:
    assert "đã được xử lý" in admin.get("/quan-tri/hoc/nhom/999999", status=404).text


def test_training_is_asked_for_once_and_shown(admin: Browser) -> None:
    shown = admin.get("/quan-tri/hoc/mo-hinh")
    assert "mô hình đi kèm sản phẩm" in shown.text
    assert "Trở về mô hình trước" not in shown.text
    after = admin.post("/quan-tri/hoc/mo-hinh/huan-luyen")
    assert "đang chờ" in after.text
    admin.post("/quan-tri/hoc/mo-hinh/huan-luyen", status=409)


def test_every_intent_can_be_chosen() -> None:
    assert set(intents()) == set(dataset.training().intents)


@pytest.mark.parametrize(
    "path", ["/quan-tri/hoc", "/quan-tri/hoc/da-day", "/quan-tri/hoc/mo-hinh", "/quan-tri/thong-ke"]
)
def test_only_who_may_sees_them(page: Browser, path: str) -> None:
    assert page.get(path).path == "/dang-nhap"
    with db.transaction() as session:
        minh(session)
    signed_in(page, "minh").get(path, status=403)


def test_the_head_sees_the_figures_but_teaches_nothing(page: Browser) -> None:
    with db.transaction() as session:
        hoa(session)
    signed_in(page, "hoa").get("/quan-tri/thong-ke")
    page.get("/quan-tri/hoc", status=403)


def test_the_figures(admin: Browser) -> None:
    with db.transaction() as session:
        for number, status in enumerate(("done", "done", "dead")):
            jobs.enqueue(session, "bot.send", key="out:console:1", dedupe=f"x{number}")
            row = session.scalars(select(jobs.Job).where(jobs.Job.dedupe == f"x{number}")).one()
            row.status = status
    shown = admin.get("/quan-tri/thong-ke")
    assert "Số câu hỏi4" in shown.text
    assert "0 hữu ích, 1 chưa" in shown.text
    drawings = [e for e in shown.tree.iter() if str(e.tag).endswith("}svg") and e.get("role")]
    assert [bool(e.get("aria-label")) for e in drawings] == [True, True]
    assert "Thủ tục đăng ký khai sinh" in shown.text
    assert "66,7" in shown.text, "two of three letters arrived"
    with db.reading() as session:
        figures = statistics.figures(session, date(2026, 1, 1), date(2026, 1, 5))
    assert figures.counts[Status.NO_CONTENT] + figures.counts[Status.OUT_OF_SCOPE] == 3
    assert figures.deflection == 1.0
    assert [(topic.code, topic.answers, topic.down) for topic in figures.topics] == [(BIRTH, 1, 1)]


def test_days_follow_the_clock_in_viet_nam(admin: Browser, clock) -> None:
    clock.set(2026, 1, 6, 0, 30)  # still the fifth in UTC
    say(ASKED, chat="sớm")
    with db.reading() as session:
        (day,) = statistics.figures(session, date(2026, 1, 6), date(2026, 1, 6)).days
        assert day.total == 1
        assert session.scalars(select(Answer.status).where(Answer.day == "2026-01-06")).all()
    assert now_is.now().day == 5


@pytest.mark.parametrize("query", ["tu=x&den=y", "tu=2027-01-01&den=2020-01-01", "tu=1900-01-01"])
def test_odd_spans_are_mended(admin: Browser, query: str) -> None:
    admin.get(f"/quan-tri/thong-ke?{query}")


def test_files_hold_the_same_figures(admin: Browser) -> None:
    plain = admin.client.get("/quan-tri/thong-ke/tep.csv")
    rows = list(csv.reader(io.StringIO(plain.content.decode("utf-8-sig"))))
    assert ["Số câu hỏi", "4"] in rows
    book = openpyxl.load_workbook(
        io.BytesIO(admin.client.get("/quan-tri/thong-ke/tep.xlsx").content)
    )
    assert book.sheetnames == ["Tổng", "Theo ngày", "Thủ tục", "Gửi tin"]
    assert [cell.value for cell in book["Thủ tục"][2]][:3] == [
        BIRTH,
        "Thủ tục đăng ký khai sinh",
        1,
    ]


def test_files_are_for_who_may(page: Browser) -> None:
    for name in ("tep.csv", "tep.xlsx"):
        answer = page.client.get(f"/quan-tri/thong-ke/{name}", follow_redirects=False)
        assert answer.status_code == 303


@pytest.mark.parametrize("evil", ["=1+1", "+84", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "|calc", "%a"])
def test_no_cell_is_a_formula(evil: str) -> None:
    tables = [sheets.Table("Bảng", ("Cột", evil), [[evil, 1], [-5, None]])]
    rows = list(csv.reader(io.StringIO(sheets.as_csv(tables).decode("utf-8-sig"), newline="")))
    assert rows[2][0].startswith("'")
    assert rows[3] == ["-5", ""], "a number stays one"
    sheet = openpyxl.load_workbook(io.BytesIO(sheets.as_xlsx(tables)))["Bảng"]
    assert sheet["A2"].data_type == sheet["B1"].data_type == "s"
    assert str(sheet["A2"].value).startswith("'")
