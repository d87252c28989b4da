"""By which addresses the province speaks: what impostors do not have.

The bot's name on Telegram is `TELEGRAM_BOT_NAME`, or what Telegram itself called our bot in this
process: at the start of the web, or with the first message that was sent.
"""

from dataclasses import dataclass

from backend.config import settings

_TELEGRAM = "https://t.me/"
_heard: dict[str, str] = {}  # token of a bot: its name


@dataclass(frozen=True)
class Ways:
    """The official addresses; what is empty is not in use."""

    web: str
    telegram: str
    zalo: str
    phone: str

    @property
    def has_chats(self) -> bool:
        """Whether the province may be met in an app for messages."""
        return bool(self.telegram or self.zalo)


def ways() -> Ways:
    """All of them."""
    own = settings()
    return Ways(own.base_url, telegram_url(), own.zalo_oa_url, own.hotline)


def heard_telegram_name(name: str | None) -> None:
    """Telegram told us what our bot is called."""
    if name:
        _heard[settings().telegram_bot_token] = name


def telegram_url(start: str = "") -> str:
    """The chat with our bot; with `start`, opened by this token. Empty while Telegram is off."""
    own = settings()
    if not own.telegram_bot_token:
        return ""
    name = own.telegram_bot_name or _heard.get(own.telegram_bot_token, "")
    if not name:
        return ""
    return f"{_TELEGRAM}{name}?start={start}" if start else f"{_TELEGRAM}{name}"
