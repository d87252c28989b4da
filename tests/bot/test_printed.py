"""Printed words on a photo: a code is taken or asked back, a card refused, all else left."""

import io
import threading
from importlib.util import find_spec

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from sqlalchemy import select

from backend import db
from bot import photos, printed
from bot.dialogue import engine
from bot.messages import Incoming
from bot.models import Message
from bot.photos import Kind, Sight
from bot.printed import Line, Print
from tests.bot.handover import text_of
from tests.bot.pictures import saved
from tests.cast import CODE, make_dossier

WHITE = saved(Image.new("RGB", (300, 200), "white"))
CARD = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "CẪN CƯỚC CÔNG DÂN", "Số / No.: 096301001234"]


@pytest.mark.parametrize(
    ("lines", "meaning"),
    [
        ([Line(f"Mã hố sơ:{CODE}", 0.97)], Print(code=CODE, is_sure=True)),
        ([Line(f"Mã hố sơ: {CODE}", 0.7)], Print(code=CODE)),
        ([Line("Mã: H12-26O105-O001", 0.97)], Print(code="H12-260105-0001", is_sure=True)),
        ([Line("Mã hồ sơ:H1-260105-0001", 0.99)], Print(code="H1-260105-0001")),
        ([Line(text, 0.9) for text in CARD], Print(is_card=True)),
        ([Line("Citizen Identity Card", 0.9), Line(CODE, 0.99)], Print(is_card=True)),
        ([Line("IDVNM0963010012340963", 0.9)], Print(is_card=True)),
        ([Line("Số căn cước: 096301001234", 0.9)], Print()),
        ([Line("Nhận lúc 08 giờ, ngày 05/01/2026", 0.9), Line("1.00119", 1)], Print()),
        ([], Print()),
    ],
)
def test_what_the_lines_amount_to(lines: list[Line], meaning: Print) -> None:
    assert printed.meant(lines) == meaning


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch):
    """A reader that finds these lines on every picture."""

    def install(*lines: Line) -> None:
        monkeypatch.setattr(printed, "reader", lambda: lambda picture: lines)

    return install


def test_print_is_read_where_there_is_no_square_code(reads) -> None:
    reads(Line(f"Mã hồ sơ: {CODE}", 0.97))
    assert photos.seen(WHITE) == Sight(Kind.DOSSIER, CODE)
    reads(Line(f"Mã hồ sơ: {CODE}", 0.5))
    assert photos.seen(WHITE) == Sight(Kind.UNSURE, CODE)
    reads(*(Line(text, 0.9) for text in CARD))
    assert photos.seen(WHITE) == Sight(Kind.IDENTITY)
    reads()
    assert photos.seen(WHITE) == Sight(Kind.NO_CODE)


def test_the_reader_is_loaded_before_the_first_photo_and_nobody_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_load, loaded = threading.Event(), []

    def load() -> None:
        may_load.wait(10)
        loaded.append(threading.current_thread().name)

    monkeypatch.setattr(printed, "reader", load)
    photos.warm()
    assert not loaded, "it is on its way, in the thread of the photos"
    may_load.set()
    photos.seen(WHITE)
    assert [name.split("_")[0] for name in loaded] == ["photos", "photos"], "once, then for WHITE"


def test_a_reader_that_cannot_be_loaded_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = threading.Event()

    def broken() -> None:
        tried.set()
        raise OSError("a file of the model is missing")

    monkeypatch.setattr(printed, "reader", broken)
    photos.warm()
    assert tried.wait(10)
    monkeypatch.setattr(printed, "reader", lambda: None)
    assert photos.seen(WHITE) == Sight(Kind.NO_CODE)


def test_without_a_reader_there_is_no_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printed, "reader", lambda: None)
    assert photos.seen(WHITE) == Sight(Kind.NO_CODE)


def test_a_doubtful_code_is_asked_back_and_still_needs_its_proof(database, clock) -> None:
    with db.transaction() as session:
        make_dossier(session)
    came = Incoming("console", "lan", "1", attachment="photo")
    asked = engine.handle(came, Sight(Kind.UNSURE, CODE))
    assert f"**{CODE}**" in text_of(asked)
    assert "Có phải mã hồ sơ của ông/bà không?" in text_of(asked)
    yes = next(b for m in asked.messages for b in m.buttons if b.label == "Đúng mã này")
    answer = engine.handle(Incoming("console", "lan", "2", payload=yes.payload))
    assert "Chỉ có mã hồ sơ thì tôi chưa cho xem được gì" in text_of(answer)
    with db.reading() as session:
        said = select(Message.text).where(Message.author == "citizen").order_by(Message.id)
        rows = session.scalars(said).all()
    assert rows == ["(gửi ảnh)", "Đúng mã này"]


def paper(*lines: str, turned: float = 0, blurred: float = 0) -> bytes:
    sheet = Image.new("RGB", (1000, 150 + 80 * len(lines)), "white")
    for number, line in enumerate(lines):
        font = ImageFont.load_default(34)
        ImageDraw.Draw(sheet).text((80, 60 + 80 * number), line, fill="black", font=font)
    sheet = sheet.rotate(turned, expand=True, fillcolor="white")
    sheet = sheet.filter(ImageFilter.GaussianBlur(blurred))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=80)
    return out.getvalue()


@pytest.mark.skipif(find_spec("trueocr") is None, reason="the extra `ocr` is not installed")
@pytest.mark.parametrize(("turned", "blurred"), [(0, 0), (4, 1), (90, 0)])
def test_the_real_reader_reads_a_receipt(
    turned: float, blurred: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "SECONDS", 60)  # the machine that tests may be busy
    picture = paper("Giay tiep nhan ho so", f"Ma ho so: {CODE}", turned=turned, blurred=blurred)
    seen = photos.seen(picture)
    assert seen.value == CODE
    assert seen.kind in (Kind.DOSSIER, Kind.UNSURE)


@pytest.mark.skipif(find_spec("trueocr") is None, reason="the extra `ocr` is not installed")
def test_the_real_reader_knows_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "SECONDS", 60)
    assert photos.seen(paper("Citizen Identity Card", "No.: 096301001234")).kind is Kind.IDENTITY
