"""What the assistant would answer to the citizen's last words, for an officer to accept or correct.

Nothing of it is stored: the turn is rehearsed, on a copy of the conversation's memory.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import db
from bot.dialogue import engine, state
from bot.dialogue.turn import Behavior
from bot.messages import Incoming, plain
from bot.models import Conversation, Message

# Other answers talk about the assistant itself, or hold links made for this one turn.
USEFUL = (Behavior.ANSWER, Behavior.CLARIFY)


def last_words(session: Session, conversation: Conversation) -> tuple[str, str]:
    """What the citizen wrote last, and the conversation's memory."""
    text = session.scalar(
        select(Message.text)
        .where(Message.conversation_id == conversation.id, Message.author == "citizen")
        .order_by(Message.id.desc())
        .limit(1)
    )
    return text or "", conversation.state


def suggest(text: str, memory: str) -> str:
    """The assistant's answer as plain text, or nothing; call it outside any transaction."""
    if not text:
        return ""
    remembered = state.parse(memory)
    understood = engine.make_sense(text, remembered)
    incoming = Incoming("console", "suggestion", "suggestion", text=text)
    with db.rehearsal() as session:
        reply = engine.converse(session, incoming, understood, remembered)
    if reply.behavior not in USEFUL:
        return ""
    return "\n\n".join(plain(message.text) for message in reply.messages)
