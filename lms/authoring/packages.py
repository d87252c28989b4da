"""A course as one zip, in the shape of `lms/data/<code>/`: out of here and into another place."""

import io
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path, PurePosixPath

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.roles import SignedIn
from backend.errors import InvalidInput
from backend.i18n import gettext as _
from lms.authoring import outline as outlines
from lms.authoring import service as authoring
from lms.authoring import uploads
from lms.authoring.service import Opened
from lms.courses import loader, shelf
from lms.courses.models import CourseFile, CourseRow
from lms.courses.shelf import BrokenCourseError
from lms.questions import service as bank
from lms.questions.importers import archives

MOST_BYTES = 120 * 1024 * 1024
"""Room for a course with a video or two; what is larger goes in without them."""
_TEXTS = frozenset({".yml", ".md", ".vtt", ".svg"})


def packed(session: Session, here: Opened) -> bytes:
    """The course as it stands on the desk."""
    stock = authoring.stock(session, here)
    course = outlines.whole(here.outline, stock)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        for number, lesson in enumerate(outlines.lessons(course), start=1):
            if body := lesson.pop("body", ""):
                lesson["file"] = f"{number:02d}-{lesson['key']}.md"
                box.writestr(lesson["file"], body)
            else:
                lesson.pop("file", None)
        box.writestr("course.yml", _yaml(course))
        questions = [one.model_dump(mode="json") for one in stock.values()]
        box.writestr("questions.yml", _yaml({"questions": questions}))
        files = select(CourseFile).where(CourseFile.course_id == here.row.id)
        newest = {
            file.name: file.content for file in session.scalars(files.order_by(CourseFile.id))
        }
        for name, content in newest.items():
            box.writestr(name, content)
    return out.getvalue()


def _yaml(content: object) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)


def unpacked(session: Session, officer: SignedIn, data: bytes, *, now: datetime) -> CourseRow:
    """A new course out of a zip; it waits on the desk until it is published."""
    with tempfile.TemporaryDirectory() as place:
        for name, content in archives.contents(data, most=MOST_BYTES).items():
            _refuse_unsafe(name, content)
            target = Path(place) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        folders = shelf.folders(Path(place)) or [Path(place)]
        try:
            folder = shelf.read(folders[0])
        except (BrokenCourseError, RecursionError) as error:
            message = _("Gói khoá học chưa dùng được: {what}").format(what=str(error)[:300])
            raise InvalidInput("package_broken", message) from error
        outline = {**folder.course.model_dump(mode="json"), "removed": []}
        row = authoring.create(session, officer, outline, now=now)
        for name, path in folder.files.items():
            loader.add_file(session, row.id, name, path.read_bytes())
    bank.put(session, row.code, folder.questions.values(), now=now)
    return row


def _refuse_unsafe(name: str, content: bytes) -> None:
    """Only what a course is made of, each file being what its name says."""
    ending = PurePosixPath(name).suffix.lower()
    if ending in _TEXTS:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _bad(name) from error
        if ending == ".svg" and ("<script" in text.casefold() or "<!entity" in text.casefold()):
            raise _bad(name)
    elif ending == ".mp4":
        if content[4:8] != b"ftyp":
            raise _bad(name)
    else:
        uploads.checked(content, name)


def _bad(name: str) -> InvalidInput:
    message = _("Tệp {name} trong gói không an toàn hoặc không đúng loại.").format(name=name)
    return InvalidInput("package_unsafe", message)
