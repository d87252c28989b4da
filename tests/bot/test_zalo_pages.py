"""The staff page of Zalo: connect, see how it stands, be alarmed."""

from urllib.parse import urlsplit

import pytest

from backend import clock as real_clock
from backend import db
from backend.accounts.roles import Role
from backend.config import settings
from bot.zalo.models import ZaloToken
from tests.cast import PASSWORD, make_officer, minh
from tests.fakes.zalo import FakeZalo
from tests.page import Browser

PAGE = "/quan-tri/zalo"
BEGIN = f"{PAGE}/dang-nhap"


@pytest.fixture
def admin(page: Browser) -> Browser:
    """An administrator is signed in."""
    with db.transaction() as session:
        make_officer(session, "quantri", "Phạm Văn Quản", Role.ADMINISTRATOR)
    return signed_in(page, "quantri")


def signed_in(page: Browser, login: str) -> Browser:
    page.get("/dang-nhap")
    page.post("/dang-nhap", login=login, password=PASSWORD)
    return page


def come_back(page: Browser, zalo: FakeZalo) -> str:
    """Follow the link to Zalo, agree; the address on our side that the browser is sent to."""
    assert page.current
    (link,) = [a for a in page.current.all("a") if "/v4/oa/permission" in a.get("href", "")]
    back = urlsplit(zalo.approve(link.get("href", "")))
    return f"{back.path}?{back.query}"


def test_it_is_for_operators(zalo: FakeZalo, page: Browser) -> None:
    with db.transaction() as session:
        minh(session)
    signed_in(page, "minh").get(PAGE, status=403)


def test_where_zalo_is_off_it_says_what_is_missing(admin: Browser) -> None:
    shown = admin.get(PAGE)
    assert "ZALO_APP_ID" in shown.text
    assert not [form for form in shown.forms if form.get("action") == BEGIN]


def test_an_administrator_connects_the_account(zalo: FakeZalo, admin: Browser) -> None:
    assert "Chưa ai kết nối" in admin.get(PAGE).text
    admin.post(BEGIN)
    back = come_back(admin, zalo)
    shown = admin.get(back)
    assert shown.path == PAGE
    assert "Đã kết nối" in shown.text
    assert "dùng được đến" in shown.text
    for secret in (zalo.world.tokens.access, zalo.world.tokens.refresh):
        assert secret not in shown.html
    assert "bắt đầu lại" in admin.get(back, status=422).text  # the same way back, a second time


def test_a_stranger_s_way_back_changes_nothing(zalo: FakeZalo, admin: Browser) -> None:
    admin.get(f"{PAGE}/xong?code=x&state=y", status=422)
    admin.get(f"{PAGE}/xong", status=422)
    assert zalo.state()["issued"] == 0


def test_zalo_being_away_is_said(zalo: FakeZalo, admin: Browser) -> None:
    admin.get(PAGE)
    admin.post(BEGIN)
    back = come_back(admin, zalo)
    zalo.happen("fault", kind="502", where="token")
    assert "Không gọi được Zalo" in admin.get(back, status=503).text


def test_a_dead_token_cannot_be_overlooked(zalo: FakeZalo, admin: Browser) -> None:
    admin.get(PAGE)
    admin.post(BEGIN)
    admin.get(come_back(admin, zalo))
    with db.transaction() as session:
        session.query(ZaloToken).update({"broken": "-14020", "broken_at": real_clock.now()})
    shown = admin.get(PAGE)
    assert "Mất kết nối Zalo" in shown.text
    assert shown.all("div", role="alert")
    checks = admin.client.get("/readyz").json()["checks"]
    assert "REFUSED" in checks["channels"]["detail"]


def test_a_missing_secret_of_the_webhook_is_said(
    zalo: FakeZalo, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZALO_OA_SECRET_KEY", "")
    settings.cache_clear()
    assert "ZALO_OA_SECRET_KEY" in admin.get(PAGE).text
