"""What importers make of published files: one bad record never stops the rest."""

import gzip
import json
from datetime import date
from typing import Any

import pytest

from backend.procedures.importers import IMPORTERS, AliasPair, Rejected, read
from backend.procedures.record import (
    ChannelKind,
    DocumentUse,
    Fee,
    Level,
    Record,
    Tier,
    Unit,
)
from tests.backend.published import NATIONAL, lines, method, national, record

# The file as a whole


def test_a_national_record_becomes_facts(tmp_path):
    found = national(tmp_path, methods=[method("Miễn phíTrong 03 ngày làm việc.", free=True)])
    assert found.tier is Tier.IMPORTED
    assert found.levels == (Level.COMMUNE,)  # no district since July 2025
    assert "cấp huyện" in found.sources[0].note
    assert found.subjects == ("Công dân Việt Nam", "Cán bộ, công chức, viên chức")
    assert found.conditions == ("Không",)
    assert found.results == ("Giấy", "Văn bản từ chối")
    assert found.fees == (Fee(amount=0, text="Miễn phí"),)
    assert (found.deadlines[0].number, found.deadlines[0].unit) == (3, Unit.WORKING_DAY)
    assert found.sources[0].date == date(2026, 7, 1)
    assert not found.sources[0].verified


def test_one_bad_line_never_stops_the_rest(tmp_path):
    good, other = NATIONAL, NATIONAL | {"code": "1.000002"}
    bad = (
        '{"code": "1.0000',
        NATIONAL | {"code": "khong-co"},
        NATIONAL | {"code": "1.000003", "name": ""},
        NATIONAL | {"code": "1.000004", "methods": "không phải danh sách"},
        "[1, 2]",
    )
    found = list(read(lines(tmp_path / "x.jsonl", good, *bad, other)))
    assert [record(p).code for p in found if isinstance(p.found, Record)] == [
        "1.000001",
        "1.000002",
    ]
    rejected = [p for p in found if isinstance(p.found, Rejected)]
    assert [p.origin for p in rejected] == [f"x.jsonl:{n}" for n in (2, 3, 4, 5, 6)]
    assert all(p.found.reason for p in rejected if isinstance(p.found, Rejected))


def test_gzip_and_byte_order_marks_are_taken_off(tmp_path):
    packed = tmp_path / "national.jsonl.gz"
    packed.write_bytes(gzip.compress("\ufeff".encode() + json.dumps(NATIONAL).encode()))
    (only,) = read(packed)
    assert record(only).code == "1.000001"


@pytest.mark.parametrize(
    "content", [b"", b"\x1f\x8bnot gzip", b"\xff\xfe\x00", b"<html></html>", b"{}"]
)
def test_a_file_of_no_known_format_is_one_rejection(tmp_path, content):
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    (only,) = read(path)
    assert isinstance(only.found, Rejected)


def test_a_page_of_another_procedure_leaves_the_name_only(tmp_path):
    found = national(tmp_path, body_missing=True)
    assert found.tier is Tier.NAME_ONLY
    assert found.is_name_only
    assert (found.steps, found.conditions, found.results) == ((), (), ())
    assert found.field == "Hộ tịch"


def test_decomposed_letters_are_composed(tmp_path):
    import unicodedata

    found = national(tmp_path, name=unicodedata.normalize("NFD", "Đăng ký khai tử"))
    assert found.name == "Đăng ký khai tử"


def test_a_record_that_names_closed_offices_says_so_and_keeps_them(tmp_path):
    found = national(tmp_path, steps="Nộp hồ sơ tại UBND cấp huyện.")
    assert "UBND cấp huyện" in found.steps[0].text
    assert "UBND cấp huyện" in found.sources[0].note


def test_a_code_list_gives_names_and_tells_what_it_cannot_read(tmp_path):
    path = tmp_path / "codes.tsv"
    path.write_text("1.000005\tTên một\nkhông có mã\n1.000006.000.00.00.H12\tTên hai.\n")
    one, bad, two = read(path)
    assert (record(one).tier, record(one).name) == (Tier.NAME_ONLY, "Tên một")
    assert isinstance(bad.found, Rejected)
    assert (record(two).code, record(two).name) == ("1.000006", "Tên hai")


def test_a_list_of_replaced_codes_gives_pairs(tmp_path):
    path = tmp_path / "aliases.tsv"
    path.write_text("old\tnew\tremark\n1.000001\t1.000002\tđoán\n1.000003\t1.000003\t\n")
    pair, bad = read(path)
    assert pair.found == AliasPair("1.000001", "1.000002", "đoán")
    assert isinstance(bad.found, Rejected)


def test_an_overlay_gives_only_the_fields_it_names(tmp_path):
    path = tmp_path / "overlay.yml"
    path.write_text("- code: '1.000001'\n  tier: overlay\n  fees: []\n- code: 'x'\n- [1]\n")
    overlay, bad, worse = read(path)
    assert record(overlay).model_fields_set >= {"fees"}
    assert "documents" not in record(overlay).model_fields_set
    assert isinstance(bad.found, Rejected)
    assert isinstance(worse.found, Rejected)


def test_broken_yaml_is_one_rejection(tmp_path):
    path = tmp_path / "x.yml"
    path.write_text("code: [unclosed")
    (only,) = read(path)
    assert isinstance(only.found, Rejected)


PORTAL: dict[str, Any] = {
    "id": "0199",
    "code": "1.000007",
    "name": "Cấp giấy thử",
    "state": "ACTIVE",
    "isWard": True,
    "updatedAt": 1_780_000_000_000,
    "categoriesDetails": [{"name": "Chứng thực"}],
    "executionSteps": [{"name": "Bước 1", "description": "<p>Nộp hồ sơ</p>"}],
    "executionMethods": [
        {
            "submissionMethod": "DIRECT_AND_ONLINE",
            "processingTime": 5,
            "processingTimeUnit": "DAY",
            "fees": [{"name": "Lệ phí", "value": 15000, "currencyName": "VNĐ"}],
            "description": "",
        },
        {"submissionMethod": "POSTAL", "processingTime": 5, "processingTimeUnit": "OTHER"},
    ],
    "executionCases": [
        {
            "name": "Giấy tờ phải xuất trình",
            "profileComponents": [{"name": "Thẻ căn cước", "originalQty": 1, "copyQty": 0}],
        }
    ],
    "legalBasisesDetails": [{"code": "60/2014/QH13", "name": "Luật Hộ tịch"}],
}


def test_the_portals_details_are_read(tmp_path):
    (only,) = read(lines(tmp_path / "detail.json", {"data": PORTAL}))
    found = record(only)
    assert found.levels == (Level.COMMUNE,)
    assert {channel.kind for channel in found.channels} == set(ChannelKind)
    assert {(d.channel, d.number, d.unit, d.text) for d in found.deadlines} == {
        (ChannelKind.IN_PERSON, 5, Unit.DAY, ""),
        (ChannelKind.ONLINE, 5, Unit.DAY, ""),
        (ChannelKind.POST, None, None, "5 (nguồn không ghi đơn vị thời gian)"),
    }
    assert {(f.channel, f.amount, f.kind) for f in found.fees} == {
        (ChannelKind.IN_PERSON, 15000, "Lệ phí"),
        (ChannelKind.ONLINE, 15000, "Lệ phí"),
    }
    assert found.documents[0].use is DocumentUse.SHOW
    assert found.steps[0].text == "Bước 1\nNộp hồ sơ"
    assert found.legal_basis[0].code == "60/2014/QH13"
    assert found.sources[0].url.endswith("/0199")


def test_the_portals_procedures_out_of_force_or_mixed_up_are_refused(tmp_path):
    ended = PORTAL | {"state": "REVOKED"}
    mixed = {"code": "1.000099", "data": PORTAL}
    found = list(read(lines(tmp_path / "details.jsonl", {"data": ended}, mixed, PORTAL)))
    assert [isinstance(p.found, Rejected) for p in found] == [True, True, False]
    assert "1.000099" in str(found[1].found.reason if isinstance(found[1].found, Rejected) else "")


def test_the_national_services_answer_is_read_whole(shared):
    (only,) = read(shared / "official" / "LayThuTuc_1.001193_H49.json")
    found = record(only)
    assert found.code == "1.001193"  # without the local suffix
    assert found.levels == (Level.COMMUNE,)
    assert found.cases == ()  # "Giấy tờ phải nộp" and the like are no cases
    uses = {use: [d.name for d in found.documents if d.use is use] for use in DocumentUse}
    assert any(name.startswith("Giấy chứng sinh") for name in uses[DocumentUse.HAND_IN])
    assert any(name.startswith("Hộ chiếu") for name in uses[DocumentUse.SHOW])
    assert len(uses[DocumentUse.NOTE]) > 10
    # "Giờ" with 15: the hour after which papers wait for the next day, not a deadline.
    assert [d.number for d in found.deadlines] == [None]
    assert "sau 15 giờ" in found.deadlines[0].text
    rates = {f.amount: f for f in found.fees if f.amount}
    assert set(rates) == {50000, 25000}
    assert "trực tuyến" in rates[25000].text
    assert "trực tuyến" not in rates[50000].text
    assert all("hộ nghèo" in f.exemptions for f in rates.values())
    assert found.legal_basis[0].issued == date(2014, 11, 20)
    assert found.steps == ()  # the service answers "Trình tự t.", which says nothing


def test_every_importer_refuses_the_files_of_the_others(tmp_path):
    """The first that accepts reads: two that accept the same file would hide each other."""
    from backend.procedures.importers import open_file

    files = {
        "national": lines(tmp_path / "a.jsonl", NATIONAL),
        "portal": lines(tmp_path / "b.json", {"data": PORTAL}),
        "code_names": lines(tmp_path / "c.tsv", "1.000005\tTên"),
        "code_aliases": lines(tmp_path / "d.tsv", "1.000005\t1.000006"),
        "catalogue": lines(tmp_path / "e.yml", "code: '1.000001'"),
        "lay_thu_tuc": lines(tmp_path / "f.json", {"result": [{"MATTHC": "1.000001"}]}),
        "province_export": lines(tmp_path / "g.jsonl", {"name": "x", "Mã thủ tục": "1.000001"}),
    }
    assert set(files) == set(IMPORTERS)
    for name, path in files.items():
        file = open_file(path)
        assert [n for n, one in IMPORTERS.items() if one.accepts(file)] == [name]
