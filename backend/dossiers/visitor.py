"""Which chat a browser speaks for.

A browser's own chat is that of the web chat: its cookie `chat` has the conversation's token, and
the chat's id is a part of the token's digest. A page that was opened from a link in another chat
(Telegram) asks on behalf of that chat as long as its cookie `page` lasts; that lets it ask and
prove, never read.
"""

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request, Response
from sqlalchemy.orm import Session

from backend import ids
from backend.dossiers import proofs
from backend.http import drop_cookie, read_cookie, set_cookie
from backend.notifications.chats import ChatRef

CHAT_COOKIE = "chat"
CHAT_DAYS = 90
PAGE_COOKIE = "page"
CHALLENGE_COOKIE = "lookup"
# A browser without a chat has proved nothing; it is looked up all the same, at the same cost.
NOBODY = ChatRef("web", "")


@dataclass(frozen=True)
class Visitor:
    """For whom a page asks; `new_token` is the cookie to set where the browser had none."""

    chat: ChatRef
    is_own: bool
    new_token: str = ""


def chat_of_token(token: str) -> ChatRef:
    """The web chat that a conversation's token belongs to."""
    return ChatRef("web", ids.digest(token)[:32])


def chat_of(request: Request) -> ChatRef | None:
    """The browser's own chat, if it has one."""
    token = read_cookie(request, CHAT_COOKIE)
    return chat_of_token(token) if token else None


def own(request: Request) -> Visitor:
    """The browser itself; one that is new gets a chat made for it."""
    if (chat := chat_of(request)) is not None:
        return Visitor(chat, is_own=True)
    token = ids.token()
    return Visitor(chat_of_token(token), is_own=True, new_token=token)


def visitor_of(session: Session, request: Request, *, now: datetime) -> Visitor:
    """The chat that sent the link to this page, else the browser itself."""
    if page := read_cookie(request, PAGE_COOKIE):
        bound = proofs.chat_of_page(session, page, now=now)
        if bound is not None and bound != chat_of(request):
            return Visitor(bound, is_own=False)
    return own(request)


def remember(response: Response, visitor: Visitor) -> None:
    """Give a browser without a chat the one that was made for it."""
    if visitor.new_token:
        set_cookie(response, CHAT_COOKIE, visitor.new_token, days=CHAT_DAYS)


def leave_page(response: Response) -> None:
    """The browser speaks for itself again."""
    for name in (PAGE_COOKIE, CHALLENGE_COOKIE):
        drop_cookie(response, name)
