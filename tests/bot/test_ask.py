"""`python -m bot ask --jsonl`: the fixed interface, to the letter."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import func, select

from backend import db
from backend.config import ROOT
from backend.db import Base
from bot import ask
from bot.dialogue import engine
from tests import some_procedures
from tests.some_procedures import BIRTH, MARRIAGE

KEYS = {"behavior", "codes", "aspects", "reply", "buttons"}


@pytest.fixture(autouse=True)
def catalogue(database, clock):
    """Two procedures to ask about."""
    some_procedures.load(BIRTH, MARRIAGE)


def answered(*lines: bytes | dict[str, object]) -> list[tuple[dict[str, Any], bool]]:
    given = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return [(json.loads(out), readable) for out, readable in ask.answer_lines(given)]


def test_a_question_and_a_conversation_are_answered_in_their_order():
    (one, _), (many, _) = answered(
        {"id": "câu 1", "question": "làm giấy khai sinh cần mang gì", "bỏ": "qua"},
        {"id": [2], "turns": [{"question": "đăng ký kết hôn", "x": 1}, {"question": "lệ phí?"}]},
    )
    assert set(one) == {"id", "turns"}
    assert one["id"] == "câu 1"
    assert [set(turn) for turn in one["turns"]] == [KEYS]
    assert one["turns"][0]["behavior"] == "answer"
    assert one["turns"][0]["codes"][0] == BIRTH
    assert one["turns"][0]["aspects"] == ["documents"]
    assert many["id"] == [2]
    assert [turn["codes"][0] for turn in many["turns"]] == [MARRIAGE, MARRIAGE]
    assert many["turns"][1]["aspects"] == ["fees"]


@pytest.mark.parametrize(
    "line",
    [
        b"xx", b"[1]", b'{"question": "a"}', b'{"id": 1}', b'{"id": 1, "turns": []}',
        b'{"id": 1, "turns": {"question": "a"}}', b'{"id": 1, "turns": ["a"]}',
        b'{"id": 1, "turns": [{"question": "a"}, {"question": 5}]}', b'{"id": 1, "turns": null}',
        b'{"id": NaN, "question": "a"}', b'{"id": 1, "question": "\xff"}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_broken_line_says_so_in_its_place_and_stops_nothing(line):
    before, broken, after = answered({"id": 1, "question": "a"}, line, {"id": 2, "question": "a"})
    assert (before[0]["id"], after[0]["id"]) == (1, 2)
    assert set(broken[0]) == {"id", "error"}
    assert broken[0]["id"] is None
    assert broken[0]["error"]
    assert [readable for _, readable in (before, broken, after)] == [True, False, True]


@pytest.mark.parametrize("question", ["", "\0", "\ud800", "😀" * 50, "a" * 10_000, "<script>"])
def test_whatever_is_asked_is_answered(question):
    ((answer, readable),) = answered({"id": "\ud800", "question": question})
    assert readable
    assert answer["id"] == "\ud800"
    assert answer["turns"][0]["reply"]


def test_a_bug_costs_one_turn_not_the_whole_run(monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("hỏng")

    monkeypatch.setattr(engine, "converse", broken)
    ((answer, readable),) = answered({"id": 1, "question": "khai sinh"})
    assert readable
    assert answer["turns"][0]["behavior"] == "handover"


def rows() -> int:
    with db.reading() as session:
        return sum(
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        )


def test_nothing_is_stored():
    before = rows()
    answered(
        {"id": 1, "question": "khai sinh cần gì"},
        {"id": 2, "question": "hồ sơ H12-260105-0001 tới đâu rồi"},
        {"id": 3, "turns": [{"question": "hồ sơ của tôi"}, {"question": "gặp cán bộ"}]},
    )
    assert rows() == before


def run(given: bytes, **settings: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "bot", "ask", "--jsonl"]
    return subprocess.run(
        command, input=given, cwd=ROOT, env={**os.environ, **settings}, capture_output=True,
        check=False,
    )  # fmt: skip


def test_without_tables_one_sentence_says_what_to_do(tmp_path):
    url = f"sqlite:///{tmp_path}/motcua.db"
    result = run(b"", DATABASE_URL=url, VAR_DIR=str(tmp_path))
    assert result.returncode == 2
    assert result.stdout == b""
    assert "chưa được chuẩn bị" in result.stderr.decode()


@pytest.mark.slow
def test_a_terminal_that_speaks_no_vietnamese_gets_answers_and_nothing_else(database, tmp_path):
    if not database.is_sqlite:
        pytest.skip("the other process would need this test's own server")
    copy = tmp_path / "motcua.db"
    with closing(sqlite3.connect(str(database.engine.url.database))) as connection:
        connection.execute(f"VACUUM INTO '{copy}'")
    given = '{"id": 1, "question": "xin chào"}\nhỏng\n'.encode()
    result = run(given, DATABASE_URL=f"sqlite:///{copy}", VAR_DIR=str(tmp_path),
                 PYTHONIOENCODING="ascii", LC_ALL="C", ENVIRONMENT="development")  # fmt: skip
    assert result.returncode == 1, result.stderr.decode()
    first, second = map(json.loads, result.stdout.decode().splitlines())
    assert first["id"] == 1
    assert second["id"] is None
    left = {path.name.partition("-")[0] for path in tmp_path.iterdir()}
    assert left <= {"motcua.db", "index"}, "nothing but the database and a cache"
