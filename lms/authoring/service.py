"""Drafts of courses: opened, saved as they are typed, published, copied."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.roles import SignedIn
from backend.errors import Conflict, InvalidInput
from backend.i18n import gettext as _
from lms.authoring import outline as outlines
from lms.authoring import question_drafts
from lms.authoring.models import CourseDraft
from lms.authoring.outline import Fault, Outline
from lms.courses import loader, prerequisites
from lms.courses import service as courses
from lms.courses.content import Course
from lms.courses.models import CourseFile, CourseRow, CourseVersion
from lms.questions import Question
from lms.questions import service as bank
from nlu.text import fold


@dataclass(frozen=True)
class Opened:
    """A course on the desk: its draft, and how often each part of it was saved."""

    row: CourseRow
    outline: Outline
    saves: dict[str, int]
    changed_by: str
    changed_at: datetime | None


def listed(session: Session) -> list[CourseRow]:
    """Every course, whoever began it."""
    return list(session.scalars(select(CourseRow).order_by(CourseRow.code)))


def create(session: Session, officer: SignedIn, outline: Outline, *, now: datetime) -> CourseRow:
    """A new course that nobody sees yet."""
    try:
        course = Course.model_validate(
            {**{k: outline[k] for k in ("code", "title", "summary", "audience", "hours")},
             "status": "announced"}
        )  # fmt: skip
    except ValidationError as error:
        raise _refused(error) from error
    if session.scalar(select(CourseRow.id).where(CourseRow.code == course.code)):
        message = _("Mã {code} đã có khoá học khác dùng.").format(code=course.code)
        raise Conflict("code_taken", message, fields={"code": message})
    row = CourseRow(
        code=course.code, title=course.title, title_folded=fold(course.title),
        summary=course.summary, audience=course.audience, status="draft",
        draft=course.model_dump_json(), created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add(_draft_row(row.id, outline, officer, now))
    session.flush()
    return row


def opened(session: Session, code: str, *, lock: bool = False) -> Opened:
    """The course as it stands on the desk: its draft, else what was published last."""
    row = courses.find(session, code)
    query = select(CourseDraft).where(CourseDraft.course_id == row.id)
    draft = session.scalar(query.with_for_update() if lock else query)
    if draft is None:
        published = courses.published(session, row).model_dump(mode="json")
        return Opened(row, {"removed": [], **published}, {}, "", None)
    return Opened(
        row, json.loads(draft.content), json.loads(draft.saves), draft.changed_by, draft.changed_at
    )


def change(
    session: Session, officer: SignedIn, code: str, work: Callable[[Outline], None], *,
    part: str = "", seen: int | None = None, now: datetime,
) -> int:  # fmt: skip
    """Change the draft; how often this part was saved by now.

    With `seen`, the count that the writer's page began with, a part that somebody else saved
    meanwhile is refused: the writer decides.
    """
    here = opened(session, code, lock=True)
    count = here.saves.get(part, 0)
    if seen is not None and seen != count:
        message = _("{name} vừa lưu phần này. Những gì anh/chị gõ vẫn còn ở dưới: xin xem lại rồi "
                    "bấm Lưu lần nữa nếu muốn thay.")  # fmt: skip
        raise Conflict("draft_changed", message.format(name=here.changed_by or _("Người khác")))
    work(here.outline)
    row = session.scalar(select(CourseDraft).where(CourseDraft.course_id == here.row.id))
    if row is None:
        row = _draft_row(here.row.id, here.outline, officer, now)
        session.add(row)
    row.content = json.dumps(here.outline, ensure_ascii=False)
    row.saves = json.dumps({**here.saves, part: count + 1})
    row.changed_by, row.changed_at = officer.name, now
    session.flush()
    return count + 1


def stock(session: Session, here: Opened) -> dict[str, Question]:
    """The bank of the course as the draft has it: with what was written, without what is out."""
    removed = set(here.outline.get("removed", ()))
    banked = {one.key: one.question for one in bank.current(session, here.row.code)}
    edited = question_drafts.whole(here.outline)
    return {key: one for key, one in {**banked, **edited}.items() if key not in removed}


def faults(session: Session, here: Opened) -> list[Fault]:
    """What keeps it from being published."""
    files = loader.addresses(session, here.row.id)
    message = _("Một câu hỏi đang soạn chưa hoàn chỉnh. Xin viết nốt hoặc bỏ câu này.")
    unfinished = [Fault(message, question=key) for key in question_drafts.unfinished(here.outline)]
    found = outlines.faults(here.outline, stock(session, here), files.keys())
    return found + _order_faults(session, here) + unfinished


def _order_faults(session: Session, here: Opened) -> list[Fault]:
    """What is wrong with the courses that come before this one."""
    wanted = here.outline.get("prerequisites", ())
    if not wanted:
        return []
    if unknown := prerequisites.unknown(session, wanted):
        message = _("Không có khoá {codes} để yêu cầu học trước. Xin chọn lại.")
        return [Fault(message.format(codes=", ".join(unknown)))]
    if code := prerequisites.circle(session, here.row.code, wanted):
        message = _("Khoá {code} lại cần học xong khoá này trước, nên không ai học được. "
                    "Xin bỏ khoá {code} khỏi danh sách cần học trước.")  # fmt: skip
        return [Fault(message.format(code=code))]
    return []


def publish(session: Session, officer: SignedIn, code: str, *, now: datetime) -> CourseRow:
    """Open it to learners; whoever is in an older version stays there."""
    here = opened(session, code, lock=True)
    if found := faults(session, here):
        raise InvalidInput("not_ready", " ".join(fault.message for fault in found))
    try:
        course = Course.model_validate(outlines.whole(here.outline, stock(session, here)))
    except ValidationError as error:
        raise _refused(error) from error
    row = courses.publish(session, course, by=officer.id, now=now)
    _leave_out(session, here)
    _take_in(session, here, now=now)
    return row


def _take_in(session: Session, here: Opened, *, now: datetime) -> None:
    """Questions that were written go into the bank, as new versions of what they change."""
    removed = here.outline.get("removed", ())
    ready = {k: q for k, q in question_drafts.whole(here.outline).items() if k not in removed}
    if not ready:
        return
    bank.put(session, here.row.code, ready.values(), now=now)
    question_drafts.settled(here.outline, ready)
    row = session.scalars(select(CourseDraft).where(CourseDraft.course_id == here.row.id)).one()
    row.content = json.dumps(here.outline, ensure_ascii=False)
    session.flush()


def _leave_out(session: Session, here: Opened) -> None:
    """Questions taken out leave the bank, unless a version that somebody learns from names them."""
    versions = select(CourseVersion.content).where(CourseVersion.course_id == here.row.id)
    contents = list(session.scalars(versions))
    for key in here.outline.get("removed", ()):
        if not any(f'"{key}"' in content for content in contents):
            bank.take_out(session, here.row.code, key)


def duplicate(
    session: Session, officer: SignedIn, code: str, new_code: str, title: str, *, now: datetime
) -> CourseRow:
    """The same course under another code: lessons, files and questions."""
    here = opened(session, code)
    copy = {**here.outline, "code": new_code, "title": title}
    row = create(session, officer, copy, now=now)
    for file in session.scalars(select(CourseFile).where(CourseFile.course_id == here.row.id)):
        loader.add_file(session, row.id, file.name, file.content)
    bank.put(session, new_code, stock(session, here).values(), now=now)
    return row


def _draft_row(course_id: int, outline: Outline, officer: SignedIn, now: datetime) -> CourseDraft:
    return CourseDraft(
        course_id=course_id, content=json.dumps(outline, ensure_ascii=False), saves="{}",
        changed_by=officer.name, changed_at=now,
    )  # fmt: skip


def _refused(error: ValidationError) -> InvalidInput:
    """The first thing that is wrong, at its field."""
    words = {
        "code": _("Mã gồm hai chữ hoa và hai số, ví dụ KT01; có thể thêm chữ và số, dấu gạch."),
        "title": _("Xin ghi tên khoá học."),
        "summary": _("Xin ghi một hai câu giới thiệu."),
        "hours": _("Số tiết từ 0,5 đến 400."),
        "audience": _("Xin chọn đối tượng học."),
    }
    names = [str(one["loc"][0]) for one in error.errors() if one["loc"]]
    fields = {name: words[name] for name in names if name in words}
    message = next(iter(fields.values()), _("Khoá học còn chỗ chưa hợp lệ. Xin xem lại các bài."))
    return InvalidInput("course_invalid", message, fields=fields)
