"""Centres and communes: lists as offices keep them, and names as people say them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from backend import db
from backend.places import cli
from backend.places import service as places
from backend.places.importer import Row, Sheet, Unreadable, read

NOW = datetime(2026, 1, 5, 2, tzinfo=UTC)
CENTRES = (
    "Xã/Phường,Địa chỉ,Giờ làm việc,Điện thoại\n"
    "Xã Hòa Bình,Ấp 1,7h–17h,0291 111\n"
    "Xã Phước Long,Ấp 2,,0291 222\n"
    "Phường Bạc Liêu,Đường 3,,0291 333\n"
)
COMMUNES = (
    "old_province,old_district,old_ward,new_province,new_ward,kind\n"
    "Tỉnh Bạc Liêu,Huyện Vĩnh Lợi,Xã Long Thạnh,Tỉnh Cà Mau,Xã Hòa Bình,whole\n"
    "Tỉnh Bạc Liêu,Huyện Hòa Bình,Thị trấn Hòa Bình,Tỉnh Cà Mau,Xã Hòa Bình,whole\n"
    "Tỉnh Bạc Liêu,Huyện Phước Long,Thị trấn Phước Long,Tỉnh Cà Mau,Xã Phước Long,whole\n"
    "Tỉnh Bạc Liêu,Thị xã Giá Rai,Xã Phong Thạnh,Tỉnh Cà Mau,Phường Láng Tròn,whole\n"
    "Tỉnh Bạc Liêu,Huyện Khác,Xã Phong Thạnh,Tỉnh Cà Mau,Phường Bạc Liêu,whole\n"
    "Tỉnh Cà Mau,Thành phố Cà Mau,Phường 9,Tỉnh Cà Mau,Phường An Xuyên,whole\n"
    "Tỉnh Cà Mau,Thành phố Cà Mau,Xã Chia,Tỉnh Cà Mau,Xã Một,divided\n"
    "Tỉnh Cà Mau,Thành phố Cà Mau,Xã Chia,Tỉnh Cà Mau,Xã Hai,divided\n"
)


def put(session, folder: Path, text: str) -> places.Plan:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    plan = places.plan(session, read(path))
    places.apply(session, plan, NOW)
    return plan


@pytest.fixture
def filled(session, tmp_path):
    put(session, tmp_path, CENTRES)
    put(session, tmp_path, COMMUNES)
    return session


@pytest.mark.parametrize(
    "text",
    ["xã Hòa Bình", "Hòa Bình", "xa hoa binh", "XÃ HÒA BÌNH", "xã Hoà Bình", "x. Hòa Bình",
     "Long Thạnh", "xã Long Thạnh cũ", "xa long thanh cu gio thuoc dau"],
)  # fmt: skip
def test_a_centre_is_found_by_any_spelling_and_by_the_old_commune(filled, text):
    assert [centre.phone for centre in places.find(filled, text)] == ["0291 111"]


def test_a_name_of_two_old_communes_gives_both(filled):
    rows = places.became(filled, "Phong Thạnh")
    assert {row.new_name for row in rows} == {"Phường Láng Tròn", "Phường Bạc Liêu"}


def test_the_old_district_tells_two_of_a_name_apart(filled):
    rows = places.became(filled, "xã Phong Thạnh, thị xã Giá Rai cũ giờ thuộc đâu?")
    assert [row.new_name for row in rows] == ["Phường Láng Tròn"]


def test_a_divided_commune_names_all_its_parts(filled):
    assert [row.new_name for row in places.became(filled, "xã Chia cũ")] == ["Xã Hai", "Xã Một"]


def test_numbered_wards_are_found(filled):
    assert [row.new_name for row in places.became(filled, "phường 9 cũ")] == ["Phường An Xuyên"]


@pytest.mark.parametrize("text", ["", "   ", "xã Không Có", "💥", "%' OR 1=1", "x" * 5000])
def test_what_nobody_is_called_finds_nothing(filled, text):
    assert places.find(filled, text) == []
    assert places.became(filled, text) == []


def test_the_second_time_nothing_changes_and_a_correction_is_told(session, tmp_path):
    assert put(session, tmp_path, CENTRES).changes == 3
    assert put(session, tmp_path, CENTRES).changes == 0
    plan = put(session, tmp_path, CENTRES.replace("0291 111", "0291 999"))
    assert [fields for _, _, fields in plan.changed] == [{"phone": ("0291 111", "0291 999")}]
    assert [centre.phone for centre in places.find(session, "Hòa Bình")] == ["0291 999"]


def test_bad_rows_are_told_and_the_others_taken(session, tmp_path):
    plan = put(session, tmp_path, CENTRES + ",Ấp 9,,0291\nXã Trống,,,\nXã Hòa Bình,Ấp 1,,1\n,,,\n")
    assert [origin for origin, _ in plan.rejected] == ["list.csv:5", "list.csv:6", "list.csv:7"]
    assert len(plan.new) == 3


def test_excel_lists_are_read_below_their_titles(session, tmp_path):
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["DANH SÁCH TRUNG TÂM"])
    sheet.append([])
    sheet.append(["STT", "Xã, phường", "Tên trung tâm", "Địa chỉ", "Số điện thoại"])
    sheet.append([1, "Phường Giá Rai", "Trung tâm số 1", "Quốc lộ 1", 2913849999])
    book.save(tmp_path / "centres.xlsx")
    found = read(tmp_path / "centres.xlsx")
    assert found == Sheet(
        "centres",
        [
            Row(
                "centres.xlsx:4",
                {
                    "commune": "Phường Giá Rai",
                    "name": "Trung tâm số 1",
                    "address": "Quốc lộ 1",
                    "phone": "2913849999",
                },
            )
        ],
        [],
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", b"x,y\n1,2\n"), ("a.csv", b""), ("a.xlsx", b"no zip"), ("a.csv", b"\xff\xfe\x00")],
)
def test_files_that_hold_no_list_are_refused_in_one_sentence(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unreadable):
        read(tmp_path / name)


def test_the_command_shows_first_and_stores_only_when_told(database, tmp_path, capsys):
    path = tmp_path / "centres.csv"
    path.write_text(CENTRES, encoding="utf-8")
    assert cli.main(["import", str(path)]) == 0
    with db.reading() as session:
        assert places.find(session, "Hòa Bình") == []
    assert cli.main(["import", str(path), "--apply"]) == 0
    capsys.readouterr()
    assert cli.main(["find", "hoa binh"]) == 0
    assert "0291 111" in capsys.readouterr().out
    assert cli.main(["find", "khong co"]) == 1
    assert cli.main(["import", str(tmp_path / "khong-co.csv")]) == 1


def test_the_real_table_of_the_province_is_read(session, shared):
    sheet = read(shared / "places" / "camau_old_to_new.csv")
    assert (len(sheet.rows), sheet.rejected) == (186, [])
    plan = places.plan(session, sheet)
    assert places.apply(session, plan, NOW) == 186
    assert [row.new_name for row in places.became(session, "xã Long Thạnh cũ giờ thuộc đâu")] == [
        "Xã Hòa Bình"
    ]
