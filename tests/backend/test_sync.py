"""A one-stop system feeds us: applied, repeated, stale, rejected, in whatever order it comes."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from sqlalchemy import select

from backend import clock as now_is
from backend import config, db
from backend.dossiers import desk, proofs, sync
from backend.dossiers import service as dossiers
from backend.dossiers.models import Dossier, DossierEvent, DossierRequest
from backend.dossiers.status import Status
from backend.notifications.chats import ChatRef
from backend.notifications.models import Notification

CODE = "H12-260105-0001"
CHAT = ChatRef("telegram", "1001")
KEY = "khoa-cua-he-thong-mot-cua"
Item = dict[str, Any]
URL = "/api/v1/dossiers/sync"


def snapshot(status: int = 2, **more) -> Item:
    return {
        "MaHoSo": CODE, "MaTTHC": "1.001193", "TenTTHC": "Đăng ký khai sinh",
        "ChuHoSo": "Nguyễn Thị Lan", "LoaiDoiTuong": "1", "MaDoiTuong": "095190001234",
        "SoDienThoai": "+84 912 000 001", "NgayTiepNhan": "20260105080000",
        "NgayHenTra": "20260108170000", "TrangThaiHoSo": str(status),
        "DonViXuLy": "Trung tâm Phục vụ hành chính công phường An Xuyên",
    } | more  # fmt: skip


def progress(status: int, at: str, note: str = "", **more) -> Item:
    step = {"MaHoSo": CODE, "ThoiDiemXuLy": at, "TrangThai": status, "NoiDungXuLy": note}
    return step | {"NguoiXuLy": "Trần Quang Minh", "ChucDanh": "Chuyên viên"} | more


def told(session, *items, service="CapNhatTienDoHoSoMC") -> list[str]:
    results = sync.apply(session, service, items, agency_code="H12.1", now=now_is.now())
    return [result.result for result in results]


def created(session, *items) -> list[str]:
    return told(session, *items, service="DongBoHoSoMC")


def dossier(session):
    return session.scalars(select(Dossier)).one()


@pytest.fixture
def known(session, clock):
    clock.set(2026, 1, 5, 10)
    created(session, snapshot())
    return dossier(session)


def test_a_snapshot_becomes_a_dossier(session, known):
    assert (known.code, known.status, known.phone) == (CODE, Status.ACCEPTED, "0912000001")
    assert known.owner_name == "Nguyễn Thị Lan"
    assert known.agency_code == "H12.1"
    assert known.due_at == now_is.local(known.due_at).replace(day=8, hour=17, minute=0)


def test_the_identity_number_is_kept_nowhere(session, known):
    created(session, snapshot(4, GhiChu="CCCD 095190001234, gọi 0912000001"))
    rows = [*session.scalars(select(DossierEvent).order_by(DossierEvent.id)), known]
    kept = " ".join(str(value) for row in rows for value in vars(row).values())
    assert "095190001234" not in kept
    assert rows[1].note == "CCCD <phone>, gọi <phone>"


def test_steps_move_it_and_a_repeat_moves_nothing(session, known):
    steps = [progress(4, "20260105090000"), progress(9, "20260106090000", "Đã ký")]
    assert told(session, *steps) == ["applied", "applied"]
    assert known.status == Status.DONE
    assert told(session, *steps) == ["repeated", "repeated"]
    assert created(session, snapshot()) == ["repeated"]
    assert known.status == Status.DONE
    assert len(session.scalars(select(DossierEvent)).all()) == 3


def test_what_comes_late_joins_the_history_but_moves_nothing(session, known):
    told(session, progress(9, "20260106090000"))
    assert told(session, progress(4, "20260105090000", "Đang xem xét")) == ["stale"]
    assert known.status == Status.DONE
    proofs.open_to(session, known, CHAT, via="receipt", now=now_is.now())
    standing = dossiers.get_with_proof(session, CHAT, CODE)
    assert standing is not None
    assert [(past.label, past.note) for past in standing.history] == [
        ("Được tiếp nhận", ""), ("Đang xử lý", "Đang xem xét"), ("Đã xử lý xong", ""),
    ]  # fmt: skip


def test_without_a_time_the_later_to_arrive_is_the_truth(session, known, clock):
    assert created(session, snapshot(4)) == ["applied"]
    clock.move(hours=1)
    assert created(session, snapshot(9)) == ["applied"]
    assert told(session, progress(4, "20260105083000")) == ["stale"], "older than that snapshot"
    assert told(session, progress(10, "20260105093000")) == ["applied"], "but forwards it may go"
    assert created(session, snapshot(2, Email="lan@example.vn")) == ["stale"]
    assert known.status == Status.RETURNED


def test_a_move_outside_the_table_is_applied_flagged_and_listed(session, known):
    results = sync.apply(
        session, "CapNhatTienDoHoSoMC", [progress(10, "20260106090000")], now=now_is.now()
    )
    assert [(r.result, r.flagged) for r in results] == [("applied", True)]
    assert (known.status, known.is_flagged) == (Status.RETURNED, True)
    officer = officer_at_the_desk()
    rows, total = desk.listed(
        session, officer, desk.Filter(is_flagged=True), page=1, now=now_is.now()
    )
    assert (rows, total) == ([known], 1)


def officer_at_the_desk():
    from backend.accounts.roles import Role, SignedIn

    return SignedIn(1, "minh", "Minh", Role.ONE_STOP)


@pytest.mark.parametrize(
    ("item", "field"),
    [
        (snapshot(TrangThaiHoSo="11"), "TrangThaiHoSo"),
        (snapshot(TrangThaiHoSo=None), "TrangThaiHoSo"),
        (snapshot(NgayTiepNhan="20260231080000"), "NgayTiepNhan"),
        (snapshot(NgayHenTra="mai"), "NgayHenTra"),
        (snapshot(MaHoSo=""), "MaHoSo"),
        (snapshot(MaHoSo="'; drop table dossiers; --"), "MaHoSo"),
        (snapshot(DanhSachLePhi=[{"Gia": "nhiều"}]), "DanhSachLePhi.0.Gia"),
        (snapshot(DanhSachLePhi="không"), "DanhSachLePhi"),
        (snapshot(ThoiDiemXuLy="20400101000000"), "ThoiDiemXuLy"),
        ({}, "MaHoSo"),
    ],
)
def test_one_bad_item_is_named_and_does_not_stop_the_rest(session, clock, item, field):
    results = sync.apply(session, "DongBoHoSoMC", [item, snapshot()], now=now_is.now())
    assert [result.result for result in results] == ["rejected", "applied"]
    assert results[0].reason.startswith(f"{field}: ")
    assert results[0].tracking_url is None


def test_progress_of_an_unknown_dossier_waits_for_its_snapshot(session, clock):
    clock.set(2026, 1, 6)
    step = progress(4, "20260105090000")
    assert told(session, step) == ["rejected"]
    assert created(session, snapshot()) == ["applied"]
    assert told(session, step) == ["applied"], "a rejected item was not remembered as seen"


def test_odd_characters_and_lengths_are_stored_safely(session, clock):
    odd = snapshot(ChuHoSo="La\0n \ud800" + "a" * 500, TenTTHC="Đăng ký" + "b" * 5000)
    assert created(session, odd) == ["applied"]
    assert dossier(session).owner_name.startswith("Lan a")
    assert len(dossier(session).owner_name) == 200


def test_a_request_for_papers_says_what_is_missing_until_it_is_answered(session, known, clock):
    asked = {
        "NguoiYeuCauBoSung": "Minh", "NoiDungBoSung": "Bản gốc giấy chứng sinh",
        "NgayBoSung": "20260106090000", "NgayHenTraTruoc": "20260108170000",
        "NgayHenTraMoi": "20260112170000",
    }  # fmt: skip
    clock.set(2026, 1, 6, 9, 30)
    proofs.open_to(session, known, CHAT, via="receipt", now=now_is.now())
    created(session, snapshot(5, DanhSachHoSoBoSung=[asked], NgayHenTra="20260112170000"))
    standing = dossiers.get_with_proof(session, CHAT, CODE)
    assert standing is not None
    assert standing.missing == ("Bản gốc giấy chứng sinh",)
    assert standing.clock_stopped
    told(session, progress(4, "20260107090000"))
    standing = dossiers.get_with_proof(session, CHAT, CODE)
    assert standing is not None
    assert (standing.missing, standing.clock_stopped) == ((), False)
    assert standing.due_at
    assert now_is.local(standing.due_at).day == 12, "the new date knew of the pause"
    assert len(session.scalars(select(DossierRequest)).all()) == 1


def test_a_pause_without_a_new_date_moves_the_due_date(session, known, clock):
    clock.set(2026, 1, 8)
    told(session, progress(5, "20260106090000"), progress(4, "20260107090000"))
    assert now_is.local(known.due_at).strftime("%d %H:%M") == "09 17:00"


def test_fees_and_reasons_reach_the_citizen(session, known, clock):
    clock.set(2026, 1, 8)
    proofs.open_to(session, known, CHAT, via="receipt", now=now_is.now())
    fees = [{"TenPhiLePhi": "Lệ phí", "Gia": "50.000"}, {"Gia": 20000}]
    created(session, snapshot(6, DanhSachLePhi=fees))
    assert dossiers.known(session, CHAT)[0].fee_due == 70_000
    told(session, progress(8, "20260107090000", "Chờ xác minh"))
    assert dossiers.known(session, CHAT)[0].returned_reason == "Chờ xác minh"


def test_each_follower_hears_of_each_move_once(session, known):
    proofs.open_to(session, known, CHAT, via="receipt", now=now_is.now())
    dossiers.follow(session, CHAT, CODE, now_is.now())
    steps = [progress(4, "20260105090000"), progress(9, "20260106090000")]
    told(session, *steps)
    told(session, *steps)
    told(session, progress(5, "20260105100000"))
    pushes = session.scalars(select(Notification.data)).all()
    assert pushes == ['{"tail": "0001"}'] * 2


def test_a_new_number_shuts_out_whoever_proved_the_old_one(session, known):
    proofs.open_to(session, known, CHAT, via="code", now=now_is.now())
    created(session, snapshot(SoDienThoai="0987654321"))
    assert dossiers.get_with_proof(session, CHAT, CODE) is None
    assert proofs.open_by_contact(session, "0912000001", CHAT, now=now_is.now()) == []
    assert proofs.open_by_contact(session, "0987654321", CHAT, now=now_is.now())


times = st.integers(0, 60 * 24 * 4).map(
    lambda minutes: f"202601{5 + minutes // 1440:02d}{minutes // 60 % 24:02d}{minutes % 60:02d}00"
)
steps = st.lists(
    st.tuples(st.integers(2, 10), times), min_size=1, max_size=6, unique_by=lambda s: s[1]
)


@how(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(steps=steps, order=st.randoms(), cuts=st.lists(st.integers(1, 5), max_size=4))
def test_any_order_and_any_replay_end_in_the_same_place(session, clock, steps, order, cuts):
    clock.set(2026, 1, 10)
    items = [progress(status, at) for status, at in steps]
    ends = []
    for sequence in (sorted(items, key=lambda item: item["ThoiDiemXuLy"]), items * 2):
        with session.begin_nested() as attempt:
            created(session, snapshot())
            if sequence is not items:
                order.shuffle(sequence)
            for batch in batches(sequence, cuts):
                told(session, *batch)
            ends.append(end(session))
            attempt.rollback()
        session.expire_all()
    assert ends[0] == ends[1]


def batches(items: list[Item], cuts: list[int]) -> Iterator[list[Item]]:
    rest = iter(items)
    for size in itertools.chain(cuts, itertools.repeat(3)):
        if not (batch := list(itertools.islice(rest, size))):
            return
        yield batch


def end(session) -> tuple[Any, ...]:
    session.flush()
    found = dossier(session)
    history = session.execute(
        select(DossierEvent.at, DossierEvent.to_status).order_by(DossierEvent.at)
    )
    return found.status, found.due_at, [tuple(row) for row in history]


# The interface.


@pytest.fixture
def key(monkeypatch):
    monkeypatch.setenv("SYNC_API_KEY", KEY)
    config.settings.cache_clear()
    yield {"X-API-Key": KEY}
    monkeypatch.undo()
    config.settings.cache_clear()


def body(*items, service="DongBoHoSoMC") -> Item:
    return {"service": service, "isUpdating": "True", "madonvi": "H12", "data": list(items)}


def test_the_answer_has_a_link_for_the_receipt(client, key, clock):
    answer = client.post(URL, json=body(snapshot(), snapshot(99)), headers=key)
    assert answer.status_code == 200
    first, second = answer.json()["results"]
    assert (first["MaHoSo"], first["result"], first["flagged"]) == (CODE, "applied", False)
    assert (second["result"], second["tracking_url"]) == ("rejected", None)
    again = client.post(URL, json=body(snapshot()), headers=key).json()["results"][0]
    assert (again["result"], again["tracking_url"]) == ("repeated", first["tracking_url"])
    token = first["tracking_url"].rpartition("/")[2]
    assert first["telegram_url"] is None  # Telegram is off
    with db.transaction() as session:
        assert proofs.open_by_token(session, token, CHAT, now=now_is.now())


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": ""}, {"X-API-Key": "khac"}])
def test_without_the_key_nothing_is_taken(client, key, headers):
    answer = client.post(URL, json=body(snapshot()), headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "wrong_api_key"


def test_without_a_key_of_ours_it_is_closed(client):
    assert client.post(URL, json=body(), headers={"X-API-Key": ""}).status_code == 401


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (body(*[{}] * 501), 413),
        (body(service="LayThuTuc"), 422),
        ({"service": "DongBoHoSoMC"}, 422),
        ({"service": "DongBoHoSoMC", "data": ["chữ"]}, 422),
        (body(), 200),
    ],
)
def test_messages_of_another_shape(client, key, message, status):
    answer = client.post(URL, json=message, headers=key)
    assert answer.status_code == status
    assert status == 200 or "message" in answer.json()["error"]


def test_five_hundred_items_are_looked_up_together(client, key, clock, database):
    items = [snapshot(MaHoSo=f"H12-260105-{number:04d}") for number in range(500)]
    client.post(URL, json=body(*items), headers=key)
    steps = [progress(4, "20260105090000", MaHoSo=item["MaHoSo"]) for item in items]
    with database.counting() as statements:
        answer = client.post(URL, json=body(*steps, service="CapNhatTienDoHoSoMC"), headers=key)
    assert {result["result"] for result in answer.json()["results"]} == {"applied"}
    looked_up = [statement for statement in statements if statement.startswith("SELECT")]
    assert len(looked_up) < 10
