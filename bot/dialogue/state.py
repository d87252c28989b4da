"""What a conversation remembers, and how it is loaded, locked and saved."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.messages import Button, Incoming, Outgoing, Reply
from bot.models import Conversation, Message

MOST_SUBJECTS = 6


@dataclass
class State:
    """The dialogue's memory; small, and JSON.

    `subjects` are the procedures talked about, the present one last. `buttons` are what was last
    offered, so that a label or an ordinal may be typed instead of pressed. While a question back is
    open, `choices` holds its procedures, `question` what was asked and `aspects` what for.
    `awaits` is what the hand-over asked for (a phone, a time, a comment), `commune` the one named
    last. `case` is the situation that the citizen told us about the present procedure, `asks_case`
    whether the last answer asked for it.
    """

    subjects: list[str] = field(default_factory=list)
    aspects: list[str] = field(default_factory=list)
    buttons: list[list[str]] = field(default_factory=list)  # [label, payload]
    choices: list[str] = field(default_factory=list)
    question: str = ""
    case: str = ""
    asks_case: bool = False
    dossier: str = ""
    misses: int = 0
    awaits: str = ""
    commune: str = ""
    greeted: bool = False

    @property
    def subject(self) -> str:
        """The procedure being talked about, or nothing."""
        return self.subjects[-1] if self.subjects else ""

    @property
    def previous(self) -> str:
        """The procedure talked about before this one."""
        return self.subjects[-2] if len(self.subjects) > 1 else ""

    def talk_about(self, code: str, aspects: Sequence[str]) -> None:
        """This procedure is the subject now; no question is open."""
        if code != self.subject:
            self.case = ""
        if code in self.subjects:
            self.subjects.remove(code)
        self.subjects = [*self.subjects, code][-MOST_SUBJECTS:]
        self.aspects = list(aspects)
        self.choices, self.question, self.misses = [], "", 0

    def ask_which(self, codes: Sequence[str], question: str, aspects: Sequence[str]) -> None:
        """A question back is open."""
        self.choices, self.question, self.aspects = list(codes), question, list(aspects)


def parse(text: str) -> State:
    """The state from its JSON; a field that this release does not know is dropped."""
    known = State.__dataclass_fields__
    return State(**{k: v for k, v in json.loads(text or "{}").items() if k in known})


def peek(session: Session, incoming: Incoming) -> State:
    """The state as it stands, without creating or locking anything."""
    text = session.scalar(
        select(Conversation.state).where(
            Conversation.channel == incoming.channel, Conversation.chat == incoming.chat
        )
    )
    return parse(text or "{}")


def load(session: Session, incoming: Incoming, *, now: datetime) -> Conversation:
    """The conversation of this chat, locked until the end of the transaction; made if new."""
    query = select(Conversation).where(
        Conversation.channel == incoming.channel, Conversation.chat == incoming.chat
    )
    conversation = session.scalar(query.with_for_update())
    if conversation is None:
        conversation = Conversation(
            channel=incoming.channel, chat=incoming.chat, state="{}", turns=0,
            started_at=now, last_at=now,
        )  # fmt: skip
        session.add(conversation)
        session.flush()
    return conversation


def repeated(session: Session, conversation: Conversation, external_id: str) -> Reply | None:
    """What was answered when this very message came the first time, or None if it is new."""
    first = session.scalar(
        select(Message).where(
            Message.conversation_id == conversation.id, Message.external_id == external_id
        )
    )
    if first is None:
        return None
    said = session.scalars(
        select(Message)
        .where(
            Message.conversation_id == conversation.id,
            Message.turn == first.turn,
            Message.author == "bot",
        )
        .order_by(Message.id)
    )
    understood = json.loads(first.understanding)
    return Reply(
        messages=tuple(Outgoing(m.text, _buttons(m.buttons)) for m in said),
        behavior=understood.get("behavior", "smalltalk"),
        codes=tuple(understood.get("codes", ())),
        aspects=tuple(understood.get("aspects", ())),
        repeat=True,
    )


def save(
    session: Session,
    conversation: Conversation,
    state: State,
    reply: Reply,
    *,
    said: str,
    external_id: str,
    now: datetime,
    file: str = "",
) -> Message:
    """Store the turn: what the citizen said (masked by the caller), the answer, the new state.

    `file` is the channel's handle of what was sent to an officer, for whoever may fetch it.
    Returns the citizen's line of the transcript.
    """
    conversation.turns += 1
    conversation.last_at = now
    conversation.state = json.dumps(asdict(state), ensure_ascii=False)
    understood = {
        "behavior": reply.behavior, "codes": list(reply.codes), "aspects": list(reply.aspects),
    }  # fmt: skip
    if file:
        understood["file"] = file
    bubble = partial(Message, conversation_id=conversation.id, turn=conversation.turns, at=now)
    question = bubble(
        author="citizen", text=said, external_id=external_id, understanding=json.dumps(understood)
    )
    session.add(question)
    session.flush()
    for message in reply.messages:
        buttons = json.dumps([asdict(button) for button in message.buttons], ensure_ascii=False)
        session.add(bubble(author="bot", text=message.text, buttons=buttons))
        session.flush()
    return question


def transcript(
    session: Session, channel: str, chat: str, *, after: int = 0, limit: int = 60
) -> list[Message]:
    """The latest bubbles of a chat, oldest first; `after` is the id of the last one seen."""
    query = (
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.channel == channel, Conversation.chat == chat, Message.id > after)
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return list(reversed(session.scalars(query).all()))


def buttons_of(message: Message) -> tuple[Button, ...]:
    """The buttons that stood under a stored bubble."""
    return _buttons(message.buttons)


def _buttons(text: str) -> tuple[Button, ...]:
    return tuple(Button(**item) for item in json.loads(text))
