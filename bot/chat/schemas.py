"""What `/api/v1/chat` takes and gives; a fixed interface."""

from datetime import datetime

from pydantic import BaseModel, Field


class Opened(BaseModel):
    """A new conversation; whoever has the token is the conversation."""

    conversation: str
    token: str


class Shown(BaseModel):
    """What goes with a photo; `message_id` is the sender's own number of the message."""

    token: str = Field(max_length=500)
    message_id: str = Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")


class Said(Shown):
    """One message: either a text, or the payload of a button; `message_id` is the sender's own."""

    text: str | None = None
    payload: str | None = Field(default=None, max_length=200)


class ButtonOut(BaseModel):
    """A choice: send its `payload`, or open its `url`."""

    label: str
    payload: str
    url: str | None = None


class MessageOut(BaseModel):
    """One bubble, as plain text."""

    text: str
    buttons: list[ButtonOut]


class Understanding(BaseModel):
    """What the assistant took the message for."""

    behavior: str
    codes: list[str]
    aspects: list[str]


class Answer(BaseModel):
    """The answer; `repeat` says that this message_id was answered before, with the same words."""

    messages: list[MessageOut]
    understanding: Understanding
    repeat: bool


class NewsItem(MessageOut):
    """One bubble of the conversation with its number and who said it."""

    id: int
    author: str = Field(description="citizen, bot or officer")
    name: str | None = Field(default=None, description="the officer's, where it is told")
    at: datetime


class News(BaseModel):
    """What was said, oldest first."""

    messages: list[NewsItem]
