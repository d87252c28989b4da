"""What real one-stop systems send besides the truth: one odd item never costs the others."""

import json
from typing import Any

import pytest

from backend import clock as real_clock
from backend import db
from backend.dossiers import sync
from backend.dossiers.models import Dossier
from backend.dossiers.schemas import Snapshot

GOOD = {
    "MaHoSo": "H12-260105-0001", "TrangThaiHoSo": "2", "ThoiDiemXuLy": "20260105080000",
    "NgayTiepNhan": "20260105080000", "ChuHoSo": "Nguyễn Thị Lan", "SoDienThoai": "0912000001",
}  # fmt: skip


def send(*items: dict[str, Any]) -> list[str]:
    with db.transaction() as session:
        results = sync.apply(session, "DongBoHoSoMC", items, now=real_clock.now())
    return [result.result for result in results]


@pytest.mark.parametrize(
    "odd",
    [
        {"MaHoSo": "\ud800"}, {"MaHoSo": ["a"]}, {"MaHoSo": None}, {"MaHoSo": "A" * 100 + "-1"},
        {"TrangThaiHoSo": "11"}, {"TrangThaiHoSo": True}, {"TrangThaiHoSo": "²"},
        {"DanhSachLePhi": "x"}, {"DanhSachLePhi": [{"Gia": "nan"}]}, {"DanhSachLePhi": [None]},
        {"DanhSachLePhi": [{"Gia": "1e300"}]}, {"NgayTiepNhan": "20260230"},
        {"ThoiDiemXuLy": "20270105080000"},
    ],
)  # fmt: skip
def test_an_odd_item_is_rejected_and_the_next_applied(database, clock, odd):
    assert send({**GOOD, **odd}, {**GOOD, "MaHoSo": "H12-260105-0002"}) == ["rejected", "applied"]


def test_a_rejected_code_can_be_told_whatever_it_was(database, clock):
    with db.transaction() as session:
        (result,) = sync.apply(
            session, "DongBoHoSoMC", [{"MaHoSo": "a\ud800\0b"}], now=real_clock.now()
        )
    assert result.model_dump_json()


@pytest.mark.parametrize("day", ["00010101000000", "19000101000000", "99991231235959", "99991231"])
def test_the_first_and_the_last_day_that_a_system_knows_mean_none(database, clock, day):
    dated = {**GOOD, "NgayHenTra": day, "NgayKetThucXuLy": day, "ThoiDiemXuLy": day}
    assert send(dated) == ["applied"]
    with db.reading() as session:
        assert session.query(Dossier).one().due_at is None


@pytest.mark.parametrize(
    "address",
    ["a@b.vn\r\nBcc: c@d.vn", "a@b.vn, c@d.vn", "a@b.vn c@d.vn", "<a@b.vn>", "a@b", "không có"],
)
def test_an_address_is_one_address_or_none(address):
    assert Snapshot.model_validate({**GOOD, "Email": address}).email == ""
    assert Snapshot.model_validate({**GOOD, "Email": " lan.nt+1@thu-dien.tu.vn "}).email


def test_text_that_no_database_stores_loses_only_that(database, clock):
    given = {**GOOD, "ChuHoSo": "Lan\0\ud800", "GhiChu": {"a": "0912345678"}}
    assert send(json.loads(json.dumps(given))) == ["applied"]
    with db.reading() as session:
        assert session.query(Dossier).one().owner_name == "Lan"
