"""Golden conversations: `tests/conversations/*.yml`, held with the catalogue that we ship.

A story is a list of steps. `user` is what the citizen says (or `press`: the label of a button that
must be there); what follows is what must come back: `behavior`, `code` (of the first procedure),
`choices` (codes, in any order), `aspects`, `says` and `never` (pieces of the text), `buttons`.
`given` sets the scene: a dossier of Lan's, and whether this chat has proved that it is hers.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend import db
from backend.dossiers import proofs
from backend.dossiers.status import Status
from backend.notifications.chats import ChatRef
from backend.places.models import Centre, OldCommune
from bot.catalogue import catalogue
from bot.dialogue import engine
from bot.gazetteer import gazetteer
from bot.messages import Incoming, Reply, plain
from nlu.text import fold
from tests import cast, some_procedures

FOLDER = Path(__file__).parent.parent / "conversations"
NOW = datetime(2026, 1, 5, tzinfo=UTC)
CHAT = ChatRef("console", "chuyen-tro")


def stories() -> list[Any]:
    return [
        pytest.param(story, id=f"{path.stem}: {story['story']}")
        for path in sorted(FOLDER.glob("*.yml"))
        for story in yaml.safe_load(path.read_text(encoding="utf-8"))["stories"]
    ]


@pytest.fixture
def scene(database, clock) -> Iterator[None]:
    """The shipped catalogue, and nothing else."""
    some_procedures.load_all()
    yield
    catalogue.forget()


@pytest.mark.parametrize("story", stories())
def test_conversation(story: dict[str, Any], scene: None) -> None:
    if "given" in story:
        set_scene(story["given"])
    reply = None
    for number, step in enumerate(story["steps"]):
        reply = take(number, step, reply)
        check(step, reply)


def test_there_are_enough_conversations_and_many_without_accents() -> None:
    said = [
        step["user"] for story in stories() for step in story.values[0]["steps"] if "user" in step
    ]
    assert len(stories()) >= 25
    assert sum(text.isascii() for text in said) >= 15


def set_scene(given: dict[str, Any]) -> None:
    with db.transaction() as session:
        for row in given.get("old_communes", ()):
            session.add(OldCommune(**row, **folded(row, "old_name", "new_name"), imported_at=NOW))
        for row in given.get("centres", ()):
            session.add(Centre(**row, **folded(row, "commune", "name"), imported_at=NOW))
    gazetteer.forget()
    if "dossier" not in given:
        return
    with db.transaction() as session:
        dossier = cast.make_dossier(session, status=Status(given["dossier"]))
        if given.get("proved"):
            proofs.open_by_token(session, cast.receipt_of(dossier), CHAT, now=dossier.created_at)


def folded(row: dict[str, str], *names: str) -> dict[str, str]:
    """The folded columns beside the names, without the commune's kind."""
    bare = {name: fold(row[name]).removeprefix("xa ") for name in names}
    return {
        f"{name.removesuffix('_name') if 'old' in name or 'new' in name else name}_folded": v
        for name, v in bare.items()
    }


def take(number: int, step: dict[str, Any], before: Reply | None) -> Reply:
    if "press" not in step:
        return engine.handle(Incoming(CHAT.channel, CHAT.chat, str(number), text=step["user"]))
    buttons = {b.label: b for m in (before.messages if before else ()) for b in m.buttons}
    assert step["press"] in buttons, f"no such button among {sorted(buttons)}"
    payload = buttons[step["press"]].payload
    return engine.handle(Incoming(CHAT.channel, CHAT.chat, str(number), payload=payload))


def check(step: dict[str, Any], reply: Reply) -> None:
    text = "\n".join(plain(message.text) for message in reply.messages)
    labels = [button.label for message in reply.messages for button in message.buttons]
    where = f"{step}\n---\n{text}\n---\n{labels} {reply.codes[:4]} {reply.aspects}"
    assert reply.behavior == step["behavior"], where
    if "code" in step:
        assert reply.codes[0] == step["code"], where
    if "choices" in step:
        assert set(step["choices"]) <= set(reply.codes[:4]), where
    if "aspects" in step:
        assert set(reply.aspects) == set(step["aspects"]), where
    for piece in step.get("says", ()):
        assert piece in text, f"does not say {piece!r}: {where}"
    for piece in step.get("never", ()):
        assert piece not in text, f"says {piece!r}: {where}"
    for label in step.get("buttons", ()):
        assert label in labels, where
    assert "{{" not in text, where
    assert "None" not in text, where
