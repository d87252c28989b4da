"""What the fake remembers: citizens, tokens, messages, events not yet taken, faults."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

BOT_TOKEN = "12345689:abc-xyz-fake-token-for-tests"
OA = "1646843870823903717"
RETRIES = (30.0, 300.0, 900.0, 1800.0, 3600.0)


@dataclass(frozen=True)
class App:
    """The app of the developers' console, and the account's secret, which is another one."""

    id: str = "50554360515256678"
    secret: str = "khoa-bi-mat-cua-ung-dung"
    oa_secret: str = "khoa-bi-mat-cua-tai-khoan"


APP = App()


class Refused(Exception):  # noqa: N818
    """An answer that says no, with HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass
class User:
    """A citizen; `last` is when they did something last, `None` if never."""

    id: str
    last: float | None = None
    follows: bool = False
    has_left: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Fault:
    """What goes wrong with the next calls: see the package's docstring."""

    kind: str
    where: str = "message"
    times: int = 1
    seconds: float = 0.0
    code: int = 0
    retry_after: int = 0
    to: str = ""


@dataclass
class Webhook:
    """Where the events of a platform are brought; `is_off` after too many failures."""

    url: str = ""
    secret: str = ""
    is_off: bool = False


@dataclass
class Event:
    """One event on its way; `failures` of it so far."""

    platform: str
    id: str
    body: dict[str, Any]
    failures: int = 0
    due: float = 0.0


@dataclass
class Tokens:
    """What OAuth has issued; only the newest pair works."""

    access: str = ""
    expires: float = 0.0
    refresh: str = ""
    used: set[str] = field(default_factory=set)
    issued: int = 0
    refreshed: int = 0
    codes: dict[str, tuple[str, float]] = field(default_factory=dict)


class World:
    """The whole state, used from one event loop."""

    def __init__(self, *, speed: float = 1.0, lives: float = 90_000) -> None:
        self.speed, self.lives = speed, lives
        self.users: dict[str, User] = {}
        self.tokens = Tokens()
        self.webhooks = {"oa": Webhook(), "bot": Webhook()}
        self.pending: list[Event] = []
        self.acknowledged: list[str] = []
        self.given_up: list[str] = []
        self.deliveries: list[tuple[str, int, int]] = []
        self.faults: list[Fault] = []
        self.cut_short: set[Any] = set()  # message ids: accepted, and the answer never arrived
        self.calls: list[str] = []
        self.templates = {"7895": ("ma_ho_so",)}
        self.zbs: list[dict[str, Any]] = []
        self.quota, self.balance = 8, 0
        self.night = self.echo_first = False
        self.files: dict[str, bytes] = {}
        self.url = ""
        self.changed = asyncio.Event()

    def settings(self, url: str) -> dict[str, str]:
        self.url = url
        return {
            "ZALO_APP_ID": APP.id, "ZALO_APP_SECRET": APP.secret,
            "ZALO_OA_SECRET_KEY": APP.oa_secret, "ZALO_OA_API_BASE": url,
            "ZALO_OAUTH_BASE": url, "ZALO_ZBS_API_BASE": url, "ZALO_BOT_TOKEN": BOT_TOKEN,
            "ZALO_BOT_WEBHOOK_SECRET": "bi-mat-cua-bot", "ZALO_BOT_API_BASE": url,
            "ZALO_MEDIA_HOSTS": url,
            "ZALO_ZBS_TEMPLATES":
                '{"dossier_status": {"id": "7895", "data": {"ma_ho_so": "tail"}}}',
        }  # fmt: skip

    def user(self, user_id: str) -> User:
        """The citizen, made where new."""
        return self.users.setdefault(user_id, User(user_id))

    def acted(self, user_id: str) -> User:
        """The citizen, who just did something."""
        user = self.user(user_id)
        user.last = time.time()
        return user

    def number(self) -> str:
        """An id as Zalo gives them."""
        return secrets.token_hex(10)

    def happened(self, platform: str, body: dict[str, Any], number: str = "") -> str:
        """An event, to be brought; nobody is told where there is no webhook (but pollers)."""
        number = number or self.number()
        self.pending.append(Event(platform, number, body))
        self.stir()
        return number

    def keep(self, content: bytes) -> str:
        """A file on Zalo's servers; its address."""
        name = self.number()
        self.files[name] = content
        return f"{self.url}/files/{name}"

    def stir(self) -> None:
        """Let whoever waits for events look again."""
        self.changed.set()
        self.changed = asyncio.Event()

    def fault(self, where: str) -> Fault | None:
        """The fault that this call meets, used up by it."""
        for fault in self.faults:
            if fault.where in (where, "*"):
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    def issue(self) -> dict[str, str]:
        """A new pair; the old access token is dead, the old refresh token used."""
        tokens = self.tokens
        if tokens.refresh:
            tokens.used.add(tokens.refresh)
        tokens.access, tokens.refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        lives = self.lives / self.speed
        tokens.expires, tokens.issued = time.time() + lives, tokens.issued + 1
        return {
            "access_token": tokens.access, "refresh_token": tokens.refresh,
            "expires_in": str(int(lives)),
        }  # fmt: skip

    def check_access(self, token: str | None) -> None:
        if not token or token != self.tokens.access or time.time() > self.tokens.expires:
            raise Refused(-216, "Access token is invalid")
