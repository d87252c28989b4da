"""Pictures sent on Zalo: fetched from Zalo alone, within bounds, looked at and forgotten."""

import base64
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import select

from backend import db, jobs
from backend.config import settings
from backend.dossiers import service as dossiers
from backend.notifications.chats import ChatRef
from bot import downloads, photos, routes
from bot.channels import CHANNELS
from bot.messages import FetchError, Fetches
from bot.models import Message
from bot.photos import Kind, Sight
from bot.zalo import files
from tests.bot.pictures import CARD, qr
from tests.cast import CODE, make_dossier, receipt_of
from tests.fakes.zalo import FakeZalo

PLATFORMS = pytest.mark.parametrize("platform", ["oa", "bot"])
KINDS = {"oa": "zalo_oa", "bot": "zalo_bot"}


@pytest.fixture
def sends(zalo: FakeZalo, database: object) -> Callable[..., str]:
    """Lan sends a picture; what she is answered."""

    def send(platform: str, picture: bytes | None = None, **more: str) -> str:
        content = {"content": base64.b64encode(picture).decode()} if picture is not None else {}
        zalo.happen("send", user="lan", kind="image", platform=platform, **content, **more)
        came = CHANNELS[KINDS[platform]].parse(zalo.world.pending[-1].body)
        assert came is not None
        assert came.attachment == "photo"
        routes.store(came)
        claimed = routes._understood({"incoming": came.as_dict()})
        with db.transaction() as session:
            routes.turn(session, came.as_dict(), claimed)
            row = session.query(Message).filter_by(author="bot").order_by(Message.id.desc()).first()
            assert row is not None
            return str(row.text)

    return send


@PLATFORMS
def test_a_photo_of_the_receipt_opens_the_dossier(sends: Callable[..., str], platform: str) -> None:
    with db.transaction() as session:
        token = receipt_of(make_dossier(session))
    said = sends(platform, qr(f"{settings().base_url}/ho-so/mo/{token}"))
    assert f"Hồ sơ {CODE}" in said
    with db.reading() as session:
        assert dossiers.get_with_proof(session, ChatRef(KINDS[platform], "lan"), CODE) is not None


@PLATFORMS
def test_an_identity_card_is_refused_and_nothing_of_it_kept(
    sends: Callable[..., str], platform: str
) -> None:
    assert "thẻ căn cước" in sends(platform, qr(CARD))
    with db.reading() as session:
        kept = " ".join(session.scalars(select(Message.text)))
        queued = " ".join(session.scalars(select(jobs.Job.payload)))
    for secret in ("096301001234", "NGUYEN", "381234567"):
        assert secret not in kept + queued


@PLATFORMS
def test_another_servers_address_is_not_asked(sends: Callable[..., str], platform: str) -> None:
    said = sends(platform, url="https://zdn.vn.evil.example/i.jpg")
    assert "chưa nhận được ảnh" in said


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("https://zdn.vn/a.jpg", True), ("https://f7.photo.talk.zdn.vn/a.jpg?x=1", True),
        ("https://s160.zadn.vn/a.jpg", True), ("http://zdn.vn/a.jpg", False),
        ("https://zdn.vn:8443/a.jpg", False), ("https://evilzdn.vn/a.jpg", False),
        ("https://zdn.vn@evil.example/a.jpg", False), ("https://zdn.vn.evil.example/", False),
        ("https://127.0.0.1/a.jpg", False), ("file:///etc/passwd", False), ("", False),
        ("http://169.254.169.254/latest/meta-data", False), ("//zdn.vn/a.jpg", False),
    ],
)  # fmt: skip
def test_only_zalos_hosts_are_asked(address: str, is_ours: bool) -> None:
    assert files.is_zalos(httpx.URL(address)) is is_ours


def fetch(zalo: FakeZalo, name: str, *, most: int = 1000) -> bytes:
    return files.fetch(f"{zalo.url}/files/{name}", most=most)


def test_a_file_is_fetched_up_to_its_limit(zalo: FakeZalo) -> None:
    zalo.world.files |= {"a": b"x" * 1000, "b": b"x" * 1001, "huge": bytes(20 * 1024 * 1024)}
    assert fetch(zalo, "a") == b"x" * 1000
    for name in ("b", "huge"):
        with pytest.raises(FetchError) as refused:
            fetch(zalo, name)
        assert refused.value.is_too_large
    with pytest.raises(FetchError, match="HTTP 404"):
        fetch(zalo, "gone")


def test_a_redirect_is_followed_among_zalos_hosts_only(zalo: FakeZalo) -> None:
    zalo.world.files |= {"a": b"old", "b": b"new"}
    zalo.happen("fault", kind="moved", where="file", to=f"{zalo.url}/files/b")
    assert fetch(zalo, "a") == b"new"
    foreign = zalo.url.replace("127.0.0.1", "localhost")
    zalo.happen("fault", kind="moved", where="file", to=f"{foreign}/files/b")
    with pytest.raises(FetchError, match="foreign address"):
        fetch(zalo, "a")
    zalo.happen("fault", kind="moved", where="file", to=f"{zalo.url}/files/a", times=9)
    with pytest.raises(FetchError, match="too many redirects"):
        fetch(zalo, "a")


def test_a_slow_host_is_left(zalo: FakeZalo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "SECONDS", 0.2)
    zalo.world.files["a"] = b"x"
    zalo.happen("fault", kind="slow", where="file", seconds=2)
    with pytest.raises(FetchError, match="too slow"):
        fetch(zalo, "a")


@pytest.mark.parametrize("address", ["", "not an address", "https://[", "https://" + "a" * 70_000])
def test_nonsense_is_no_address(address: str) -> None:
    with pytest.raises(FetchError):
        files.fetch(address, most=10)


@PLATFORMS
def test_what_is_no_picture_is_said_kindly(sends: Callable[..., str], platform: str) -> None:
    assert "không mở được ảnh" in sends(platform, "một tệp chữ".encode())


def test_both_platforms_hand_files_over(zalo: FakeZalo) -> None:
    address = zalo.world.keep(qr(CODE))
    for kind in KINDS.values():
        channel = CHANNELS[kind]
        assert isinstance(channel, Fetches)
        assert photos.fetched(channel, address) == Sight(Kind.DOSSIER, CODE)
