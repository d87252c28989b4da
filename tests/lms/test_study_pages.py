"""A learner's way without scripts: log in, lessons, quizzes, certificate, the page of its code."""

from typing import Any

import pytest
from sqlalchemy import select

from backend import clock as real_clock
from backend import db
from backend.accounts import service as accounts
from backend.accounts.roles import Role, SignedIn
from lms.attempts import service as attempts
from lms.attempts.models import Attempt
from lms.authoring import outline as outlines
from lms.authoring import service as authoring
from tests.cast import PASSWORD
from tests.conftest import Clock
from tests.database import TestDatabase
from tests.lms.course import CODE, make_course, make_official
from tests.page import Browser, Page

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def school(database: TestDatabase, clock: Clock) -> None:
    with db.transaction() as session:
        make_course(session, now=real_clock.now())
        make_official(session)
        make_official(session, "tuan", "Trần Anh Tuấn")


def sign_in(page: Browser, login: str = "binh", to: str = "/hoc") -> Page:
    page.get(f"/dang-nhap?next={to}")
    return page.post("/dang-nhap", login=login, password=PASSWORD)


def begin_final(page: Browser) -> Page:
    """Bình signs in, enters the course and begins its final; the sheet."""
    sign_in(page)
    page.get(f"/hoc/{CODE}")
    page.post(f"/hoc/{CODE}")
    page.get(f"/hoc/{CODE}/cuoi-khoa")
    return page.post(f"/hoc/{CODE}/cuoi-khoa/bai-lam")


def right(token: str, *, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of a sheet with every answer right, except those of these types."""
    with db.reading() as session:
        attempt = session.scalars(select(Attempt).where(Attempt.token == token)).one()
        fields: dict[str, Any] = {}
        for item in attempts.items(session, attempt):
            question = item.banked.question
            if question.type in but:
                continue
            sent = question.write(question.key(), f"{attempt.seed}/{item.place}")
            fields |= {f"p{item.place}.{name}": values[-1] for name, values in sent.items()}
            if question.type == "multiple":
                fields[f"p{item.place}.a"] = sent["a"]
        return fields


def form_token(page: Page) -> str:
    """What a script of this page sends along."""
    return page.all("input", name="form_token")[0].get("value") or ""


def take(page: Browser, lesson: str) -> Page:
    page.get(f"/hoc/{CODE}/{lesson}")
    sheet = page.post(f"/hoc/{CODE}/{lesson}/bai-lam")
    token = sheet.path.rpartition("/")[2]
    # Each answer is a statement; the step that completes a course also writes the certificate.
    return page.post(f"{sheet.path}/nop-bai", viec="nop", queries=40, **right(token))


def test_from_the_first_lesson_to_the_certificate(page: Browser, clock: Clock) -> None:
    front = sign_in(page)
    assert front.h1 == "Học tập"
    assert "Chưa học" in front.text
    course = page.click("Nhận thức an ninh mạng")
    assert "Chưa đối chiếu" in course.text
    first = page.post(f"/hoc/{CODE}")
    assert (first.h1, first.path) == ("Thư lạ", f"/hoc/{CODE}/thu-la")
    clock.move(minutes=12)
    for lesson in ("thu-la", "mat-khau"):
        opened = page.get(f"/hoc/{CODE}/{lesson}")
        spent = page.client.post(
            f"/hoc/{CODE}/{lesson}/thoi-gian", data={"giay": "300", "seq": "1"},
            headers={"x-form-token": form_token(opened)},
        )  # fmt: skip
        assert spent.json() == {"seconds": 300, "seq": 1}
        page.post(f"/hoc/{CODE}/{lesson}/hoan-thanh")
    assert take(page, "luyen").h1 == "Kết quả: Luyện tập"
    result = take(page, "cuoi-khoa")
    assert "Đạt" in result.text
    certificate = page.click("Xem chứng nhận")
    assert "còn giá trị" in certificate.text
    assert "Nguyễn Văn Bình" in certificate.text
    paper = page.client.get(certificate.path + ".pdf")
    assert paper.headers["content-type"] == "application/pdf"
    page.client.cookies.clear()
    code = certificate.path.rpartition("/")[2]
    assert page.get(f"/chung-chi?ma={code.lower()}").path == f"/chung-chi/{code}"
    assert "Không có chứng nhận" in page.get("/chung-chi?ma=CN26-AAAAA-AAAAA").text


def test_without_scripts_time_counts_from_the_opening(page: Browser, clock: Clock) -> None:
    sign_in(page)
    page.get(f"/hoc/{CODE}")
    page.post(f"/hoc/{CODE}")
    lesson, other = f"/hoc/{CODE}/thu-la", f"/hoc/{CODE}/mat-khau"
    clock.move(minutes=2)
    page.post(f"{lesson}/hoan-thanh")
    clock.move(minutes=3)
    page.post(f"{other}/hoan-thanh")
    clock.move(minutes=4)
    assert "Đã học 3/5 phút" in page.get(other).text
    assert "Đã học 2/5 phút" in page.get(lesson).text
    page.post(f"{lesson}/hoan-thanh")  # more time for a lesson that was left too early
    assert "Đã học 4/5 phút" in page.get(lesson).text
    clock.move(minutes=60)
    page.post(f"{lesson}/hoan-thanh")
    assert "Đã học 5/5 phút" in page.get(lesson).text
    assert "Ghi thêm thời gian" not in page.get(lesson).text


def test_saving_is_not_handing_in(page: Browser) -> None:
    sheet = begin_final(page)
    token = sheet.path.rpartition("/")[2]
    saved = page.post(f"{sheet.path}/nop-bai", viec="luu", **right(token, but=("short",)))
    assert "Đã lưu 6 trên 7 câu" in saved.text
    assert page.get(f"/hoc/{CODE}/cuoi-khoa").link("Lượt 1")
    result = page.post(f"{page.get(sheet.path).path}/nop-bai", viec="nop", **right(token))
    assert "100 %" in result.text
    assert page.get(sheet.path).h1 == "Kết quả: Kiểm tra cuối khoá"


def test_what_comes_too_late_is_not_called_saved(page: Browser, clock: Clock) -> None:
    sheet = begin_final(page)
    token = sheet.path.rpartition("/")[2]
    clock.move(minutes=22)
    told = page.post(f"{sheet.path}/nop-bai", viec="luu", **right(token))
    assert "không được nhận" in told.text
    assert "Đã lưu 0 trên 7 câu" in told.text


def test_whoever_failed_the_final_learns_what_was_wrong_not_what_is_right(page: Browser) -> None:
    sheet = begin_final(page)
    result = page.post(f"{sheet.path}/nop-bai", viec="nop")
    assert "Chưa đạt" in result.text
    assert "Điều 5." in result.text
    assert "Đáp án" not in result.text
    assert "xác thực" not in result.text


def test_the_page_of_a_sheet_holds_no_key(page: Browser) -> None:
    sheet = begin_final(page)
    assert "Đúng: báo sớm" not in sheet.html
    assert "xác thực" not in sheet.html


def test_a_colleague_neither_sees_nor_touches_my_sheet(page: Browser) -> None:
    sign_in(page)
    page.get(f"/hoc/{CODE}")
    page.post(f"/hoc/{CODE}")
    page.get(f"/hoc/{CODE}/luyen")
    sheet = page.post(f"/hoc/{CODE}/luyen/bai-lam")
    page.client.cookies.clear()
    sign_in(page, "tuan")
    assert page.get(sheet.path, status=404).status == 404
    page.get(f"/hoc/{CODE}/luyen", status=404)
    headers = {"x-form-token": form_token(page.get("/hoc"))}
    sent = page.client.post(f"{sheet.path}/luu", json={"answers": []}, headers=headers)
    assert sent.status_code == 404


def test_the_queue_is_acknowledged_by_count(page: Browser) -> None:
    sign_in(page)
    page.get(f"/hoc/{CODE}")
    page.post(f"/hoc/{CODE}")
    page.get(f"/hoc/{CODE}/luyen")
    sheet = page.post(f"/hoc/{CODE}/luyen/bai-lam")
    headers = {"x-form-token": form_token(sheet)}
    body = {"device": "may-1", "answers": [{"place": 0, "fields": {"a": ["1"]}, "seq": 3}]}
    for _ in range(2):
        sent = page.client.post(f"{sheet.path}/luu", json=body, headers=headers)
        assert sent.json() == {
            "saved": {"0": 3}, "overtaken": {}, "closed": False, "seconds_left": None,
        }  # fmt: skip
    assert page.client.post(f"{sheet.path}/luu", json=body).status_code == 403
    assert page.client.post(
        f"{sheet.path}/luu", json={"answers": [{"place": -1}]}, headers=headers
    ).status_code in (404, 422)  # fmt: skip
    page.post(f"{page.get(sheet.path).path}/nop-bai", viec="nop")
    late = page.client.post(f"{sheet.path}/luu", json=body, headers=headers)
    assert late.json()["closed"] is True


def test_an_account_without_a_person_is_told_so(page: Browser) -> None:
    with db.transaction() as session:
        accounts.create(
            session, "admin2", name="An", role=Role.ADMINISTRATOR, password=PASSWORD,
            now=real_clock.now(),
        )  # fmt: skip
    page.get("/dang-nhap?next=/hoc")
    refused = page.post("/dang-nhap", status=403, login="admin2", password=PASSWORD)
    assert "đầu mối đào tạo" in refused.text


def test_strangers_sign_in_first(page: Browser) -> None:
    assert page.get("/hoc").path == "/dang-nhap"
    assert page.get("/hoc-lieu/0123456789abcdef/x.svg", status=404).status == 404


def test_a_course_that_is_being_written_is_its_trainers_own(page: Browser) -> None:
    now = real_clock.now()
    with db.transaction() as session:
        trainer = SignedIn(1, "thu", "Thư", Role.TRAINER)
        outline = outlines.blank("KT77", "Chưa công bố", "Đang soạn.", "all", 1)
        authoring.create(session, trainer, outline, now=now)
    sign_in(page)
    assert "Chưa công bố" not in page.get("/hoc/KT77", status=404).text
