"""The officers' desk: find, see, move, ask for papers, print the receipt."""

import pytest
from sqlalchemy import select

from backend import clock as now_is
from backend import db
from backend.accounts.roles import Role, SignedIn
from backend.dossiers import desk, proofs, sync
from backend.dossiers import service as dossiers
from backend.dossiers.demo import STORIES, seed
from backend.dossiers.models import Dossier, DossierEvent, DossierRequest, DossierView
from backend.dossiers.status import MOVES, Status
from backend.errors import Conflict, InvalidInput, NotFound
from backend.notifications.models import Notification
from tests.cast import CODE, LAN, PASSWORD, hoa, make_dossier, minh
from tests.page import Browser

DESK = f"/quan-tri/ho-so/{CODE}"


@pytest.fixture
def officer(session, clock) -> SignedIn:
    row = minh(session)
    return SignedIn(row.id, row.login, row.name, Role.ONE_STOP, "Phường An Xuyên")


def move(session, officer, to, note="lý do"):
    return desk.change_status(session, officer, CODE, to=to, note=note, now=now_is.now())


@pytest.mark.parametrize("current", Status)
def test_officers_move_by_the_table_only(session, officer, current):
    make_dossier(session, status=current)
    for to in Status:
        with session.begin_nested() as attempt:
            if to in MOVES[current]:
                assert move(session, officer, to).status == to
                assert (
                    session.scalars(
                        select(DossierEvent).where(DossierEvent.from_status == current.value)
                    )
                    .one()
                    .to_status
                    == to
                )
            else:
                with pytest.raises(Conflict):
                    move(session, officer, to)
            attempt.rollback()
        session.expire_all()


def test_a_refusal_needs_a_reason(session, officer):
    make_dossier(session, status=Status.REGISTERED)
    with pytest.raises(InvalidInput):
        move(session, officer, Status.REJECTED, note="")
    assert move(session, officer, Status.REJECTED).status == Status.REJECTED


def test_a_missing_permission_looks_like_a_missing_dossier(session, officer):
    make_dossier(session)
    administrator = SignedIn(1, "admin", "An", Role.ADMINISTRATOR)
    messages = []
    for who, code in ((administrator, CODE), (officer, "H12-260105-9999")):
        with pytest.raises(NotFound) as refusal:
            desk.get_for_officer(session, who, code)
        messages.append(refusal.value.message)
    assert len(set(messages)) == 1


def test_asking_for_papers_stops_the_clock_and_tells_the_follower_once(session, officer, clock):
    dossier = make_dossier(session)
    dossier.due_base, dossier.due_base_at = dossier.due_at, now_is.now()
    proofs.open_to(session, dossier, LAN.chat, via="receipt", now=now_is.now())
    dossiers.follow(session, LAN.chat, CODE, now_is.now())
    clock.move(hours=1)
    due = dossier.due_at
    assert due
    desk.request_supplement(
        session, officer, CODE, missing=["Bản gốc giấy chứng sinh"], new_due_at=None,
        now=now_is.now(),
    )  # fmt: skip
    standing = dossiers.get_with_proof(session, LAN.chat, CODE)
    assert standing
    assert standing.clock_stopped
    assert standing.missing == ("Bản gốc giấy chứng sinh",)
    clock.move(days=1)
    move(session, officer, Status.PROCESSING)
    standing = dossiers.get_with_proof(session, LAN.chat, CODE)
    assert standing
    assert (standing.missing, standing.is_overdue) == ((), False)
    assert dossier.due_at
    assert now_is.local(dossier.due_at).day == now_is.local(due).day + 1
    assert len(session.scalars(select(Notification)).all()) == 2
    assert session.scalars(select(DossierRequest)).one().answered_at is not None


@pytest.mark.parametrize(("missing", "days"), [([], None), (["Giấy chứng sinh"], -1)])
def test_a_request_without_papers_or_for_yesterday_is_refused(
    session, officer, clock, missing, days
):
    make_dossier(session)
    new_due_at = None if days is None else clock.move(days=days) and now_is.now()
    with pytest.raises(InvalidInput):
        desk.request_supplement(
            session, officer, CODE, missing=missing, new_due_at=new_due_at, now=now_is.now()
        )


def test_after_an_officer_moved_it_older_news_is_stale(session, officer, clock):
    make_dossier(session)
    move(session, officer, Status.DONE)
    late = {"MaHoSo": CODE, "TrangThai": 5, "ThoiDiemXuLy": "20260104090000"}
    results = sync.apply(session, "CapNhatTienDoHoSoMC", [late], now=now_is.now())
    assert results[0].result == "stale"


def test_the_list_is_filtered(session, officer, clock):
    seed(session)
    moment = now_is.now()

    def codes(**wanted):
        rows, total = desk.listed(session, officer, desk.Filter(**wanted), page=1, now=moment)
        assert total == len(rows)
        return {row.code for row in rows}

    assert len(codes()) == len(STORIES)
    assert codes(status=Status.SUPPLEMENT) == {"H12-260105-0003"}
    assert codes(is_flagged=True) == {"H12-260105-0012"}
    assert codes(text="0007") == codes(text="h12 260105 0007") == {"H12-260105-0007"}
    assert codes(text="%") == codes(text="\0") == codes(text="đ") == set()
    assert "H12-260105-0004" in codes(is_overdue=True)
    assert codes(is_overdue=True).isdisjoint(codes(status=Status.DONE))


def test_the_demo_has_every_status_and_is_told_once(session, officer, clock):
    seed(session)
    first = {d.code: (d.status, d.due_at) for d in session.scalars(select(Dossier))}
    assert {status for status, _ in first.values()} == set(Status)
    clock.move(days=3)
    seed(session)
    assert {d.code: (d.status, d.due_at) for d in session.scalars(select(Dossier))} == first


# The pages.


@pytest.fixture
def signed_in(page: Browser, clock) -> Browser:
    with db.transaction() as session:
        hoa(session)
        make_dossier(session)
    page.get("/dang-nhap")
    page.post("/dang-nhap", login="hoa", password=PASSWORD)
    return page


def test_strangers_are_sent_to_sign_in_and_come_back(page, clock):
    with db.transaction() as session:
        minh(session)
        make_dossier(session)
    assert page.get(DESK).path == "/dang-nhap"
    shown = page.post("/dang-nhap", login="minh", password=PASSWORD)
    assert shown.path == DESK


def test_a_dossier_is_found_moved_and_every_look_written_down(signed_in):
    page = signed_in
    assert CODE in page.get("/quan-tri/ho-so?ma=0001").text
    shown = page.click(CODE)
    assert LAN.name in shown.text
    assert LAN.phone not in shown.html
    refused = page.post(f"{DESK}/trang-thai", to="stopped", note="", status=422)
    assert "cần ghi lý do" in refused.text
    shown = page.post(f"{DESK}/trang-thai", to="done", note="Đã ký")
    assert "Đã chuyển trạng thái" in shown.text
    with db.reading() as session:
        assert len(session.scalars(select(DossierView)).all()) == 3


def test_papers_are_asked_for_one_a_line(signed_in):
    page = signed_in
    page.get(DESK)
    page.post(
        f"{DESK}/bo-sung",
        missing="Giấy chứng sinh\n\n Căn cước của mẹ ",
        new_due="2026-02-31",
        status=422,
    )
    shown = page.post(
        f"{DESK}/bo-sung", missing="Giấy chứng sinh\n\n Căn cước của mẹ ", new_due="2026-01-20"
    )
    assert "Căn cước của mẹ" in shown.text
    with db.reading() as session:
        assert len(session.scalars(select(DossierRequest)).all()) == 2


def test_the_receipt_has_a_code_that_opens_the_dossier(signed_in):
    page = signed_in
    page.get(DESK)
    shown = page.click("Xem và in giấy biên nhận")
    assert "<svg" in shown.html
    assert proofs.tracking_url(CODE, 1) in shown.text
    page.get(DESK)
    assert proofs.tracking_url(CODE, 2) in page.post(f"{DESK}/bien-nhan").text


def test_the_receipt_has_a_second_code_where_telegram_is_on(signed_in, monkeypatch):
    url = "https://t.me/motcua_bot?start=abc"
    assert "t.me" not in signed_in.get(f"{DESK}/bien-nhan").text
    monkeypatch.setattr(proofs, "telegram_url", lambda code, serial: url)
    shown = signed_in.get(f"{DESK}/bien-nhan")
    assert url in shown.text
    assert shown.html.count("<svg") == 2


def test_an_unusual_move_is_looked_into(signed_in):
    page = signed_in
    step = {"MaHoSo": CODE, "TrangThai": 10, "ThoiDiemXuLy": "20260105093000"}
    with db.transaction() as session:
        sync.apply(session, "CapNhatTienDoHoSoMC", [step], now=now_is.now())
    assert CODE in page.get("/quan-tri/ho-so?bat_thuong=1").text
    assert "không có trong quy trình" in page.get(DESK).text
    page.post(f"{DESK}/xem-xet", note="Đã đối chiếu")
    assert CODE not in page.get("/quan-tri/ho-so?bat_thuong=1").text


def test_pages_refuse_what_is_not_there(signed_in):
    signed_in.get("/quan-tri/ho-so/H12-260105-9999", status=404)
    signed_in.get("/quan-tri/ho-so?trang_thai=x&trang=-4")
    signed_in.get("/quan-tri/ho-so?trang=99999999999999999999")
    signed_in.get("/quan-tri/tai-khoan", status=403)
