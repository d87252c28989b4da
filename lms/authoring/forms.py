"""What trainers type into forms, as parts of an outline."""

from starlette.datastructures import FormData, UploadFile

from backend.i18n import gettext as _
from backend.web import text_of
from lms.authoring import outline as outlines
from lms.authoring.outline import ALL, Outline

LEGAL = 12
"""Texts that a course may rest on."""
MOST_BEFORE = 20
"""Courses that may come before another."""


def number(form: FormData, name: str, low: float, high: float, default: float) -> float:
    """A number between two others; “1,5” is read as well."""
    try:
        return min(max(float(text_of(form, name, limit=12).replace(",", ".")), low), high)
    except ValueError:
        return default


def whole(form: FormData, name: str, low: int, high: int, default: int) -> int:
    """A whole number between two others."""
    return int(number(form, name, low, high, default))


def sent(form: FormData, name: str) -> tuple[bytes, str]:
    """A file: what is in it, and its name."""
    file = form.get(name)
    if not isinstance(file, UploadFile):
        return b"", ""
    with file.file:
        return file.file.read(), (file.filename or "")[-200:]


def new_outline(form: FormData) -> Outline:
    """A course from the form for a new one."""
    title = text_of(form, "title", limit=200)
    return outlines.blank(
        text_of(form, "code", limit=20).upper(), title,
        text_of(form, "summary", limit=2000) or title,
        text_of(form, "audience", limit=10) or "all", number(form, "hours", 0.5, 400, 1),
    )  # fmt: skip


def about(form: FormData, outline: Outline) -> None:
    """Title, summary and the like."""
    outline["title"] = text_of(form, "title", limit=200) or outline["title"]
    outline["summary"] = text_of(form, "summary", limit=2000) or outline["summary"]
    outline["audience"] = text_of(form, "audience", limit=10) or outline["audience"]
    outline["target"] = whole(form, "target", 1, 100, 100) / 100
    outline["hours"] = number(form, "hours", 0.5, 400, outline["hours"])
    outline["validity_months"] = whole(form, "validity", 0, 120, outline.get("validity_months", 0))
    lines = text_of(form, "outcomes").splitlines()
    outline["outcomes"] = [line.strip(" -•") for line in lines if line.strip(" -•")]
    chosen = [code for code in form.getlist("prerequisites") if isinstance(code, str)]
    outline["prerequisites"] = list(dict.fromkeys(chosen))[:MOST_BEFORE]
    outline["completion"] = {
        "time_share": whole(form, "time_share", 0, 100, 80) / 100,
        "practice": form.get("practice") is not None, "final": form.get("final") is not None,
    }  # fmt: skip
    outline["legal"] = [row for n in range(LEGAL) if (row := _source(form, n))]


def _source(form: FormData, n: int) -> Outline | None:
    """A text that the course rests on; without its name it is none."""
    row: Outline = {
        name: text_of(form, f"{name}{n}", limit=longest)
        for name, longest in (("text", 1000), ("number", 80), ("date", 40), ("note", 400))
    }
    row["verified"] = form.get(f"verified{n}") is not None
    return row if row["text"] else None


def lesson(form: FormData, outline: Outline, key: str) -> None:
    """A lesson; and the rules of its quiz, if it is one."""
    one = outlines.lesson(outline, key)
    one["title"] = text_of(form, "title", limit=200) or one["title"]
    one["minutes"] = whole(form, "minutes", 1, 600, one["minutes"])
    one["body"] = text_of(form, "body", limit=100_000).replace("\r\n", "\n")
    if one["kind"] in ("file", "video"):
        one["media"] = text_of(form, "media", limit=120)
    if one["kind"] == "video":
        one["captions"] = text_of(form, "captions", limit=120)
    if one["kind"] == "quiz":
        _quiz(form, outlines.quiz(outline, one["quiz"]), one["title"])


def _quiz(form: FormData, rules: Outline, title: str) -> None:
    rules["title"] = title
    rules["kind"] = "final" if form.get("quiz_kind") == "final" else "practice"
    rules["pass_mark"] = whole(form, "pass_mark", 1, 100, 80) / 100
    rules["minutes"] = whole(form, "quiz_minutes", 0, 600, 0)
    rules["attempts"] = whole(form, "attempts", 0, 50, 0)
    rules["shuffle"] = form.get("shuffle") is not None
    said = text_of(form, "feedback", limit=5)
    rules["feedback"] = said if said in ("end", "never") else "end"
    draws = [
        {"category": text_of(form, f"category{n}", limit=60), "difficulty": level or None,
         "count": count}
        for n in range(40) for level in (1, 2, 3, 0)  # what may be of any difficulty comes last
        if form.get(f"category{n}") is not None
        and (count := whole(form, f"count{n}-{level}", 0, 100, 0))
    ]  # fmt: skip
    is_drawn = form.get("asks") == "draw" and draws
    rules["draw"], rules["questions"] = (draws, []) if is_drawn else ([], [ALL])


def kinds() -> dict[str, str]:
    """Kinds of lessons that are made here, and how pages call them."""
    return {
        "text": _("Bài đọc"), "video": _("Bài giảng video"), "quiz": _("Bài kiểm tra"),
        "file": _("Tài liệu PDF"), "class": _("Buổi học tại lớp"),
    }  # fmt: skip


def difficulties() -> dict[int, str]:
    """How pages call the three difficulties of a question."""
    return {1: _("Dễ"), 2: _("Vừa"), 3: _("Khó")}


def draw_levels() -> dict[int, str]:
    """The difficulties that a draw may name; 0 names none."""
    return {**difficulties(), 0: _("Bất kỳ")}
