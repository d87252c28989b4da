"""What is read out of published words: fees, deadlines, papers, laws, each trap at its smallest."""

import pytest

from backend.procedures.published.deadlines import read_deadline, read_words
from backend.procedures.published.documents import PublishedGroup, PublishedPaper, read_papers
from backend.procedures.published.fees import dong
from backend.procedures.published.legal import read_glued
from backend.procedures.published.text import items, stated
from backend.procedures.record import (
    Document,
    DocumentUse,
    Fee,
    Unit,
)
from tests.backend.published import fee, method, national, papers

# Fees


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("50.000", 50000), ("50,000", 50000), ("50000", 50000), ("1.000.000", 1_000_000), ("0", 0),
        ("700", None), ("50", None), ("15.000.0000", None), ("1.5", None), ("", None), ("ba", None),
    ],
)  # fmt: skip
def test_amounts_are_read_only_where_certain(text, amount):
    assert dong(text) == amount


def test_a_fee_cut_short_keeps_its_words_and_no_amount():
    found = fee("", label="700 VNĐ")
    assert (found.amount, found.text) == (None, "700 VNĐ")


def test_thousands_cut_off_are_found_again_in_the_note():
    found = fee("Phí công bố: 100.000 đồng/lần (Thông tư số 47/2019/TT-BTC)", label="100 VNĐ")
    assert (found.amount, found.per, found.kind) == (100000, "lần", "Phí")


@pytest.mark.parametrize(
    "note",
    [
        "Lệ phí cấp giấy: 40.000 đồng/giấy, riêng ô tô dưới 10 chỗ ngồi: 90.000 đồng/giấy",
        "Theo quy định của Hội đồng nhân dân cấp tỉnh.",
        "Thông tư số 33/2021/TT-BTC quy định mức thu, miễn một số khoản phí",
    ],
)
def test_a_note_that_contradicts_free_is_shown_instead(note):
    found = fee(note, is_free=True)
    assert found.amount is None
    assert found.text == note.rstrip(".")


@pytest.mark.parametrize("note", ["", "Không", "Không có", "Phí : 0 Đồng", "không thu phí"])
def test_free_is_free_where_the_note_agrees(note):
    assert fee(note, is_free=True) == Fee(amount=0, text="Miễn phí")


def test_exemptions_stand_apart_from_the_rate():
    found = fee(
        "8.000 đồng/văn bản. Miễn lệ phí cho người có công; người thuộc hộ nghèo.",
        amount=8000, label="8,000 VNĐ",
    )  # fmt: skip
    assert (found.amount, found.per) == (8000, "văn bản")
    assert found.exemptions == "Miễn lệ phí cho người có công; người thuộc hộ nghèo"


def test_a_rate_halved_for_a_while_is_told_with_the_amount():
    found = fee(
        "(áp dụng mức phí 400.000 đồng/hồ sơ kể từ ngày 01/7/2025 đến hết ngày 31/12/2026)",
        amount=800000, label="800,000 Việt Nam Đồng",
    )  # fmt: skip
    assert found.amount == 800000
    assert "400.000 đồng" in found.exemptions


def test_an_amount_whose_note_leaves_it_to_the_province_is_not_trusted():
    note = "Mức lệ phí cụ thể do Hội đồng nhân dân tỉnh quyết định"
    found = fee(note, amount=50000, label="50,000 VNĐ")
    assert found.amount is None
    assert "50.000 đồng" in found.text
    assert note in found.text


def test_foreign_money_stays_words():
    found = fee("10USD/giấy", amount=None, label="10 USD")
    assert found.amount is None
    assert "10 USD" in found.text


def test_the_number_that_slid_into_the_deadline_is_taken_for_neither(tmp_path):
    glued = method("VNĐ(Phí công bố: 100.000 đồng/lần)", duration=1100.0, unit="UNSPECIFIED")
    found = national(tmp_path, methods=[glued])
    assert found.deadlines[0].number is None
    assert found.deadlines[0].text.startswith("1100 (")
    assert found.fees[0].amount == 100000


def test_silence_about_fees_is_no_fee(tmp_path):
    found = national(tmp_path, methods=[method("Không có thông tin")])
    assert found.fees == ()


# Deadlines


def test_a_number_without_a_unit_is_shown_as_published():
    found = read_deadline(1.0, "UNSPECIFIED")
    assert found is not None
    assert (found.number, found.unit) == (None, None)
    assert found.text == "1 (nguồn không ghi đơn vị thời gian)"


@pytest.mark.parametrize(
    ("number", "unit"), [(4000, "DAY"), (200, "MONTH"), (0, "DAY"), (-1, "DAY")]
)
def test_implausible_deadlines_keep_no_number(number, unit):
    found = read_deadline(number, unit, "theo quy định")
    assert found is not None
    assert found.number is None


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("07 Ngày làm việc", 7, Unit.WORKING_DAY), ("01 Giờ", 1, Unit.HOUR),
        ("30 ngày", 30, Unit.DAY), ("2 tháng", 2, Unit.MONTH), ("10-25", None, None),
        ("Chậm nhất là ngay trước khi tàu rời cảng", None, None),
    ],
)  # fmt: skip
def test_deadlines_in_words(text, number, unit):
    found = read_words(text)
    assert found is not None
    assert (found.number, found.unit) == (number, unit)
    assert found.text == text


def test_what_holds_on_all_channels_is_said_once(tmp_path):
    names = ("direct", "online", "postal")
    methods = [method("Miễn phí", free=True, channel=name) for name in names]
    found = national(tmp_path, methods=methods)
    assert [d.channel for d in found.deadlines] == [None]
    assert [f.channel for f in found.fees] == [None]
    assert len(found.channels) == 3


# Papers


@pytest.mark.parametrize(
    ("heading", "use"),
    [
        ("* Giấy tờ phải nộp:", DocumentUse.HAND_IN),
        ("* Giấy tờ phải xuất trình:", DocumentUse.SHOW),
        ("Các giấy tờ phải xuất trình (bản chính), bao gồm:", DocumentUse.SHOW),
        ("* Lưu ý :", DocumentUse.NOTE),
        ("a) Thành phần hồ sơ:", DocumentUse.HAND_IN),
        ("Bao gồm", DocumentUse.HAND_IN),
        ("* Hồ sơ đăng ký khai sinh gồm:", DocumentUse.HAND_IN),
    ],
)
def test_headings_that_are_no_cases(heading, use):
    found = papers(PublishedPaper("- Giấy chứng sinh;", 1, 0), heading=heading)
    assert found.cases == ()
    (paper,) = found.documents
    assert (paper.name, paper.use, paper.case) == ("Giấy chứng sinh", use, None)


def test_a_heading_that_names_a_situation_is_a_case():
    found = papers(
        PublishedPaper("Văn bản ủy quyền", 1, 0),
        heading="- Trường hợp ủy quyền cho tổ chức, kèm theo hồ sơ đăng ký phải có:",
    )
    assert [(case.key, case.name) for case in found.cases] == [
        ("c1", "Trường hợp ủy quyền cho tổ chức")
    ]
    assert found.documents[0].case == "c1"


def test_rows_without_copies_are_notes_unless_they_name_a_paper():
    found = papers(
        PublishedPaper("Hóa đơn thương mại: 01 bản chụp", 0, 0),
        PublishedPaper("- Giấy tờ do nước ngoài cấp phải được hợp pháp hóa lãnh sự", 0, 0),
        PublishedPaper("- Giấy tờ phải nộp:", 0, 0),
        PublishedPaper(";", 0, 0),
    )
    assert [(d.name.split()[0], d.use, d.originals) for d in found.documents] == [
        ("Hóa", DocumentUse.HAND_IN, None),
        ("Giấy", DocumentUse.NOTE, None),
    ]


@pytest.mark.parametrize(
    ("name", "originals", "mended"),
    [
        ("Tờ khai theo Thông tư số 02/2026/TT-BNNMT ngày 01/01/", 20261, "01/01/2026"),
        ("Đơn đăng ký biến động đất đai theo Mẫu số", 181, "Mẫu số 18"),
        ("Báo cáo quy định tại Nghị định", 1161, "Nghị định 116"),
        ("Văn bản dịch ra tiếng Việt", 21, "tiếng Việt"),
    ],
)
def test_fused_counts_are_quarantined_and_names_mended(name, originals, mended):
    (paper,) = papers(PublishedPaper(name, originals, 1)).documents
    assert paper.originals is None
    assert paper.copies == 1
    assert paper.name.endswith(mended)


@pytest.mark.parametrize(
    ("name", "form", "paper", "form_name"),
    [
        ("Đơn đăng ký theo Nghị định 05/2025/NĐ-CP.Phụ l", "ục XIII.docx",
         "Đơn đăng ký theo Nghị định 05/2025/NĐ-CP", "Phụ lục XIII"),
        ("Bản thuyết minh điều kiện sản xuấtMau so 02. ", "TACN.docx",
         "Bản thuyết minh điều kiện sản xuất", "Mau so 02. TACN"),
        ("Tờ khai (Mẫu CT01 kèm Thông tư số 53/2025/TT-BCA).1.MuCT01", "kem.doc",
         "Tờ khai (Mẫu CT01 kèm Thông tư số 53/2025/TT-BCA)", "1.MuCT01kem"),
    ],
)  # fmt: skip
def test_a_files_name_is_taken_off_the_papers(name, form, paper, form_name):
    (found,) = papers(PublishedPaper(name, 1, 0, form)).documents
    assert (found.name, found.form.name if found.form else None) == (paper, form_name)


def test_a_case_never_has_two_keys():
    groups = [PublishedGroup("Trường hợp A:", [PublishedPaper("Đơn", 1, 0)]) for _ in range(2)]
    found = read_papers(groups, "Thử")
    assert len(found.cases) == 1
    assert found.documents == (Document(case="c1", name="Đơn", originals=1, copies=0),)


# Laws


def test_glued_laws_are_taken_apart():
    found = read_glued(
        "Luật 60/2014/QH1360/2014/QH13Nghị định quy định chi tiết Luật Hộ tịch123/2015/NĐ-CP"
        "Thông tư sửa đổi Thông tư số 15/2015/TT-BTP ngày 16/11/201504/2020/TT-BTPquy định khác"
    )
    assert [law.code for law in found] == ["60/2014/QH13", "123/2015/NĐ-CP", "04/2020/TT-BTP", ""]
    assert found[1].title == "Nghị định quy định chi tiết Luật Hộ tịch"
    assert found[2].title.endswith("ngày 16/11/2015")


@pytest.mark.parametrize(
    ("text", "code", "title"),
    [
        ("Luật Cư trú 202068/2020/QH14", "68/2020/QH14", "Luật Cư trú 2020"),
        ("Luật sửa đổi Luật Giá 202076/2025/QH15", "76/2025/QH15", "Luật sửa đổi Luật Giá 2020"),
        ("Luật Cư trú 202468/2020/QH14", "", "Luật Cư trú 202468/2020/QH14"),
        ("Nghị quyết về dữ liệu66.7/2025/NQ-CP", "66.7/2025/NQ-CP", "Nghị quyết về dữ liệu"),
        ("Thông tư ngày 15/5/2026.55/2026/TT-BTC", "55/2026/TT-BTC", "Thông tư ngày 15/5/2026"),
    ],
)  # fmt: skip
def test_a_laws_number_is_taken_apart_only_where_certain(text, code, title):
    (found,) = read_glued(text)
    assert (found.code, found.title) == (code, title)


# Text


def test_steps_are_whole_and_keep_what_hangs_below_them():
    text = "Bước 1: Nộp.\n- Trực tiếp;\n- Qua mạng.\n\n Bước 2: Nhận kết\nquả. Bước 3: Hết."
    assert items(text) == [
        "Bước 1: Nộp.\n- Trực tiếp;\n- Qua mạng.", "Bước 2: Nhận kết quả.", "Bước 3: Hết.",
    ]  # fmt: skip


def test_points_lose_their_marks_and_short_openings_stay_with_theirs():
    assert items("- Một;\n+ dưới một;\n- Hai.\n* Lưu ý:\n- Ba.") == [
        "Một;\n+ dưới một;", "Hai.", "Lưu ý:\nBa.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Không có thông tin", ""),
        ("Không có thông tinTừ khóaKhông có thông tinMô tảKhông có thông tinNộp hồ sơ", ""),
        ("Không có thông tinTrong 05 ngày", "Trong 05 ngày"),
        ("Không", "Không"),
        ("Đủ 18 tuổi", "Đủ 18 tuổi"),
    ],
)
def test_silence_is_told_from_statement(text, left):
    assert stated(text) == left
