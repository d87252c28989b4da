"""The citizen's pages: nothing without proof, everything with it, without a script."""

import pytest
from sqlalchemy import select

from backend import clock as now_is
from backend import config, db
from backend.dossiers import challenges, desk, proofs
from backend.dossiers import service as dossiers
from backend.dossiers.models import Dossier, DossierChat, LookupChallenge
from backend.notifications.chats import ChatRef
from tests.cast import CODE, LAN, UNKNOWN_CODE, make_dossier, receipt_of
from tests.page import Browser

TELEGRAM = ChatRef("telegram", "1001")


@pytest.fixture
def receipt(database, clock) -> str:
    with db.transaction() as session:
        return receipt_of(make_dossier(session))


def code_sent() -> str:
    with db.reading() as session:
        newest = select(LookupChallenge).order_by(LookupChallenge.id.desc())
        return challenges.one_time_code(session.scalars(newest.limit(1)).one().salt)


def open_by_receipt(page: Browser, receipt: str):
    page.get(f"/ho-so/mo/{receipt}")
    return page.post(f"/ho-so/mo/{receipt}")


def test_a_code_alone_shows_nothing(page, receipt):
    first = page.get(f"/ho-so/{CODE}", status=404)
    known = page.get(f"/ho-so/{CODE}", status=404)
    assert LAN.name not in known.html
    assert CODE not in first.html + known.html
    assert page.get(f"/ho-so/{UNKNOWN_CODE}", status=404).html == known.html


def test_the_receipt_opens_with_a_button_not_by_being_looked_at(page, receipt):
    page.get(f"/ho-so/mo/{receipt}")
    with db.reading() as session:
        assert session.scalars(select(DossierChat)).all() == []
    shown = page.post(f"/ho-so/mo/{receipt}")
    assert shown.path == f"/ho-so/{CODE}"
    assert "Đang xử lý" in shown.text
    assert "chưa phải làm gì" in shown.text
    assert "Hẹn trả" in shown.text
    assert page.get("/ho-so").link(CODE).endswith(CODE)


def test_a_dead_receipt_says_so(page, receipt):
    page.get("/ho-so/mo/khong-co")
    assert "không mở được" in page.post("/ho-so/mo/khong-co", status=404).h1


def test_the_code_on_the_phone_opens_it(page, receipt):
    page.get("/ho-so")
    asked = page.post("/ho-so", code="h12 260105 0001")
    assert asked.path == "/ho-so/xac-nhan"
    assert LAN.phone[-3:] not in asked.text
    wrong = page.post("/ho-so/xac-nhan", otp="abc", status=422)
    assert "chưa đúng" in wrong.text
    shown = page.post("/ho-so/xac-nhan", otp=code_sent())
    assert shown.path == f"/ho-so/{CODE}"


def test_a_misspelt_code_is_mended_where_it_was_typed(page, receipt):
    page.get("/ho-so")
    shown = page.post("/ho-so", code="hồ sơ của tôi", status=422)
    assert shown.one("input", name="code").get("value") == "hồ sơ của tôi"
    assert "xem lại giấy biên nhận" in shown.text


def test_whoever_tries_it_out_reads_the_code_on_a_page_of_its_own(page, receipt, monkeypatch):
    page.get("/ho-so")
    page.post("/ho-so", code=CODE)
    assert code_sent() not in page.get("/ho-so/xac-nhan").text
    assert code_sent() in page.get("/ho-so/xac-nhan/ma-thu").text
    monkeypatch.setenv("CODE_SENDER", "sms")
    config.settings.cache_clear()
    try:
        page.get("/ho-so/xac-nhan/ma-thu", status=404)
    finally:
        monkeypatch.undo()
        config.settings.cache_clear()


def test_a_page_from_a_chat_opens_the_dossier_there_and_shows_nothing_here(page, receipt):
    with db.transaction() as session:
        url = proofs.page_link(session, TELEGRAM, now=now_is.now())
    shown = page.get(url[url.index("/ho-so") :])
    assert shown.url.endswith("/ho-so"), "the secret does not stay in the address"
    assert "Hồ sơ sẽ được mở cho một cuộc trò chuyện Telegram" in shown.text
    page.post("/ho-so", code=CODE)
    done = page.post("/ho-so/xac-nhan", otp=code_sent())
    assert done.path == "/ho-so/da-mo"
    assert CODE not in done.text
    page.get(f"/ho-so/{CODE}", status=404)
    with db.reading() as session:
        assert dossiers.get_with_proof(session, TELEGRAM, CODE)


def test_a_page_from_a_chat_may_be_turned_to_oneself(page, receipt):
    with db.transaction() as session:
        url = proofs.page_link(session, TELEGRAM, now=now_is.now())
    page.get(url[url.index("/ho-so") :])
    shown = page.post("/ho-so/rieng")
    assert "Telegram" not in shown.text
    page.post("/ho-so", code=CODE)
    assert page.post("/ho-so/xac-nhan", otp=code_sent()).path == f"/ho-so/{CODE}"


def test_following_and_unfollowing(page, receipt):
    open_by_receipt(page, receipt)
    assert "Đã bật báo tin" in page.post(f"/ho-so/{CODE}/theo-doi", follows="yes").text
    assert "Thôi báo tin" in page.get(f"/ho-so/{CODE}").text
    assert "Đã tắt báo tin" in page.post(f"/ho-so/{CODE}/theo-doi", follows="no").text


def test_other_places_are_listed_and_shut_out(page, receipt):
    with db.transaction() as session:
        proofs.open_by_token(session, receipt, TELEGRAM, now=now_is.now())
    shown = open_by_receipt(page, receipt)
    assert "Telegram, bằng giấy biên nhận" in shown.text
    others = [b for b in shown.all("button", name="chat") if "danger" in b.get("class", "")]
    assert "Đã thu hồi" in page.post(f"/ho-so/{CODE}/thu-hoi", chat=others[0].get("value")).text
    with db.reading() as session:
        assert dossiers.get_with_proof(session, TELEGRAM, CODE) is None


def test_leaving_this_browser(page, receipt):
    shown = open_by_receipt(page, receipt)
    own = shown.one("button", name="chat")
    page.post(f"/ho-so/{CODE}/thu-hoi", chat=own.get("value"))
    page.get(f"/ho-so/{CODE}", status=404)


def test_forms_without_proof_change_nothing(page, receipt):
    shown = page.get("/ho-so")
    fields = {"form_token": shown.all("input", name="form_token")[0].get("value")}
    for action in ("theo-doi", "thu-hoi"):
        answer = page.client.post(
            f"/ho-so/{CODE}/{action}", data=fields | {"follows": "yes", "chat": "1"}
        )
        assert answer.status_code == 404
        assert LAN.name not in answer.text


def test_a_new_receipt_shuts_the_old_one(page, receipt):
    open_by_receipt(page, receipt)
    with db.transaction() as session:
        dossier = session.scalars(select(Dossier)).one()
        desk.reissue_receipt(session, officer(session), dossier.code, now=now_is.now())
        fresh = receipt_of(dossier)
    page.get(f"/ho-so/{CODE}", status=404)
    page.get(f"/ho-so/mo/{receipt}")
    page.post(f"/ho-so/mo/{receipt}", status=404)
    assert open_by_receipt(page, fresh).path == f"/ho-so/{CODE}"


def officer(session):
    from backend.accounts.roles import Role, SignedIn
    from tests.cast import minh

    row = minh(session)
    return SignedIn(row.id, row.login, row.name, Role(row.role))


@pytest.mark.parametrize("trang", ["đ", "%00", "a" * 5000, "a%0d%0aSet-Cookie: x=y", "x" * 40])
def test_an_odd_link_from_nowhere_is_just_the_page(page, receipt, trang):
    assert page.get(f"/ho-so?trang={trang}").h1 == "Tra cứu hồ sơ"


@pytest.mark.parametrize("code", ["%00", "a" * 300, "..%2f..", "H12-260105-0001%0d%0a", "đ"])
def test_odd_addresses_are_just_not_open(page, receipt, code):
    page.get(f"/ho-so/{code}", status=404)
