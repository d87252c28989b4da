"""Attempts: drawn, saved in any order, handed in once, marked once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from backend.errors import Conflict, NotFound
from lms import questions
from lms.attempts import service as attempts
from lms.attempts.models import Attempt
from lms.attempts.service import GRACE, Given
from lms.courses import service as courses
from lms.courses.content import Course
from lms.courses.service import Taking
from lms.questions import service as bank

NOW = datetime(2026, 1, 5, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LAN, TUAN = 11, 12


@pytest.fixture
def taking(session: Session) -> Taking:
    return begin(session)


def begin(session: Session, **quiz: Any) -> Taking:
    stock = [
        questions.parse(
            {"type": "single", "id": f"q{n}", "text": f"Câu {n}?", "category": "thư",
             "choices": [{"text": "đúng", "right": True}, {"text": "sai"}, {"text": "khác"}]}
        )
        for n in range(6)
    ]  # fmt: skip
    bank.put(session, "CB00", stock, now=NOW)
    final = {
        "key": "cuoi", "title": "Cuối khoá", "kind": "final", "minutes": 10, "attempts": 2,
        "draw": [{"category": "thư", "count": 4}], "pass_mark": 0.75, **quiz,
    }  # fmt: skip
    lesson = {"key": "cuoi", "title": "Cuối", "minutes": 10, "kind": "quiz", "quiz": "cuoi"}
    course = {
        "code": "CB00", "title": "Khoá", "summary": "Ngắn.", "hours": 1,
        "sections": [{"title": "Một", "lessons": [lesson]}], "quizzes": [final],
    }  # fmt: skip
    courses.publish(session, Course.model_validate(course), now=NOW)
    courses.enrol(session, LAN, "CB00", now=NOW)
    return courses.taking(session, LAN, "CB00", lock=True)


def chosen(session: Session, attempt: Attempt, place: int, text: str) -> dict[str, list[str]]:
    item = attempts.items(session, attempt)[place]
    return {"a": [str(item.shown.options.index(text))]}


def give(
    session: Session, attempt: Attempt, place: int, text: str, seq: int, *, now: datetime = NOW
) -> attempts.Saved:
    given = Given(place, chosen(session, attempt, place, text), seq)
    return attempts.save(session, attempt, [given], now=now)


def hand_in(session: Session, attempt: Attempt, taking: Taking, now: datetime = NOW) -> Attempt:
    return attempts.submit(session, attempt, attempts.quiz_of(taking, "cuoi"), now=now)


def test_an_open_attempt_goes_on(session: Session, taking: Taking) -> None:
    first = attempts.start(session, taking, "cuoi", now=NOW)
    assert attempts.start(session, taking, "cuoi", now=NOW + MINUTE).id == first.id
    assert len(attempts.items(session, first)) == 4
    assert first.deadline_at == NOW + 10 * MINUTE


def test_the_newest_count_wins_in_whatever_order_it_comes(session: Session, taking: Taking) -> None:
    attempt = attempts.start(session, taking, "cuoi", now=NOW)
    assert give(session, attempt, 0, "đúng", 2).seqs == {0: 2}
    assert give(session, attempt, 0, "sai", 1).seqs == {0: 2}, "overtaken: the newer one stands"
    assert give(session, attempt, 0, "đúng", 2).seqs == {0: 2}
    assert attempts.items(session, attempt)[0].answer == 0
    give(session, attempt, 0, "khác", 3)
    session.expire_all()
    assert attempts.items(session, attempt)[0].answer == 2


def test_one_batch_may_hold_several_and_the_same_twice(session: Session, taking: Taking) -> None:
    attempt = attempts.start(session, taking, "cuoi", now=NOW)
    wrong, right = (chosen(session, attempt, 1, text) for text in ("sai", "đúng"))
    batch = [Given(1, right, 5), Given(1, wrong, 4), Given(2, {}, 6), Given(99, {}, 7)]
    assert attempts.save(session, attempt, batch, now=NOW).seqs == {1: 5, 2: 6}
    assert attempts.items(session, attempt)[1].answer == 0
    assert attempts.save(session, attempt, [], now=NOW).seqs == {}


def test_handing_in_twice_is_handing_in_once(session: Session, taking: Taking) -> None:
    attempt = attempts.start(session, taking, "cuoi", now=NOW)
    for place in range(3):
        give(session, attempt, place, "đúng", place + 1)
    hand_in(session, attempt, taking, NOW + MINUTE)
    assert (attempt.score, attempt.passed) == (0.75, True)
    assert give(session, attempt, 3, "đúng", 9).is_closed
    hand_in(session, attempt, taking, NOW + 5 * MINUTE)
    assert (attempt.score, attempt.submitted_at) == (0.75, NOW + MINUTE)
    assert attempts.passed(session, taking.enrolment.id) == {"cuoi"}
    assert attempts.standing_of(session, taking).is_complete


def test_queued_answers_have_a_minute_of_grace(session: Session, taking: Taking) -> None:
    attempt = attempts.start(session, taking, "cuoi", now=NOW)
    end = NOW + 10 * MINUTE
    assert not give(session, attempt, 0, "đúng", 1, now=end + GRACE).is_closed
    late = end + GRACE + timedelta(seconds=1)
    assert give(session, attempt, 1, "đúng", 2, now=late).is_closed
    assert attempts.overdue(session, now=late) == [attempt.id]
    assert attempts.overdue(session, now=end) == []
    hand_in(session, attempt, taking, late + 60 * MINUTE)
    assert attempt.score == 0.25
    assert attempt.submitted_at == end + GRACE


def test_tries_are_counted_and_an_expired_one_is_closed(session: Session, taking: Taking) -> None:
    first = attempts.start(session, taking, "cuoi", now=NOW)
    second = attempts.start(session, taking, "cuoi", now=NOW + 60 * MINUTE)
    assert (first.passed, first.score, second.number) == (False, 0, 2)
    assert second.seed != first.seed
    hand_in(session, second, taking, NOW + 61 * MINUTE)
    with pytest.raises(Conflict, match="2"):
        attempts.start(session, taking, "cuoi", now=NOW + 62 * MINUTE)


def test_an_attempt_is_its_learners_own(session: Session, taking: Taking) -> None:
    attempt = attempts.start(session, taking, "cuoi", now=NOW)
    for to in ("see", "save", "submit"):
        assert attempts.of_person(session, attempt.token, LAN, to=to).id == attempt.id
        with pytest.raises(NotFound):
            attempts.of_person(session, attempt.token, TUAN, to=to)
    with pytest.raises(NotFound):
        attempts.start(session, taking, "không có", now=NOW)


def test_extra_time_counts_at_once_and_later(session: Session, taking: Taking) -> None:
    attempt = attempts.start(session, taking, "cuoi", now=NOW)
    for minutes in (5, 8):
        attempts.grant(
            session, taking.enrolment.id, "cuoi", minutes, reason="Khiếm thị", by=1, now=NOW
        )
    assert attempt.deadline_at == NOW + 18 * MINUTE
    hand_in(session, attempt, taking)
    assert attempts.start(session, taking, "cuoi", now=NOW).deadline_at == NOW + 18 * MINUTE


def test_no_limit_means_no_deadline(session: Session) -> None:
    taking = begin(session, minutes=0)
    attempt = attempts.start(session, taking, "cuoi", now=NOW)
    assert attempt.deadline_at is None
    assert not attempts.is_over(attempt, now=NOW + timedelta(days=365))


def test_a_changed_question_changes_no_mark(session: Session, taking: Taking) -> None:
    attempt = attempts.start(session, taking, "cuoi", now=NOW)
    for place in range(4):
        give(session, attempt, place, "đúng", 1)
    changed = [
        questions.parse(
            {"type": "truefalse", "id": f"q{n}", "text": "?", "right": False, "category": "thư"}
        )
        for n in range(6)
    ]
    bank.put(session, "CB00", changed, now=NOW)
    assert hand_in(session, attempt, taking).score == 1


@pytest.mark.parametrize(("shuffle", "orders"), [(True, 2), (False, 1)])
def test_everybody_has_an_order_of_their_own_unless_it_is_fixed(
    session: Session, shuffle: bool, orders: int
) -> None:
    named = [f"q{n}" for n in range(6)]
    taking = begin(session, draw=[], questions=named, attempts=0, minutes=0, shuffle=shuffle)
    seen = set()
    for _try in range(6):
        attempt = attempts.start(session, taking, "cuoi", now=NOW)
        shown = [item.banked.key for item in attempts.items(session, attempt)]
        assert sorted(shown) == named
        seen.add(tuple(shown))
        hand_in(session, attempt, taking)
    assert len(seen) >= orders
    assert shuffle or seen == {tuple(named)}
