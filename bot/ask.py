"""`python -m bot ask --jsonl`: questions in, answers out, nothing stored.

One JSON object a line, `{"id", "question"}` or `{"id", "turns": [{"question"}, …]}` (one
conversation); other keys are ignored. The answers stand in the same order, one output turn per
input turn. A broken line gives `{"id": null, "error"}` in its place, and exit status 1 at the end.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from backend import db
from bot.dialogue import engine
from bot.dialogue.state import State
from bot.messages import Incoming, Reply, plain


def answer_lines(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """For each line its answer as JSON, and whether the line could be read."""
    for line in lines:
        if not line.strip():
            continue
        try:
            identity, questions = _read(line)
        except (ValueError, TypeError, KeyError) as error:
            yield json.dumps({"id": None, "error": str(error)}, ensure_ascii=False), False
            continue
        turns = [_turn(reply) for reply in hold(questions)]
        yield json.dumps({"id": identity, "turns": turns}, ensure_ascii=False), True


def hold(questions: Iterable[str]) -> Iterator[Reply]:
    """One conversation that leaves no trace."""
    state = State()
    for number, question in enumerate(questions):
        incoming = Incoming("ask", "ask", str(number), text=question)
        understood = engine.make_sense(question, state)
        with db.rehearsal() as session:
            yield engine.converse(session, incoming, understood, state)


def _read(line: str) -> tuple[Any, list[str]]:
    item = json.loads(line)
    if not isinstance(item, dict) or "id" not in item:
        raise ValueError("not an object with an id")
    turns = item["turns"] if "turns" in item else [{"question": item.get("question")}]
    questions = [question for turn in turns if isinstance(question := turn["question"], str)]
    if not questions or len(questions) != len(turns):
        raise ValueError("every turn needs a question")
    return item["id"], questions


def _turn(reply: Reply) -> dict[str, Any]:
    return {
        "behavior": reply.behavior,
        "codes": list(reply.codes[:10]),
        "aspects": list(reply.aspects),
        "reply": "\n\n".join(plain(message.text) for message in reply.messages),
        "buttons": [button.label for message in reply.messages for button in message.buttons],
    }
