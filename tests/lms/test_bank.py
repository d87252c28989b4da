"""The bank: versions that keep the past, and draws that keep to the blueprint."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.errors import Conflict
from lms import questions
from lms.questions import Question
from lms.questions import service as bank
from lms.questions.models import QuestionRow
from lms.questions.service import Drawing

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def question(key: str, text: str = "Đúng không?", **more: Any) -> Question:
    raw = {"type": "truefalse", "id": key, "text": text, "right": True, "category": "thư", **more}
    return questions.parse(raw)


def test_the_same_again_changes_nothing(session: Session) -> None:
    assert bank.put(session, "CB00", [question("q1"), question("q2")], now=NOW) == 2
    assert bank.put(session, "CB00", [question("q1"), question("q2")], now=NOW) == 0
    assert [b.key for b in bank.current(session, "CB00")] == ["q1", "q2"]


def test_a_question_from_before_a_field_was_there_is_the_same(session: Session) -> None:
    choices = [{"text": "Có", "right": True}, {"text": "Không"}]
    raw = {"type": "single", "id": "q1", "text": "Báo ngay?", "choices": choices}
    asked = questions.parse(raw)
    bank.put(session, "CB00", [asked], now=NOW)
    [row] = session.scalars(select(QuestionRow))
    row.content = json.dumps({k: v for k, v in json.loads(row.content).items()
                              if k != "keeps_order"})  # fmt: skip
    session.flush()
    assert bank.put(session, "CB00", [asked], now=NOW) == 0
    kept = questions.parse({**raw, "keeps_order": True})
    assert bank.put(session, "CB00", [kept], now=NOW) == 1


def test_a_change_is_a_new_version_and_the_old_one_stays(session: Session) -> None:
    bank.put(session, "CB00", [question("q1")], now=NOW)
    [old] = bank.current(session, "CB00")
    assert bank.put(session, "CB00", [question("q1", "Sai không?")], now=NOW) == 1
    [new] = bank.current(session, "CB00")
    assert new.id != old.id
    texts = [b.question.text for b in bank.by_ids(session, [old.id, new.id, old.id])]
    assert texts == ["Đúng không?", "Sai không?", "Đúng không?"]


def test_what_was_taken_out_is_not_drawn_and_may_return(session: Session) -> None:
    bank.put(session, "CB00", [question("q1")], now=NOW)
    bank.take_out(session, "CB00", "q1")
    assert bank.current(session, "CB00") == []
    with pytest.raises(Conflict):
        bank.named(session, "CB00", ["q1"])
    assert bank.put(session, "CB00", [question("q1")], now=NOW) == 1
    assert len(bank.named(session, "CB00", ["q1"])) == 1


def test_a_draw_keeps_to_the_blueprint(session: Session) -> None:
    stock = [question(f"a{n}", difficulty=1 + n % 2) for n in range(10)]
    stock += [question(f"b{n}", category="mạng") for n in range(4)]
    bank.put(session, "CB00", stock, now=NOW)
    blueprint = [Drawing("thư", 3, 2), Drawing("thư", 4), Drawing("mạng", 2)]
    drawn = bank.draw(session, "CB00", blueprint, seed="x")
    assert drawn == bank.draw(session, "CB00", blueprint, seed="x")
    assert len(set(drawn)) == 9
    found = [b.question for b in bank.by_ids(session, drawn)]
    assert all(q.difficulty == 2 for q in found[:3])
    assert [q.category for q in found] == ["thư"] * 7 + ["mạng"] * 2
    assert len({tuple(bank.draw(session, "CB00", blueprint, seed=str(n))) for n in range(9)}) > 5


def test_a_bank_that_is_too_small_says_so(session: Session) -> None:
    bank.put(session, "CB00", [question("q1")], now=NOW)
    with pytest.raises(Conflict, match="1"):
        bank.draw(session, "CB00", [Drawing("thư", 2)], seed="x")


def test_banks_do_not_mix(session: Session) -> None:
    bank.put(session, "CB00", [question("q1")], now=NOW)
    bank.put(session, "KT01", [question("q1", "Khác")], now=NOW)
    assert [b.question.text for b in bank.current(session, "KT01")] == ["Khác"]
    assert bank.current(session, "CB00", category="không có") == []
