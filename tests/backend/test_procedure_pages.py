"""The list of procedures and the page of each: found, complete, honest about what is missing."""

import unicodedata
from datetime import date

import pytest

from backend import clock as real_clock
from backend import db
from backend.procedures import service as procedures
from backend.procedures import sheet, shelf
from backend.procedures.importers import Parsed
from backend.procedures.record import (
    Alias,
    Case,
    Channel,
    ChannelKind,
    Deadline,
    Document,
    DocumentUse,
    Fee,
    Form,
    LegalBasis,
    Online,
    OnlineLevel,
    Record,
    Source,
    Step,
    Tier,
    Unit,
)
from tests.page import Page, words

CODE, OLD, BARE = "1.001193", "1.000001", "1.000002"

FULL = Record(
    code=CODE,
    name="Thủ tục đăng ký khai sinh <thử>",
    tier=Tier.SHIPPED,
    lay_names=("làm giấy khai sinh", "khai sanh cho em bé"),
    aliases=(Alias(code=OLD),),
    field="Hộ tịch",
    receiving="Trung tâm Phục vụ hành chính công",
    summary="Ghi nhận việc sinh.",
    cases=(Case(key="late", name="Đăng ký quá hạn"),),
    documents=(
        Document(name="Giấy chứng sinh", originals=1, copies=2),
        Document(name="Thẻ căn cước", use=DocumentUse.SHOW),
        Document(name="Văn bản giải trình", case="late", digital_substitute="Khai trên mạng."),
        Document(name="Tờ khai", form=Form(name="Mẫu tờ khai", url="https://example.vn/mau.docx")),
    ),
    channels=(Channel(kind=ChannelKind.IN_PERSON), Channel(kind=ChannelKind.ONLINE)),
    deadlines=(
        Deadline(channel=ChannelKind.IN_PERSON, number=3, unit=Unit.WORKING_DAY),
        Deadline(channel=ChannelKind.ONLINE, number=3, unit=Unit.WORKING_DAY),
        Deadline(case="late", number=1, text="1 (nguồn không ghi đơn vị)"),
    ),
    fees=(
        Fee(kind="Lệ phí", amount=0),
        Fee(
            kind="Phí", amount=8000, per="bản", channel=ChannelKind.ONLINE,
            exemptions="Miễn cho hộ nghèo.",
        ),
    ),
    steps=(Step(text="Nộp hồ sơ."), Step(text="Nhận kết quả.")),
    legal_basis=(LegalBasis(code="60/2014/QH13", title="Luật Hộ tịch", issued=date(2014, 11, 20)),),
    online=Online(level=OnlineLevel.WHOLE, old_level=4, url="https://example.vn/nop"),
    related=(BARE, "9.999999"),
    sources=(Source(name="Cổng Dịch vụ công quốc gia", date=date(2026, 7, 1)),),
)  # fmt: skip
NAME_ONLY = Record(
    code=BARE, name="Đăng ký lại khai sinh", field="Hộ tịch", tier=Tier.NAME_ONLY,
    sources=(Source(name="Danh mục mã thủ tục"),),
)  # fmt: skip
LAND = Record(
    code="1.000003", name="Tách thửa đất", field="Đất đai", tier=Tier.IMPORTED,
    steps=(Step(text="Nộp."),),
)  # fmt: skip


def store(*records: Record) -> None:
    with db.transaction() as session:
        plan = procedures.plan(session, [Parsed("test", record) for record in records])
        procedures.apply(session, plan, real_clock.now())
    shelf.forget()


@pytest.fixture
def catalogue(database, clock):
    """One procedure in full, one by its name only, one of another field."""
    store(FULL, NAME_ONLY, LAND)


def names(page: Page) -> list[str]:
    (found,) = page.all("ul", class_="procedures")
    return [words(link) for link in found.iter("a")]


def section(page: Page, key: str) -> str:
    return words(page.one("section", id=key))


def test_an_empty_catalogue_is_a_page_too(page):
    shelf.forget()
    assert "Có 0 thủ tục" in page.get("/thu-tuc").text


def test_the_list_has_the_described_ones_first(page, catalogue):
    listed = page.get("/thu-tuc")
    assert "Có 3 thủ tục" in listed.text
    assert names(listed)[0] == FULL.name
    assert names(listed)[-1] == NAME_ONLY.name
    assert "Chưa có chi tiết" in listed.text


@pytest.mark.parametrize(
    "asked", ["khai sinh", "ĐĂNG KÝ", "đăng ký khai", "đang ky khai sinh", "khai sanh"]
)
def test_it_is_found_with_and_without_accents_and_by_lay_names(page, catalogue, asked):
    assert names(page.get(f"/thu-tuc?q={asked}"))[0] == FULL.name


def test_it_is_found_however_the_accents_are_encoded(page, catalogue):
    decomposed = unicodedata.normalize("NFD", "đăng ký khai sinh")
    assert FULL.name in [item.name for item in arranged_shelf().find(decomposed)]


def arranged_shelf() -> shelf.Shelf:
    with db.reading() as session:
        return shelf.shelf(session)


def test_it_is_found_by_its_code_and_by_its_former_code(page, catalogue):
    assert names(page.get(f"/thu-tuc?q={CODE}.000.00.00.H12")) == [FULL.name]
    assert FULL.name in names(page.get("/thu-tuc?q=1 001193"))


def test_a_field_narrows_the_list(page, catalogue):
    listed = page.get("/thu-tuc?linh-vuc=Đất đai")
    assert names(listed) == [LAND.name]
    chosen = [o for o in listed.all("option") if o.get("selected") is not None]
    assert [words(o) for o in chosen] == ["Đất đai"]


def test_nothing_found_says_what_to_do(page, catalogue):
    listed = page.get("/thu-tuc?q=<script>bay lên trăng</script>")
    assert "Chưa thấy thủ tục nào" in listed.text
    assert listed.one("input", id="q").get("value") == "<script>bay lên trăng</script>"


def test_many_are_shown_page_by_page(page, database):
    store(*(NAME_ONLY.model_copy(update={"code": f"2.{n:06}"}) for n in range(70)))
    assert len(names(page.get("/thu-tuc?q=khai sinh"))) == 30
    last = page.get(page.click("Trang sau").link("Trang sau"))
    assert len(names(last)) == 10
    assert "Trang 3 trên 3" in last.text
    for odd in ("0", "-1", "99", "abc", "9" * 50, "²"):
        page.get(f"/thu-tuc?trang={odd}")


def test_the_page_says_everything_that_the_record_does(page, catalogue):
    shown = page.get(f"/thu-tuc/{CODE}")
    assert shown.h1 == FULL.name
    assert "1 bản chính, 2 bản sao" in section(shown, "giay-to")
    assert "Mang theo để xuất trình" in section(shown, "giay-to")
    assert "Trường hợp: Đăng ký quá hạn" in section(shown, "giay-to")
    assert "Khai trên mạng." in section(shown, "giay-to")
    assert shown.link("Mẫu tờ khai") == "https://example.vn/mau.docx"
    assert "Lệ phí: không thu" in section(shown, "le-phi")
    assert "8.000 đ/bản" in section(shown, "le-phi")
    assert "Miễn cho hộ nghèo." in section(shown, "le-phi")
    assert section(shown, "thoi-han").count("3 ngày làm việc") == 1, "alike on both channels"
    assert "1 (nguồn không ghi đơn vị)" in section(shown, "thoi-han")
    assert "Trung tâm Phục vụ hành chính công" in section(shown, "noi-nop")
    assert "toàn trình" in section(shown, "noi-nop")
    assert "mức độ 4" in section(shown, "noi-nop")
    assert "Nhận kết quả." in section(shown, "cac-buoc")
    assert "60/2014/QH13 Luật Hộ tịch (ban hành ngày 20/11/2014)" in section(shown, "can-cu")
    assert shown.link(NAME_ONLY.name).endswith(f"/thu-tuc/{BARE}")
    assert "9.999999" not in shown.text


def test_what_the_source_is_silent_about_is_said(page, catalogue):
    shown = page.get(f"/thu-tuc/{CODE}")
    assert "không công bố" in section(shown, "dieu-kien")
    assert "không công bố" in section(shown, "ket-qua")


def test_the_source_has_its_date_and_whether_it_was_checked(page, catalogue):
    source = section(page.get(f"/thu-tuc/{CODE}"), "nguon")
    assert "Cổng Dịch vụ công quốc gia" in source
    assert "Ngày 01/07/2026." in source
    assert "Chưa đối chiếu với văn bản gốc." in source


def test_contents_lead_to_their_sections(page, catalogue):
    shown = page.get(f"/thu-tuc/{CODE}")
    (contents,) = shown.all("nav", class_="contents")
    assert len(list(contents.iter("a"))) == 9


def test_a_procedure_known_by_name_only_says_so_and_whom_to_ask(page, catalogue):
    shown = page.get(f"/thu-tuc/{BARE}")
    assert "Chưa có nội dung chi tiết" in shown.text
    assert "Trung tâm Phục vụ hành chính công tỉnh" in shown.text
    assert not shown.all("section", id="giay-to")


def test_a_former_code_leads_to_the_present_one_and_says_so(page, catalogue):
    shown = page.get(f"/thu-tuc/{OLD}", queries=20)  # two pages and two records
    assert shown.path == f"/thu-tuc/{CODE}"
    assert OLD in shown.text
    assert OLD not in page.get(f"/thu-tuc/{CODE}?ma-cu={BARE}").text


def test_a_local_suffix_is_taken_off(page, catalogue):
    assert page.get(f"/thu-tuc/{CODE}.000.00.00.H49").path == f"/thu-tuc/{CODE}"


@pytest.mark.parametrize("code", ["1.999999", "khong-co", "1.001193x", "%00"])
def test_an_unknown_code_is_a_kind_404(page, catalogue, code):
    missing = page.get(f"/thu-tuc/{code}", status=404)
    assert "Xin kiểm tra lại mã" in missing.text
    assert missing.link("Tìm thủ tục").endswith("/thu-tuc")


def test_the_assistant_can_be_asked_from_the_page(page, catalogue):
    shown = page.get(f"/thu-tuc/{CODE}")
    fields = {f.get("name"): f.get("value") for f in shown.form("/chat").iter("input")}
    assert CODE in fields["text"]
    assert fields["message_id"]


def test_the_list_follows_the_catalogue(page, catalogue):
    page.get("/thu-tuc")
    with db.transaction() as session:
        later = NAME_ONLY.model_copy(update={"code": "2.000009", "name": "Cấp phép bay"})
        plan = procedures.plan(session, [Parsed("test", later)])
        procedures.apply(session, plan, real_clock.now())
    assert names(page.get("/thu-tuc?q=cap phep bay")) == ["Cấp phép bay"]


def test_a_case_that_is_not_listed_counts_as_shared():
    record = FULL.model_copy(update={"cases": ()})
    (only,) = sheet.arrange(record).papers
    assert only.case == ""
    assert len(only.items) == 4


def test_lines_that_differ_by_channel_name_it():
    both, online = sheet.on_channels(FULL.fees)
    assert both.kinds == ()
    assert online.kinds == (ChannelKind.ONLINE,)


def test_components_are_shown_to_developers_only(page, monkeypatch):
    from backend.config import Environment, settings

    page.get("/dev/components")
    monkeypatch.setattr(
        "backend.operations.look.settings",
        lambda: settings().model_copy(update={"environment": Environment.PRODUCTION}),
    )
    page.get("/dev/components", status=404)
