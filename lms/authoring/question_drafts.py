"""Questions as they are being written: in the course's draft, and in the bank once it is published.

`outline["questions"]` holds their data by key, perhaps with gaps. A question of the bank that is
edited stays there as it was, for whoever answers it today, until the course is published again;
what was answered points at the version that was shown, for ever.
"""

import secrets
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy.orm import Session

from backend.errors import NotFound
from backend.i18n import gettext as _
from lms import questions
from lms.authoring.outline import Outline
from lms.questions import QUESTIONS, Question
from lms.questions import service as bank
from lms.questions.question import Fields, first

Raw = dict[str, Any]
SHARED = {"text": 4000, "category": 60, "feedback": 2000, "image": 120}
"""What every type has, and how long it may be."""


def waiting(outline: Outline) -> dict[str, Raw]:
    """What was written since the course was published, by key."""
    found: dict[str, Raw] = outline.get("questions", {})
    return found


def whole(outline: Outline) -> dict[str, Question]:
    """Those that could be asked as they are."""
    return {key: made for key, raw in waiting(outline).items() if (made := parsed(raw))}


def parsed(raw: Mapping[str, Any]) -> Question | None:
    """The question, if nothing is missing."""
    try:
        return questions.parse(raw)
    except ValueError:
        return None


def unfinished(outline: Outline) -> list[str]:
    """Keys of those that still lack something; what was left out of the bank does not matter."""
    ready, removed = whole(outline), outline.get("removed", ())
    return [key for key in waiting(outline) if key not in ready and key not in removed]


def missing(raw: Mapping[str, Any]) -> list[str]:
    """What a question still lacks, in words."""
    words = {
        "text": _("Xin ghi câu hỏi."), "one_right": _("Xin chọn một phương án đúng, chỉ một."),
        "no_right": _("Xin chọn ít nhất một phương án đúng."),
        "items_repeat": _("Có hai dòng giống nhau. Xin sửa một dòng."),
        "choices": _("Xin ghi ít nhất hai phương án."), "right": _("Xin chọn Đúng hoặc Sai."),
        "pairs": _("Xin ghi ít nhất hai cặp, mỗi cặp đủ hai vế."),
        "items": _("Xin ghi ít nhất hai bước."), "accepts": _("Xin ghi ít nhất một đáp án."),
        "value": _("Xin ghi đáp án bằng số."), "tolerance": _("Sai số cho phép phải là số."),
    }  # fmt: skip
    try:
        questions.parse(raw)
    except ValidationError as error:
        names = [_name(one["loc"], one["msg"]) for one in error.errors()]
        found = [words.get(name, _("Câu hỏi còn chỗ chưa hợp lệ.")) for name in names]
        return list(dict.fromkeys(found))
    return []


def _name(place: tuple[int | str, ...], message: str) -> str:
    """The field that is wrong; a rule about several is named at the end of its message."""
    return str(place[0]) if place else message.rpartition(" ")[2]


def begin(session: Session, code: str, outline: Outline, kind: str) -> str:
    """An empty question of this type; its key."""
    if kind not in QUESTIONS:
        raise NotFound("no_type", _("Không có loại câu hỏi này."))
    drafts = outline.setdefault("questions", {})
    number = len(bank.current(session, code)) + len(drafts) + 1
    key = f"{number:04d}-{secrets.token_hex(5)}"
    drafts[key] = {"type": kind, "id": key, "text": "", "category": "", "difficulty": 1}
    return key


def found(session: Session, code: str, outline: Outline, key: str) -> Raw:
    """A question as it stands on the desk: as it is being written, else as the bank has it."""
    if raw := waiting(outline).get(key):
        return raw
    for one in bank.current(session, code):
        if one.key == key:
            return one.question.model_dump(mode="json")
    raise NotFound("no_question", _("Ngân hàng không có câu hỏi này."))


def write(outline: Outline, raw: Raw, fields: Fields) -> None:
    """Keep what was typed, whatever is still missing."""
    outline.setdefault("questions", {})[raw["id"]] = typed(raw, fields)


def typed(raw: Raw, fields: Fields) -> Raw:
    """The question as its form now says; type and key never change."""
    level = first(fields, "difficulty")
    own = QUESTIONS[raw["type"]].typed(fields)
    shared = {name: first(fields, name)[:longest] for name, longest in SHARED.items()}
    difficulty = int(level) if level in ("1", "2", "3") else 1
    return {"type": raw["type"], "id": raw["id"], "difficulty": difficulty, **shared, **own}


def settled(outline: Outline, stored: Collection[str]) -> None:
    """These are in the bank now: the draft need not keep them."""
    left = {key: raw for key, raw in waiting(outline).items() if key not in stored}
    outline["questions"] = left
