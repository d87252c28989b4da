"""`python -m bot ask --jsonl`: questions in, answers out, nothing stored.

One JSON object a line, `{"id", "question"}` or `{"id", "turns": [{"question"}, …]}` (one
conversation); other keys are ignored. The answers stand in the same order, one output turn per
input turn. A broken line gives `{"id": null, "error"}` in its place, and exit status 1 at the end.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from backend import db, log
from backend.ids import reference
from bot.dialogue import engine
from bot.dialogue.state import State
from bot.messages import Incoming, Reply, clean, plain

logger = log.get(__name__)


def answer_lines(lines: Iterable[bytes]) -> Iterator[tuple[str, bool]]:
    """For each line its answer as JSON, and whether the line could be read."""
    for line in lines:
        if not line.strip():
            continue
        try:
            identity, questions = _read(line)
        except (ValueError, RecursionError) as error:
            why = {"id": None, "error": str(error)}
            yield json.dumps(why, ensure_ascii=False), False
            continue
        turns = [_turn(reply) for reply in hold(questions)]
        yield _written({"id": identity, "turns": turns}), True


def hold(questions: Iterable[str]) -> Iterator[Reply]:
    """One conversation that leaves no trace."""
    state = State()
    for number, question in enumerate(questions):
        yield _replied(Incoming("ask", "ask", str(number), text=clean(question)), state)


def _replied(incoming: Incoming, state: State) -> Reply:
    """As `engine.handle` does it, but stored nowhere: a bug is an apology, the rest goes on."""
    try:
        understood = engine.make_sense(incoming.text, state)
        with db.rehearsal() as session:
            return engine.converse(session, incoming, understood, state)
    except Exception:
        code = reference()
        logger.exception("ask.failed", reference=code)
        with db.rehearsal() as session:
            return engine.apologise(session, incoming, code)


def _read(line: bytes) -> tuple[Any, list[str]]:
    item = json.loads(line.decode("utf-8-sig"), parse_constant=_no_number)
    if not isinstance(item, dict) or "id" not in item:
        raise ValueError("not an object with an id")
    turns = item.get("turns", [item])
    if not isinstance(turns, list) or not turns:
        raise ValueError("turns is not a list of turns")
    return item["id"], [_question(turn) for turn in turns]


def _question(turn: Any) -> str:
    question = turn.get("question") if isinstance(turn, dict) else None
    if not isinstance(question, str):
        raise ValueError("every turn needs a question")
    return question


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _written(answer: dict[str, Any]) -> str:
    """As JSON in UTF-8, which has no half of a surrogate pair: those stay escaped."""
    text = json.dumps(answer, ensure_ascii=False)
    return text.encode(errors="backslashreplace").decode()


def _turn(reply: Reply) -> dict[str, Any]:
    return {
        "behavior": reply.behavior,
        "codes": list(reply.codes[:10]),
        "aspects": list(reply.aspects),
        "reply": "\n\n".join(plain(message.text) for message in reply.messages),
        "buttons": [button.label for message in reply.messages for button in message.buttons],
    }
