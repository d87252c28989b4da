"""Puts a course folder into the database: files, bank, version. The same folder again changes
nothing."""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import LargeBinary, func, select
from sqlalchemy.orm import Session

from lms.courses import addresses as places
from lms.courses import service as courses
from lms.courses.models import CourseFile, CourseRow
from lms.courses.shelf import Folder
from lms.questions import service as bank


@dataclass(frozen=True)
class Loaded:
    """What a folder changed."""

    code: str
    is_new_version: bool
    questions: int


def load(session: Session, folder: Folder, *, now: datetime) -> Loaded:
    """Make the course, its bank and its files what the folder says."""
    course = folder.course
    before = session.scalar(select(CourseRow.published_id).where(CourseRow.code == course.code))
    row = courses.publish(session, course, now=now)
    changed = bank.put(session, course.code, folder.questions.values(), now=now)
    for name, path in folder.files.items():
        add_file(session, row.id, name, path.read_bytes())
    return Loaded(course.code, row.published_id != before, changed)


def add_file(session: Session, course_id: int, name: str, content: bytes) -> CourseFile:
    """A file that lessons may name; the same content under the same name is the same file."""
    digest = hashlib.sha256(content).hexdigest()
    found = session.scalar(
        select(CourseFile).where(
            CourseFile.course_id == course_id, CourseFile.name == name, CourseFile.digest == digest
        )
    )
    if found is None:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        found = CourseFile(
            course_id=course_id, name=name, digest=digest, media_type=kind, size=len(content),
            content=content,
        )  # fmt: skip
        session.add(found)
        session.flush()
    return found


@dataclass(frozen=True)
class Served:
    """A file of a course, where it is served and what it weighs.

    `path` is the same for ever and on every host; the app leads from it to `address`.
    """

    name: str
    address: str
    path: str
    media_type: str
    size: int


def newest_files(session: Session, course_id: int) -> list[Served]:
    """The files of a course; of several under one name the newest."""
    rows = session.execute(
        select(CourseFile.name, CourseFile.digest, CourseFile.media_type, CourseFile.size)
        .where(CourseFile.course_id == course_id)
        .order_by(CourseFile.id)
    )
    newest: dict[str, Served] = {}
    for name, digest, kind, size in rows:
        here = places.address(digest, name), places.path_of(digest, name)
        newest[name] = Served(name, *here, media_type=kind, size=size)
    return list(newest.values())


def addresses(session: Session, course_id: int) -> Mapping[str, str]:
    """Where each file of a course is served; of several under one name the newest."""
    return {file.name: file.address for file in newest_files(session, course_id)}


@dataclass(frozen=True)
class Found:
    """The file behind an address, without what is in it."""

    id: int
    media_type: str
    size: int


def find_file(session: Session, digest: str, name: str) -> Found | None:
    """The file behind an address; its bytes are read with `bytes_of`."""
    row = session.execute(
        select(CourseFile.id, CourseFile.media_type, CourseFile.size)
        .where(CourseFile.digest.startswith(digest, autoescape=True), CourseFile.name == name)
        .limit(1)
    ).first()
    return Found(row.id, row.media_type, row.size) if row else None


def bytes_of(session: Session, file: Found, part: range) -> bytes:
    """Some of its bytes: nobody who jumps about in a video makes us read all of it."""
    piece = func.substr(CourseFile.content, part.start + 1, len(part), type_=LargeBinary())
    return session.scalars(select(piece).where(CourseFile.id == file.id)).one()
