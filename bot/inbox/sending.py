"""Carries what was said without being asked from the transcript to the citizen's channel."""

import json
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import jobs
from backend.jobs import Lane
from bot.channels import CHANNELS
from bot.handover import bubbles, words
from bot.messages import Button, Outgoing, fit
from bot.models import Conversation, Message


@jobs.job("handover.send")
def send(session: Session, message_id: int) -> None:
    """One bubble, cut to what the channel takes, in line with the replies of that chat."""
    row = session.execute(
        select(Message, Conversation)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.id == message_id, Conversation.ended_at.is_(None))
    ).first()
    if row is None:
        return  # the conversation was ended, or forgotten
    message, conversation = row
    limits = CHANNELS[conversation.channel].limits
    for number, bubble in enumerate(fit(_outgoing(message), limits)):
        jobs.enqueue(
            session, "bot.send", key=f"out:{conversation.channel}:{conversation.chat}",
            dedupe=f"say:{message.id}:{number}", lane=Lane.REPLY,
            flow=conversation.channel,
            channel=conversation.channel, chat=conversation.chat, message=bubble.as_dict(),
            says=message.id,
        )  # fmt: skip


def _outgoing(message: Message) -> Outgoing:
    buttons = tuple(Button(**item) for item in json.loads(message.buttons))
    bubble = Outgoing(message.text, buttons)
    if message.author != "officer":
        return bubble
    return replace(bubble, text=words.officer_says(bubbles.officer_of(message), message.text))
