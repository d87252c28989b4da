"""A photo sent from the chat's own page: read at once, in memory only; what was typed is kept."""

import io
import tempfile

import pytest
from PIL import Image
from sqlalchemy import select

from backend import db
from backend.config import settings
from backend.dossiers import service as dossiers
from backend.http import cookie_name
from backend.notifications.chats import ChatRef
from bot import photos
from bot.chat import service as chats
from bot.chat.uploads import MOST_BODY, MOST_READ
from bot.models import Message
from tests.bot.pictures import CARD, qr, saved
from tests.cast import CODE, make_dossier, receipt_of
from tests.page import Browser, Page, hidden_fields

pytestmark = pytest.mark.usefixtures("database", "clock")

GIF = io.BytesIO()
Image.new("RGB", (40, 40)).save(
    GIF, "GIF", save_all=True, append_images=[Image.new("RGB", (40, 40), "red")]
)
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)


def send(page: Browser, picture: bytes | None, *, text: str = "", scripted: bool = False):
    """The form, as a browser sends it: without a photo it has a file without a name."""
    form = hidden_fields(page.get("/").form("/chat"))
    files = {"anh": ("" if picture is None else "anh.jpg", picture or b"", "image/jpeg")}
    headers = {"HX-Request": "true"} if scripted else {}
    return page.client.post("/chat", data={**form, "text": text}, files=files, headers=headers)


def said(author: str) -> list[str]:
    with db.reading() as session:
        rows = session.scalars(select(Message).where(Message.author == author).order_by(Message.id))
        return [row.text for row in rows]


@pytest.mark.parametrize("scripted", [True, False])
def test_a_photo_of_the_receipt_opens_the_dossier(page: Browser, scripted: bool) -> None:
    with db.transaction() as session:
        token = receipt_of(make_dossier(session))
    answer = send(page, qr(f"{settings().base_url}/ho-so/mo/{token}"), scripted=scripted)
    assert answer.status_code == 200
    assert f"Hồ sơ {CODE}" in answer.text
    assert said("citizen") == ["(gửi ảnh)"]
    chat = ChatRef("web", chats.name_of(str(page.client.cookies[cookie_name("chat")])))
    with db.reading() as session:
        assert dossiers.get_with_proof(session, chat, CODE) is not None


def test_a_code_alone_still_needs_its_proof_and_is_not_what_was_said(page: Browser) -> None:
    with db.transaction() as session:
        make_dossier(session)
    answer = send(page, qr(CODE), text="xem giúp em")
    assert "Chỉ có mã hồ sơ thì tôi chưa cho xem được gì" in answer.text
    assert said("citizen") == ["(gửi ảnh)"]


def test_an_identity_card_is_refused_and_nothing_of_it_kept(page: Browser) -> None:
    answer = send(page, qr(CARD), text="căn cước 096301001234 của em")
    assert "thẻ căn cước" in answer.text
    assert said("citizen") == ["(gửi ảnh)"]
    assert "096301001234" not in " ".join(said("bot"))


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (b"mot tep chu, ten la anh.jpg", "không mở được ảnh"),
        (GIF.getvalue(), "không mở được ảnh"), (HEIC, "không mở được ảnh"),
        (b"", "không mở được ảnh"),
        (saved(Image.new("1", (12_000, 12_000)), compress_level=9), "Ảnh lớn quá"),
        (bytes(photos.MOST_BYTES + 1), "Ảnh lớn quá"),
        (saved(Image.new("RGB", (300, 200), "white")), "không thấy mã nào"),
    ],
    ids=["text", "animated gif", "heic", "empty", "bomb", "heavy", "white"],
)  # fmt: skip
def test_bad_pictures_are_answered_kindly(page: Browser, picture: bytes, words: str) -> None:
    answer = send(page, picture)
    assert answer.status_code == 200
    assert words in answer.text


@pytest.mark.parametrize("more", [1, 12 * 1024 * 1024])
def test_words_beside_a_photo_that_is_too_large_come_back(page: Browser, more: int) -> None:
    """The box stands after the photo in the form: the photo is read past, and not kept."""
    answer = send(page, bytes(photos.MOST_BYTES + more), text="hồ sơ của em tới đâu rồi")
    assert answer.status_code == 413
    shown = Page(str(answer.url), answer.status_code, answer.text, [])
    assert (shown.one("textarea", name="text").text or "").strip() == "hồ sơ của em tới đâu rồi"
    assert "Ảnh lớn quá 8 MB" in shown.text
    assert said("citizen") == []


def test_no_more_of_a_photo_is_kept_than_may_be(
    page: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    monkeypatch.setattr(photos, "seen", lambda photo: kept.append(len(photo)))
    send(page, bytes(photos.MOST_BYTES * 2))
    assert kept == [photos.MOST_BYTES + 1]


def test_forty_megabytes_are_refused_before_they_are_read(page: Browser) -> None:
    answer = send(page, bytes(40 * 1024 * 1024), scripted=True)
    assert answer.status_code == 413
    assert "quá lớn" in answer.text
    assert said("citizen") == []


def test_no_photo_chosen_is_an_ordinary_message(page: Browser) -> None:
    assert send(page, None, text="cảm ơn ạ").status_code == 200
    assert said("citizen") == ["cảm ơn ạ"]


def test_neither_words_nor_photo_is_said_so(page: Browser) -> None:
    answer = send(page, None)
    assert answer.status_code == 422
    assert "chưa nhập câu hỏi" in answer.text


def test_a_photo_never_touches_a_disk(page: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file was opened for the photo")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    heavy = saved(Image.effect_noise((1500, 1500), 90))
    assert photos.MOST_BYTES > len(heavy) > 2 * 1024 * 1024 - 100_000
    assert send(page, heavy + bytes(1024 * 1024)).status_code == 200


def test_without_the_pages_token_no_photo_is_looked_at(
    page: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "seen", lambda picture: pytest.fail("it was looked at"))
    answer = page.client.post("/chat", data={"text": "giữ lại"}, files={"anh": ("a.jpg", b"x")})
    assert answer.status_code == 403
    assert "giữ lại" in answer.text


def test_the_same_photo_twice_is_answered_once(page: Browser) -> None:
    form = hidden_fields(page.get("/").form("/chat"))
    for _ in range(2):
        page.client.post("/chat", data=form, files={"anh": ("a.jpg", qr(CODE))})
    assert said("citizen") == ["(gửi ảnh)"]
    page.client.post("/chat", data=form, files={"anh": ("a.jpg", qr("khác"))})
    assert len(said("citizen")) == 2


def test_a_broken_form_is_refused(page: Browser) -> None:
    page.get("/")
    headers = {"Content-Type": "multipart/form-data"}
    for type_ in ("multipart/form-data", "multipart/form-data; boundary=x"):
        headers["Content-Type"] = type_
        assert page.client.post("/chat", content=b"--y\r\n", headers=headers).status_code < 500


def test_a_frame_sends_photos_with_its_secret(page: Browser) -> None:
    begun = page.client.post("/api/v1/chat/conversations").json()
    headers = {"HX-Request": "true", "Authorization": f"Bearer {begun['token']}"}
    files = {"anh": ("a.jpg", qr(CARD))}
    answer = page.client.post("/chat", data={"after": "0"}, files=files, headers=headers)
    assert "thẻ căn cước" in answer.text


def test_a_form_around_the_largest_photo_still_fits() -> None:
    assert MOST_READ > MOST_BODY > photos.MOST_BYTES + 20_000
