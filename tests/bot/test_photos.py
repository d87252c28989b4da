"""A photo of a receipt: what is read from it, what is refused, and that nothing of it is kept."""

import asyncio
import base64
import json
import threading
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from backend import db, jobs, official, worker
from backend.config import settings
from backend.dossiers import proofs
from backend.dossiers import service as dossiers
from backend.notifications.chats import ChatRef
from bot import photos, routes
from bot.channels import CHANNELS
from bot.channels.telegram import Telegram
from bot.channels.telegram.files import fetch
from bot.messages import FetchError, Incoming
from bot.models import Message
from bot.photos import Kind, Sight
from tests.bot.pictures import CARD, TOKEN, barcode, beside, qr, saved
from tests.cast import CODE, make_dossier, receipt_of
from tests.fakes.telegram import FakeTelegram

LAN = 7
CHAT = ChatRef("telegram", str(LAN))


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_receipts_link_is_its_token(kind: str) -> None:
    link = f"{settings().base_url}/ho-so/mo/{TOKEN}"
    assert photos.seen(qr(link, kind)) == Sight(Kind.RECEIPT, TOKEN)


def test_a_printed_code_is_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    assert photos.seen(qr(CODE)) == Sight(Kind.DOSSIER, CODE)
    assert photos.seen(barcode(CODE)) == Sight(Kind.DOSSIER, CODE)


def test_a_turned_and_blurred_photo_will_do() -> None:
    flat = Image.open(BytesIO(qr(CODE))).convert("RGB")
    turned = flat.rotate(27, expand=True, fillcolor="white").resize((900, 900))
    assert photos.seen(saved(turned)) == Sight(Kind.DOSSIER, CODE)


@pytest.mark.parametrize(
    "text",
    [
        "https://motcua-camau.vip/ho-so/mo/" + TOKEN,
        "https://t.me/motcua_gia_bot?start=" + TOKEN,
        "https://t.me.evil.example/motcua_bot?start=" + TOKEN,
        "http://[", "0912000001",
    ],
)  # fmt: skip
def test_what_is_not_ours_opens_nothing(telegram: FakeTelegram, text: str) -> None:
    official.heard_telegram_name("motcua_bot")
    assert photos.seen(qr(text)) == Sight(Kind.OTHER)


def test_our_telegram_link_is_the_receipt_too(telegram: FakeTelegram) -> None:
    official.heard_telegram_name("motcua_bot")
    link = official.telegram_url(TOKEN)
    assert link == f"https://t.me/motcua_bot?start={TOKEN}"
    assert photos.seen(qr(link)) == Sight(Kind.RECEIPT, TOKEN)


def test_an_identity_card_is_known_by_its_shape_and_nothing_of_it_is_told() -> None:
    assert photos.seen(qr(CARD)) == Sight(Kind.IDENTITY)
    assert photos.seen(beside(qr(CODE), qr(CARD))) == Sight(Kind.IDENTITY)


@pytest.mark.parametrize(
    ("picture", "kind"),
    [
        (b"", Kind.UNREADABLE), (b"GIF89a" + bytes(50), Kind.UNREADABLE),
        (qr(CODE)[:300], Kind.UNREADABLE), (bytes(photos.MOST_BYTES + 1), Kind.TOO_LARGE),
        (saved(Image.new("RGB", (300, 200), "white")), Kind.NO_CODE),
        (saved(Image.new("1", (12_000, 12_000)), compress_level=9), Kind.TOO_LARGE),
        (saved(Image.new("1", (6_000, 5_001)), compress_level=9), Kind.TOO_LARGE),
    ],
    ids=["empty", "gif", "cut off", "heavy", "white", "bomb", "just over"],
)  # fmt: skip
def test_what_cannot_be_read_hurts_nobody(picture: bytes, kind: Kind) -> None:
    assert photos.seen(picture) == Sight(kind)


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(photos, "SECONDS", 0.05)
    monkeypatch.setattr(photos, "_seen", lambda picture: done.wait(10) and Sight(Kind.NO_CODE))
    try:
        assert [photos.seen(b"x").kind for _ in range(12)] == [Kind.AWAY] * 12
        assert len(photos._waiting) <= photos.MOST_WAITING
    finally:
        done.set()


# Through Telegram


async def answered() -> None:
    """Run every job that is due, and leave no connection open."""
    runner = worker.Runner(polls=True)
    while claimed := runner._claim(8):
        await asyncio.gather(*(runner._one(item) for item in claimed))
    channel = CHANNELS["telegram"]
    assert isinstance(channel, Telegram)
    await channel.close()


@pytest.fixture
def sends(telegram: FakeTelegram, database: object) -> Callable[..., list[str]]:
    """Lan sends a photo; what she is answered."""

    def send(picture: bytes | None, **more: str) -> list[str]:
        content = {"content": base64.b64encode(picture).decode()} if picture is not None else {}
        telegram.happen("send", chat=LAN, kind="photo", **content, **more)
        update = telegram.call("getUpdates", offset=-1)["result"][0]
        came = Telegram().parse(update)
        assert came is not None
        before = len(telegram.messages(LAN))
        routes.store(came)
        asyncio.run(answered())
        return telegram.texts(LAN)[before:]

    return send


def test_a_photo_of_the_receipt_opens_the_dossier(sends: Callable[..., list[str]]) -> None:
    with db.transaction() as session:
        token = receipt_of(make_dossier(session))
    (said,) = sends(qr(f"{settings().base_url}/ho-so/mo/{token}"), caption="xem giúp em")
    assert f"Hồ sơ {CODE}" in said
    with db.reading() as session:
        assert dossiers.get_with_proof(session, CHAT, CODE) is not None


def test_a_photo_of_the_code_alone_shows_nothing(sends: Callable[..., list[str]]) -> None:
    with db.transaction() as session:
        make_dossier(session)
    (said,) = sends(qr(CODE))
    assert "Chỉ có mã hồ sơ thì tôi chưa cho xem được gì" in said
    with db.reading() as session:
        assert dossiers.get_with_proof(session, CHAT, CODE) is None


def test_an_identity_card_is_refused_and_nothing_of_it_kept(
    sends: Callable[..., list[str]],
) -> None:
    (said,) = sends(qr(CARD), caption="căn cước của em đây, số 096301001234")
    assert "thẻ căn cước" in said
    with db.reading() as session:
        kept = " ".join(session.scalars(select(Message.text)))
        queued = " ".join(session.scalars(select(jobs.Job.payload)))
    for secret in ("096301001234", "NGUYEN", "381234567"):
        assert secret not in kept + queued


def test_telegram_not_giving_it_is_said_kindly(
    sends: Callable[..., list[str]], telegram: FakeTelegram
) -> None:
    telegram.happen("fault", kind="500", method="getFile")
    (said,) = sends(qr(CODE))
    assert "gửi lại" in said


def test_a_file_is_fetched_up_to_its_limit_and_no_error_shows_the_token(
    telegram: FakeTelegram,
) -> None:
    telegram.world.files |= {"p": b"x" * 100, "huge": bytes(21 * 1024 * 1024)}
    assert fetch("p", most=100) == b"x" * 100
    for name, most, too_large in (("p", 99, True), ("huge", 10**9, True), ("none", 9, False)):
        with pytest.raises(FetchError) as refused:
            fetch(name, most=most)
        assert refused.value.is_too_large is too_large
        assert settings().telegram_bot_token not in str(refused.value)


def test_the_receipt_in_a_talk_with_people_stays_theirs() -> None:
    """What is not a code of ours leaves the message as it was."""
    came = Incoming("telegram", "7", "1", text="đây ạ", attachment="photo", file="p")
    assert photos.applied(came, Sight(Kind.NO_CODE)) == came
    assert photos.applied(came, None) == came
    assert json.dumps(came.as_dict())  # the handle is what is stored, never the picture


def test_a_receipt_token_fits_into_a_deep_link() -> None:
    token = proofs.receipt_token("H12.04.05-260105-000001", 12)
    assert photos.TOKEN.fullmatch(token)
