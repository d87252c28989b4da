"""Settings: read once from the environment (`NAME`, or a file named by `NAME_FILE`), then frozen.

Production is the default, and outside development the start refuses what must not run there:
default secrets, demo accounts, a code sender that prints, lifted limits.
"""

import json
import os
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from backend import workdays

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_SECRET = "chi-dung-khi-phat-trien-doi-truoc-khi-chay-that"  # noqa: S105 (refused in production)


class Environment(StrEnum):
    """Where the product runs."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"
    TEST = "test"


class SettingsError(Exception):
    """The settings cannot be used; the message says what to set."""


class ZbsTemplate(BaseModel):
    """A template that Zalo approved: its id, and what of a push goes into which of its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    data: dict[str, str] = {}


class Settings(BaseModel):
    """Every setting, with its meaning; the README's table is made from this class."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    environment: Environment = Field(
        Environment.PRODUCTION, description="production | development | test"
    )
    database_url: str = Field(
        "", description="PostgreSQL as postgresql+psycopg://…; empty: SQLite in var/"
    )
    var_dir: Path = Field(ROOT / "var", description="folder for the database, indexes and logs")
    secret_key: str = Field(DEVELOPMENT_SECRET, description="signs links and forms; 32+ characters")
    host: str = Field("127.0.0.1", description="address that the web listens on")
    port: int = Field(8000, description="port that the web listens on")
    public_url: str = Field("", description="address citizens see; default http://HOST:PORT")
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="reverse proxies in front, whose X-Forwarded-For is believed"
    )

    province_name: str = Field("tỉnh Cà Mau", description="province as citizens read it")
    agency_code: str = Field("H12", description="code of the province in dossier codes")
    hotline: str = Field("", description="telephone of the provincial one-stop centre")
    centre_name: str = Field(
        "Trung tâm Phục vụ hành chính công tỉnh", description="the provincial one-stop centre"
    )
    centre_address: str = Field("", description="its address; empty: not shown")
    centre_hours: str = Field("", description="its hours as citizens read them; empty: not shown")

    training_body: str = Field(
        "Sở Khoa học và Công nghệ tỉnh Cà Mau", description="who issues training certificates"
    )

    office_hours: str = Field(
        "07:00-11:30, 13:00-17:00", description="when officers answer chats, on working days"
    )
    handover_return_minutes: int = Field(
        10, ge=1, description="an officer silent for so long: the chat goes back to the queue"
    )
    handover_idle_minutes: int = Field(
        20, ge=1, description="a citizen silent for so long: a warning; as long again: closed"
    )
    handover_outside_minutes: int = Field(
        30, ge=1, description="a colleague silent elsewhere for so long: the assistant speaks again"
    )

    telegram_bot_token: str = Field("", description="empty: Telegram is off")
    telegram_webhook_secret: str = Field("", description="secret header of the webhook")
    telegram_bot_name: str = Field(
        "", pattern=r"^\w*$", description="its name without @; empty: Telegram is asked"
    )
    telegram_api_base: str = Field("https://api.telegram.org", description="Bot API server")

    zalo_app_id: str = Field("", description="app of the Official Account; empty: Zalo is off")
    zalo_app_secret: str = Field("", description="its secret key, for tokens")
    zalo_oa_secret_key: str = Field("", description="another one: signs what the webhook brings")
    zalo_oa_api_base: str = Field(
        "https://openapi.zalo.me", description="API of the Official Account"
    )
    zalo_oauth_base: str = Field("https://oauth.zaloapp.com", description="where its tokens are")
    zalo_zbs_api_base: str = Field(
        "https://business.openapi.zalo.me", description="API of ZBS template messages"
    )
    zalo_zbs_templates: dict[str, ZbsTemplate] = Field(
        {}, description='kind of push: template, {"dossier_status": {"id": "1", "data": {…}}}'
    )
    zalo_zbs_keys: Literal["snake", "camel"] = Field(
        "snake", description="how ZBS spells its keys: template_id or templateId"
    )
    zalo_zbs_mode: str = Field("", description="development: ZBS reaches admins of the app only")
    zalo_button_template: str = Field("", description="template_type sent with buttons, if any")
    zalo_picture_url: str = Field(
        "", description="https picture above lists and requests for a telephone; empty: none sent"
    )
    zalo_oa_url: str = Field(
        "", description="the account as citizens find it (https://zalo.me/…); empty: not listed"
    )
    zalo_media_hosts: str = Field(
        "zdn.vn zadn.vn", description="hosts (and what is below them) of pictures sent on Zalo"
    )
    zalo_bot_token: str = Field("", description="Zalo Bot platform; empty: off")
    zalo_bot_webhook_secret: str = Field("", description="its secret header, 8 to 256 characters")
    zalo_bot_api_base: str = Field(
        "https://bot-api.zaloplatforms.com", description="Zalo Bot API server"
    )

    sync_api_key: str = Field("", description="X-API-Key of /api/v1/dossiers/sync; empty: closed")
    code_sender: Literal["log", "sms", "email"] = Field(
        "log", description="how one-time codes are sent: log (development only), sms, email"
    )
    sms_gateway_url: str = Field("", description="HTTP SMS gateway: POST {to, text}")
    sms_gateway_key: str = Field("", description="its bearer token")
    smtp_url: str = Field("", description="smtp://user:password@host:port for codes by e-mail")
    mail_from: str = Field("", description="sender of e-mails")

    nlu_engine: Literal["embedded", "rasa"] = Field("embedded", description="embedded | rasa")
    rasa_url: str = Field("http://127.0.0.1:5005", description="Rasa server, if it is used")
    rasa_token: str = Field("", description="its token")

    embed_origins: str = Field(
        "",
        pattern=r"^(\s*https?://[A-Za-z0-9.*:-]+)*\s*$",
        description="portals that may embed the chat (https://a.vn https://b.vn); empty: none",
    )

    content_origin: str = Field(
        "",
        pattern=r"^(https?://[a-z0-9.-]+(:\d+)?)?$",
        description="another host of this same server (https://noidung.a.vn) that serves uploaded "
        "files, so that none runs beside the log-in; empty: the app's own",
    )

    send_rates: str = Field(
        "",
        pattern=r"^(\s*\w+=\d+(\.\d+)?)*\s*$",
        description="messages a second, where other than usual (telegram=1000 email=5)",
    )
    metrics_token: str = Field("", description="bearer token of /metrics from elsewhere")
    lookup_limits: bool = Field(True, description="limits on dossier look-ups; off only in tests")
    demo_accounts: bool = Field(False, description="people of the demo may sign in; development")

    @field_validator("zalo_zbs_templates", mode="before")
    @classmethod
    def _from_json(cls, value: Any) -> Any:
        """The environment knows only strings."""
        return json.loads(value) if isinstance(value, str) else value

    @field_validator("office_hours")
    @classmethod
    def _hours(cls, text: str) -> str:
        workdays.spans(text)
        return text

    @property
    def is_development(self) -> bool:
        """True where demo accounts, printed codes and default secrets are fine."""
        return self.environment is not Environment.PRODUCTION

    @property
    def database(self) -> str:
        """The address of the database for SQLAlchemy; plain `postgresql://` gets its driver."""
        url = self.database_url or f"sqlite:///{self.var_dir / 'motcua.db'}"
        for prefix in ("postgresql://", "postgres://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url

    @property
    def rates(self) -> dict[str, float]:
        """`SEND_RATES` by channel."""
        pairs = (pair.split("=") for pair in self.send_rates.split())
        return {channel: float(rate) for channel, rate in pairs}

    @property
    def base_url(self) -> str:
        """Where citizens reach us, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def is_https(self) -> bool:
        """True where cookies may be marked Secure."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def content_host(self) -> str:
        """The host that serves uploaded files and nothing else; empty: there is none."""
        return urlsplit(self.content_origin).hostname or ""

    def problems(self) -> list[str]:
        """What forbids a start, as sentences; outside development more than there."""
        if self.content_host and self.content_host == urlsplit(self.base_url).hostname:
            # Cookies reach every port of a host: another port would separate nothing.
            return ["CONTENT_ORIGIN: phải là một tên máy chủ khác với PUBLIC_URL."]
        if self.is_development:
            return []
        weak = self.secret_key == DEVELOPMENT_SECRET or len(self.secret_key) < 32
        no_mail = self.code_sender == "email" and not (self.smtp_url and self.mail_from)
        no_sms = self.code_sender == "sms" and not self.sms_gateway_url
        no_webhook_secret = self.telegram_bot_token and not self.telegram_webhook_secret
        no_zalo_secrets = self.zalo_app_id and not (
            self.zalo_app_secret and self.zalo_oa_secret_key
        )
        no_bot_secret = self.zalo_bot_token and not self.zalo_bot_webhook_secret
        rules: tuple[tuple[object, str], ...] = (
            (weak, "SECRET_KEY: cần một chuỗi bí mật riêng, từ 32 ký tự trở lên."),
            (self.demo_accounts, "DEMO_ACCOUNTS: chỉ được bật khi ENVIRONMENT=development."),
            (self.code_sender == "log", "CODE_SENDER: chọn sms hoặc email; log in mã ra màn hình."),
            (no_sms, "SMS_GATEWAY_URL: thiếu địa chỉ cổng tin nhắn."),
            (no_mail, "SMTP_URL và MAIL_FROM: thiếu máy chủ thư hoặc địa chỉ gửi."),
            (not self.lookup_limits, "LOOKUP_LIMITS: chỉ được tắt trong kiểm thử."),
            (not self.hotline, "HOTLINE: thiếu số điện thoại để người dân gọi khi cần."),
            (no_webhook_secret, "TELEGRAM_WEBHOOK_SECRET: phải có khi đã đặt TELEGRAM_BOT_TOKEN."),
            (no_zalo_secrets, "ZALO_APP_SECRET và ZALO_OA_SECRET_KEY: phải có cùng ZALO_APP_ID."),
            (no_bot_secret, "ZALO_BOT_WEBHOOK_SECRET: phải có khi đã đặt ZALO_BOT_TOKEN."),
        )
        return [sentence for broken, sentence in rules if broken]


def read(env: Mapping[str, str]) -> Settings:
    """Settings from environment variables; raises `SettingsError` naming each bad one."""
    values: dict[str, str] = {}
    for name in Settings.model_fields:
        key = name.upper()
        if file := env.get(f"{key}_FILE"):
            try:
                values[name] = Path(file).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SettingsError(f"{key}_FILE: không đọc được {file} ({error}).") from error
        elif env.get(key):
            values[name] = env[key]
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        names = ", ".join(sorted({str(e["loc"][0]).upper() for e in error.errors()}))
        raise SettingsError(f"Giá trị không hợp lệ: {names}.") from error


@cache
def settings() -> Settings:
    """The settings of this process."""
    return read(os.environ)


def count_in_files() -> None:
    """Let web and worker, which call this first of all, count where /metrics can sum them up.

    prometheus_client looks for its variable when it is imported; every other command counts in
    memory and leaves nothing behind.
    """
    folder = settings().var_dir / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def metrics_folder() -> Path | None:
    """Where the processes of this host count; None for one that counts for itself."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(folder) if folder else None


@cache
def version() -> str:
    """The release, read from the newest heading of the changelog."""
    for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            return line.removeprefix("## ").split()[0]
    raise SettingsError("CHANGELOG.md không ghi phiên bản nào.")
