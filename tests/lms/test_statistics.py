"""How questions do: what is easy, and what tells those who know from those who do not."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from lms import questions
from lms.attempts.models import Attempt, SavedAnswer
from lms.courses import service as courses
from lms.questions import service as bank
from lms.reports import statistics
from tests.lms.course import CODE, make_course, make_official

NOW = datetime(2026, 1, 5, 2, tzinfo=UTC)


@pytest.fixture
def asked(session: Session) -> list[int]:
    """Three questions: one that tells people apart, one that does the opposite, one all know."""
    make_course(session, now=NOW)
    person = make_official(session)
    raw = [
        {"type": "truefalse", "id": key, "text": key, "right": True, "category": "x"}
        for key in ("tot", "nguoc", "de", "phu")
    ]
    bank.put(session, "X", [questions.parse(one) for one in raw], now=NOW)
    ids = bank.named(session, "X", ["tot", "nguoc", "de", "phu"])
    for number in range(20):
        knows = number % 2
        enrolment = courses.enrol(session, person, CODE, now=NOW)
        attempt = Attempt(
            token=f"t{number}", enrolment_id=enrolment.id, quiz="cuoi", number=number + 1, seed="s",
            questions=json.dumps(ids), started_at=NOW, submitted_at=NOW, score=0.5,
            passed=bool(knows),
        )  # fmt: skip
        session.add(attempt)
        session.flush()
        for place, mark in enumerate((knows, 1 - knows, 1)):
            session.add(
                SavedAnswer(attempt_id=attempt.id, place=place, answer="true", seq=1, saved_at=NOW,
                            mark=float(mark))
            )  # fmt: skip
        # The fourth, which those who know got right; nobody else answered it.
        if knows:
            session.add(
                SavedAnswer(attempt_id=attempt.id, place=3, answer="true", seq=1, saved_at=NOW,
                            mark=1.0)
            )  # fmt: skip
    session.flush()
    return ids


def test_items_say_what_to_look_at(session: Session, asked: list[int]) -> None:
    found = {item.key: item for item in statistics.items(session, CODE)}
    assert found["nguoc"].discrimination == pytest.approx(-1.0)
    assert found["nguoc"].remark == "flat"
    assert found["de"].easiness == 1.0
    assert found["de"].discrimination is None
    assert found["de"].remark == "easy"
    assert found["phu"].easiness == 0.5, "whoever left it empty has no mark for it"
    assert next(iter(statistics.items(session, CODE))).remark


def test_courses_are_counted(session: Session, asked: list[int]) -> None:
    (found,) = statistics.courses(session)
    assert (found.code, found.begun, found.completed) == (CODE, 1, 0)
    assert (found.tries, found.passed, found.mean_score) == (20, 10, 0.5)
