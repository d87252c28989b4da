"""What trainers do, through the pages, as they do it."""

import io
import json
import re
import zipfile

import pytest
from httpx2 import Response
from sqlalchemy import select

from backend import clock as real_clock
from backend import db
from backend.accounts.roles import Role
from lms.authoring import intake
from lms.authoring import service as authoring
from lms.authoring.models import QuestionImport
from lms.courses import service as courses
from lms.questions import service as bank
from tests.cast import PASSWORD
from tests.conftest import Clock
from tests.database import TestDatabase
from tests.lms import papers, word
from tests.lms.course import CODE, make_course, make_official
from tests.page import Browser, Page, hidden_fields

HOME = "/dao-tao/soan"
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def school(database: TestDatabase, clock: Clock) -> None:
    with db.transaction() as session:
        make_course(session, now=real_clock.now())
        make_official(session, "thu", "Đặng Minh Thư", Role.TRAINER)
        make_official(session, "binh")


def sign_in(page: Browser, login: str = "thu", to: str = HOME) -> Page:
    page.client.cookies.clear()
    page.get(f"/dang-nhap?next={to}")
    page.post("/dang-nhap", login=login, password=PASSWORD)
    return page.get(to)


def send(page: Browser, url: str, files: dict[str, tuple[str, bytes]], **fields: str) -> Page:
    """The form of this action with files, as a browser sends it."""
    assert page.current
    filled = {**hidden_fields(page.current.form(url)), **fields}
    with page.counting() as statements:
        answer: Response = page.client.post(url, data=filled, files=files)
    return page._shown(answer, statements, answer.status_code, 40)


PAPER = {"tep": ("de.docx", papers.paper("7a. Bảng đáp án cuối: hàng số, hàng chữ"))}


def test_from_a_word_file_to_a_published_quiz_in_three_steps(page: Browser) -> None:
    steps = 0
    assert sign_in(page).h1 == "Soạn khoá học"
    page.click("Bài kiểm tra nhanh từ Word")
    steps += 1
    preview = send(
        page, f"{HOME}/nhanh", PAPER, title="An toàn tuần này", code="KT90", audience="all",
        pass_mark="80", quiz_minutes="20",
    )  # fmt: skip
    steps += 1
    assert "8 trên 8 câu đã đủ đáp án" in preview.text
    with db.reading() as session:
        assert bank.current(session, "KT90") == []
        assert courses.find(session, "KT90").status == "draft"
    opened = page.post(preview.path, viec="mo", queries=60)
    steps += 1
    assert "Đã mở bài kiểm tra với 8 câu" in opened.text
    assert steps == 3
    sign_in(page, "binh", "/hoc")
    page.get("/hoc/KT90")
    lesson = page.post("/hoc/KT90")
    sheet = page.post(f"{lesson.path}/bai-lam")
    assert len(sheet.all("fieldset", class_="question")) == 8


def test_what_is_left_out_stays_out_and_a_missing_key_is_chosen_on_the_page(page: Browser) -> None:
    sign_in(page)
    page.get(f"{HOME}/{CODE}/nhap")
    text = "Câu 1: Một?\n*A. Có\nB. Không\nCâu 2: Hai?\nA. Có\nB. Không\nCâu 3: Ba?\n*A. X\nB. Y"
    preview = page.post(f"{HOME}/{CODE}/nhap", text=text, queries=40)
    assert "2 trên 3 câu" in preview.text
    assert "Chưa tìm thấy đáp án" in preview.text
    page.post(preview.path, bo="0", dap_an1="B", viec="dua-vao", queries=40)
    with db.reading() as session:
        new = [one.question for one in bank.current(session, CODE) if one.question.category == ""]
    assert [(one.text, one.key()) for one in new] == [("Hai?", 1), ("Ba?", 0)]
    again = page.get(preview.path)
    assert "đã được đưa vào" in again.text


def test_what_the_file_says_of_difficulty_counts_and_the_trainer_says_the_rest(
    page: Browser,
) -> None:
    sign_in(page)
    page.get(f"{HOME}/{CODE}/nhap")
    text = "Câu 1: [VD] Một?\n*A. Có\nB. Không\nCâu 2: Hai?\n*A. Có\nB. Không"
    preview = page.post(f"{HOME}/{CODE}/nhap", text=text, queries=40)
    assert "Độ khó của 1 câu" in preview.text
    page.post(preview.path, do_kho="2", viec="dua-vao", queries=40)
    with db.reading() as session:
        found = {one.question.text: one.question.difficulty for one in bank.current(session, CODE)}
    assert (found["Một?"], found["Hai?"]) == (3, 2)


def test_the_same_file_twice_makes_no_second_copy(page: Browser) -> None:
    sign_in(page)
    for _time in range(2):
        page.get(f"{HOME}/{CODE}/nhap")
        preview = send(page, f"{HOME}/{CODE}/nhap", PAPER)
        page.post(preview.path, viec="dua-vao", queries=60)
    with db.reading() as session:
        assert len(bank.current(session, CODE)) == 7 + 8


def test_a_refused_file_keeps_what_was_typed(page: Browser) -> None:
    sign_in(page)
    page.get(f"{HOME}/nhanh")
    old = {"tep": ("de.doc", b"\xd0\xcf\x11\xe0" + b"x" * 600)}
    refused = send(page, f"{HOME}/nhanh", old, title="Giữ lại tên", code="KT91")
    assert refused.status == 422
    assert "Word Document (.docx)" in refused.text
    assert refused.one("input", name="title").get("value") == "Giữ lại tên"
    with db.reading() as session:
        assert "KT91" not in {row.code for row in authoring.listed(session)}


def new_course(page: Browser) -> Page:
    sign_in(page)
    page.get(f"{HOME}/moi")
    return page.post(f"{HOME}/moi", title="Quản trị mạng", code="kt01", audience="ict", hours="40")


def test_a_course_is_written_checked_seen_and_opened(page: Browser) -> None:
    desk = new_course(page)
    assert "chưa có bài nào" in desk.text
    assert "Mở cho người học" not in desk.text
    refused = page.client.post(f"{HOME}/KT01/mo", data=hidden_fields(desk.forms[0]))
    assert refused.status_code in (303, 422)
    page.post(f"{HOME}/KT01/sap-xep", viec="them-bai", title="Địa chỉ IP", kind="text")
    page.post(f"{HOME}/KT01/bai/dia-chi-ip", title="Địa chỉ IP", minutes="15", body="Bốn **số**.")
    seen = page.get(f"{HOME}/KT01/xem/dia-chi-ip")
    assert seen.one("strong").text == "số"
    page.get(f"{HOME}/KT01")
    quiz = page.post(f"{HOME}/KT01/sap-xep", viec="them-bai", title="Cuối khoá", kind="quiz")
    page.post(quiz.path, title="Cuối khoá", minutes="20", pass_mark="70", quiz_minutes="30",
              attempts="2", quiz_kind="final", feedback="end", asks="all")  # fmt: skip
    desk = page.get(f"{HOME}/KT01")
    assert "chưa có câu hỏi" in desk.text
    page.get(f"{HOME}/KT01/nhap")
    preview = send(page, f"{HOME}/KT01/nhap", PAPER)
    page.post(preview.path, viec="dua-vao", queries=60)
    page.get(f"{HOME}/KT01/xem/cuoi-khoa")
    page.get(f"{HOME}/KT01")
    page.post(f"{HOME}/KT01/mo", queries=40)
    with db.reading() as session:
        course = courses.published(session, courses.find(session, "KT01"))
    assert [one.title for one in course.lessons()] == ["Địa chỉ IP", "Cuối khoá"]
    assert (course.quizzes[0].pass_mark, course.quizzes[0].attempts) == (0.7, 2)
    assert len(course.quizzes[0].questions) == 8


def test_two_who_write_one_lesson_are_told_and_lose_nothing(page: Browser) -> None:
    new_course(page)
    page.post(f"{HOME}/KT01/sap-xep", viec="them-bai", title="Bài", kind="text")
    url = f"{HOME}/KT01/bai/bai"
    stale = hidden_fields(page.get(url).form(url))
    first = page.client.post(
        url, data={**stale, "title": "Bài", "body": "Của người kia"},
        headers={"accept": "application/json"},
    )  # fmt: skip
    assert first.json() == {"luot": 1}
    told = page.post(url, title="Bài", minutes="10", body="Của tôi, rất dài", luot="0", status=409)
    assert "Đặng Minh Thư vừa lưu phần này" in told.text
    assert "Của tôi, rất dài" in told.one("textarea", name="body").itertext().__next__()
    assert "Của người kia" in (told.one("pre").text or "")
    page.post(url, title="Bài", minutes="10", body="Của tôi, rất dài")
    with db.reading() as session:
        assert "rất dài" in json.dumps(
            authoring.opened(session, "KT01").outline, ensure_ascii=False
        )


def test_a_course_goes_out_and_comes_back_as_one_zip(page: Browser) -> None:
    sign_in(page)
    page.get(f"{HOME}/{CODE}/bai/thu-la")
    send(page, f"{HOME}/{CODE}/tep", {"tep": ("thu.png", word.png())}, bai="thu-la")
    data = page.client.get(f"{HOME}/{CODE}/goi.zip").content
    names = set(zipfile.ZipFile(io.BytesIO(data)).namelist())
    assert {"course.yml", "questions.yml", "01-thu-la.md", "img/thu.png"} <= names
    page.get(HOME)
    twice = send(page, f"{HOME}/goi", {"goi": ("x.zip", data)})
    assert (twice.status, "đã có khoá học khác" in twice.text) == (409, True)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as made:
        for name in old.namelist():
            made.writestr(name, old.read(name).replace(b"code: CB00", b"code: CB77"))
    page.get(HOME)
    there = send(page, f"{HOME}/goi", {"goi": ("x.zip", out.getvalue())})
    assert there.path == f"{HOME}/CB77"
    with db.reading() as session:
        mine, theirs = (authoring.opened(session, code) for code in (CODE, "CB77"))
        assert authoring.stock(session, mine) == authoring.stock(session, theirs)
        bodies = [[one.get("body") for one in here.outline["sections"][0]["lessons"]]
                  for here in (mine, theirs)]  # fmt: skip
        assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    ("name", "content"),
    [("img/x.svg", b"<svg><script>1</script></svg>"), ("x.exe", b"MZ"), ("../x.md", b"x"),
     ("img/x.png", b"<html>")],
)  # fmt: skip
def test_a_package_with_anything_else_in_it_is_refused(
    page: Browser, name: str, content: bytes
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("course.yml", "code: CB78")
        made.writestr(name, content)
    sign_in(page)
    assert send(page, f"{HOME}/goi", {"goi": ("x.zip", out.getvalue())}).status == 422


def test_a_copy_has_lessons_and_questions_of_its_own(page: Browser) -> None:
    sign_in(page)
    page.get(f"{HOME}/{CODE}")
    page.post(f"{HOME}/{CODE}/nhan-ban", code="CB01", title="Bản sao", queries=60)
    assert "một hình chưa được tải lên" in page.get(f"{HOME}/CB01").text
    page.get(f"{HOME}/CB01/bai/thu-la")
    page.post(f"{HOME}/CB01/bai/thu-la", title="Thư lạ", minutes="5", body="Không còn hình.")
    page.get(f"{HOME}/CB01")
    page.post(f"{HOME}/CB01/mo", queries=40)
    with db.reading() as session:
        assert courses.find(session, "CB01").status == "published"
        assert len(bank.current(session, "CB01")) == 7


def test_only_pictures_and_pdf_are_taken_by_what_is_in_them(page: Browser) -> None:
    sign_in(page)
    page.get(f"{HOME}/{CODE}/bai/thu-la")
    bad = send(page, f"{HOME}/{CODE}/tep", {"tep": ("anh.png", b"<html>")}, bai="thu-la")
    assert bad.status == 422
    page.get(f"{HOME}/{CODE}/bai/thu-la")
    good = send(page, f"{HOME}/{CODE}/tep", {"tep": ("Ảnh thư.jpeg", word.png())}, bai="thu-la")
    assert re.search(r"img/anh-thu\.png", good.text)


def test_learners_have_no_desk(page: Browser) -> None:
    sign_in(page, "binh", "/hoc")
    for url in (HOME, f"{HOME}/moi", f"{HOME}/nhanh", f"{HOME}/{CODE}", f"{HOME}/{CODE}/goi.zip"):
        page.get(url, status=403)


def test_what_is_left_out_of_the_bank_leaves_published_tests_alone(page: Browser) -> None:
    sign_in(page)
    page.get(f"{HOME}/{CODE}/cau-hoi")
    left = page.post(f"{HOME}/{CODE}/cau-hoi/bo-ra", cau="truefalse")
    assert "Lấy lại 1 câu" in left.text
    with db.reading() as session:
        assert len(bank.current(session, CODE)) == 7
    back = page.post(f"{HOME}/{CODE}/cau-hoi/bo-ra")
    assert "Lấy lại" not in back.text


def test_files_that_were_read_are_forgotten_after_a_month(page: Browser, clock: Clock) -> None:
    sign_in(page)
    page.get(f"{HOME}/{CODE}/nhap")
    preview = page.post(f"{HOME}/{CODE}/nhap", text="Câu 1: Một?\n*A. Có\nB. Không", queries=40)
    for days, kept in ((29, True), (2, False)):
        clock.move(days=days)
        with db.transaction() as session:
            intake.forget(session)
        with db.reading() as session:
            rows = session.scalars(select(QuestionImport.token)).all()
        assert (preview.path.split("/")[-1] in rows) is kept
