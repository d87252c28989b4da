"""A fake Telegram, a fake Zalo, and the settings that make the product talk to them."""

from collections.abc import Iterator

import pytest

from backend.config import settings
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.zalo import FakeZalo

SECRET = "bi-mat-cua-webhook_1"


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTelegram]:
    """Telegram on 127.0.0.1; its retries take a hundredth of their time."""
    with FakeTelegram(speed=100) as fake:
        monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
        monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", SECRET)
        monkeypatch.setenv("TELEGRAM_API_BASE", fake.url)
        monkeypatch.setenv("PTB_TIMEDELTA", "true")  # else its RetryAfter warns, which is an error
        settings.cache_clear()
        yield fake
        monkeypatch.undo()
        settings.cache_clear()


@pytest.fixture
def zalo(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeZalo]:
    """Zalo on 127.0.0.1; its retries take a hundredth of their time."""
    with FakeZalo(speed=100) as fake:
        for name, value in fake.settings().items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        yield fake
        monkeypatch.undo()
        settings.cache_clear()
