"""Questions out of Word, over every layout of tests/lms/papers.py; and files that are refused."""

import io
import random
import zipfile

import docx
import pytest

from backend.errors import AppError, InvalidInput, TooLarge
from lms.questions.importers import Draft, archives, read
from tests.lms import papers, word
from tests.lms.papers import EXTRA, LAYOUTS
from tests.lms.stock import SEVERAL, STATEMENTS, STOCK, Q


def wanted(name: str) -> list[tuple[str, object, tuple[str, ...]]]:
    """What a paper holds: words, key and choices of each question."""
    if name.startswith("13"):
        return [(text, is_right, ()) for text, is_right in STATEMENTS]
    stock: tuple[Q, ...] = SEVERAL if name.startswith("14") else STOCK
    before = f"{EXTRA}\n" if name.startswith("15") else ""
    return [(before + one.text, one.right, one.choices) for one in stock]


def got(draft: Draft) -> tuple[str, object, tuple[str, ...]]:
    question = draft.question
    if question is None:
        return draft.text, None, ()
    key = question.key()
    choices = tuple(choice.text for choice in getattr(question, "choices", ()))
    if question.type == "truefalse":
        return question.text, key, ()
    return question.text, frozenset(key if isinstance(key, list) else [key]), choices


def right(name: str) -> tuple[int, int, list[str]]:
    """How many questions of a layout came back whole, of how many; what went wrong."""
    drafts = [got(draft) for draft in read(papers.paper(name), "de.docx").drafts]
    expected = wanted(name)
    misses = [f"{one}" for one in expected if one not in drafts]
    if len(drafts) > len(expected):
        misses += [f"too many: {one}" for one in drafts if one not in expected]
    return len(expected) - sum(1 for one in expected if one not in drafts), len(expected), misses


def test_nearly_every_question_comes_back_with_its_key_from_every_layout() -> None:
    hits = total = 0
    table = []
    for name in LAYOUTS:
        good, count, misses = right(name)
        hits, total = hits + good, total + count
        table.append(
            f"{good:3}/{count}  {name}" + "".join(f"\n      {miss}" for miss in misses[:2])
        )
    print(f"{hits} of {total} questions with their keys:", *table, sep="\n")
    assert len(LAYOUTS) >= 12
    assert hits >= 0.95 * total, "\n".join(table)


def test_pictures_come_along_and_are_counted_once() -> None:
    found = read(papers.paper("11. Câu có hình"), "de.docx")
    assert list(found.pictures.values()) == [word.png()]
    assert {draft.picture for draft in found.drafts} == set(found.pictures)


def test_a_question_without_key_says_so_and_takes_one() -> None:
    from lms.questions.importers.draft import keyed

    text = "Câu 1: Chọn gì?\nA. Một\nB. Hai\n"
    draft = read(text.encode(), "dan.txt").drafts[0]
    assert draft.question is None
    assert draft.lacks_only_its_key
    assert draft.warnings == ("Chưa tìm thấy đáp án đúng.",)
    single, several = keyed(draft, "B").question, keyed(draft, "AB").question
    assert single is not None
    assert several is not None
    assert single.key() == 1
    assert several.type == "multiple"


def test_a_key_that_contradicts_what_is_marked_is_pointed_out() -> None:
    text = "Câu 1: Chọn gì?\nA. Một\n*B. Hai\nĐáp án: A\nGiải thích: Vì thế.\n"
    draft = read(text.encode(), "dan.txt").drafts[0]
    assert draft.question is not None
    assert draft.question.key() == 0
    assert draft.question.feedback == "Vì thế."
    assert any("một nẻo" in warning for warning in draft.warnings)


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "de.docx", "Tệp trống"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "de.doc", "Word Document (.docx)"),
        (b"khong phai zip", "de.docx", "bị hỏng"),
        (b"%PDF-1.7", "de.pdf", "loại tệp này"),
        (b"PK\x03\x04", "de.docx", "bị hỏng"),
        (b"\xd0\xcf\x11\xe0", "de.xlsx", ".xlsx"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(data: bytes, name: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says.replace("(", r"\(").replace(")", r"\)")):
        read(data, name)


def test_a_word_file_without_questions_says_how_they_should_look() -> None:
    document = docx.Document()
    document.add_paragraph("Kính gửi các cơ quan, thông báo lịch họp tuần sau.")
    with pytest.raises(InvalidInput, match="Câu 1:"):
        read(papers.saved(document), "de.docx")


def box(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("name", ["../x.txt", "/etc/x", "a/../../x", "C:/x", "a\\..\\x"])
def test_a_zip_that_reaches_outside_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="không an toàn"):
        archives.contents(box((name, b"x")))


def test_links_and_twins_in_a_zip_are_refused() -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(link, "/etc/passwd")
    with pytest.raises(InvalidInput):
        archives.contents(out.getvalue())
    with pytest.warns(UserWarning, match="Duplicate"):
        twins = box(("a", b"1"), ("a", b"2"))
    with pytest.raises(InvalidInput):
        archives.contents(twins)


def test_a_zip_damaged_on_its_way_is_refused() -> None:
    whole = box(("course.yml", random.Random(1).randbytes(5000).hex().encode()))
    damaged = whole[:60] + bytes(255 - byte for byte in whole[60:400]) + whole[400:]
    with pytest.raises(InvalidInput):
        archives.contents(damaged)


def test_bombs_are_refused_before_anything_opens_them() -> None:
    bomb = box(("[Content_Types].xml", b"x"), ("word/document.xml", b"\0" * 60_000_000))
    assert len(bomb) < 100_000
    for name in ("de.docx", "de.xlsx"):
        with pytest.raises(TooLarge):
            read(bomb, name)
    with pytest.raises(AppError):
        archives.contents(box(*((f"{n}", b"") for n in range(archives.MOST_MEMBERS + 1))))
