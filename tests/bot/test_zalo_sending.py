"""What the Official Account sends, and what becomes of Zalo's refusals, against the strict fake."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest

from backend import clock as real_clock
from backend import db, jobs
from backend.config import settings
from backend.notifications import service as notifications
from backend.notifications.chats import ChatRef, Person
from backend.notifications.contacts import CONTACTS
from bot.channels.zalo_oa import ZaloOA
from bot.channels.zalo_oa.drawing import drawn
from bot.messages import Button, Outgoing, SendError, fit
from bot.zalo import login, sent, windows, zbs
from bot.zalo.models import ZaloToken
from bot.zalo.refusals import WindowClosed
from tests.conftest import Clock
from tests.fakes.zalo import FakeZalo

T = TypeVar("T")
LAN = "lan"
PICTURE = "https://motcua.example.vn/anh.png"
pytestmark = pytest.mark.usefixtures("database")


def with_channel(work: Callable[[ZaloOA], Awaitable[T]]) -> T:
    """Run on an event loop with a channel of its own."""

    async def run() -> T:
        channel = ZaloOA()
        try:
            return await work(channel)
        finally:
            await channel.close()

    return asyncio.run(run())


def send(message: Outgoing, to: str = LAN) -> str:
    return with_channel(lambda channel: channel.send(message, to))


def refused(message: Outgoing, to: str = LAN) -> SendError:
    with pytest.raises(SendError) as found:
        send(message, to)
    return found.value


def log_in(zalo: FakeZalo) -> None:
    """As an official does it."""
    with db.transaction() as session:
        url = login.begin(session, now=real_clock.now())
    query = dict(p.split("=") for p in zalo.approve(url).partition("?")[2].split("&"))
    asyncio.run(login.finish(query["code"], query["state"]))


@pytest.fixture
def lan(zalo: FakeZalo) -> FakeZalo:
    """Zalo, where we are logged in and Lan has written."""
    log_in(zalo)
    zalo.happen("say", user=LAN, text="xin chào")
    return zalo


@pytest.fixture
def pictured(lan: FakeZalo, monkeypatch: pytest.MonkeyPatch) -> FakeZalo:
    """The same with a picture, without which Zalo takes no lists."""
    monkeypatch.setenv("ZALO_PICTURE_URL", PICTURE)
    settings.cache_clear()
    return lan


def payload(message: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = message["attachment"]["payload"]
    return found


def test_text_goes_as_it_is(lan: FakeZalo) -> None:
    number = send(Outgoing("Lệ phí: 50.000 đ"))
    (message,) = lan.messages(LAN)
    assert (message["text"], message["message_id"]) == ("Lệ phí: 50.000 đ", number)


def test_buttons_press_open_and_call(lan: FakeZalo) -> None:
    buttons = (
        Button("Giấy tờ", "a:docs:1.001193"), Button("Cổng dịch vụ", url="https://a.gov.vn/"),
        Button("Gọi 1022", url="tel:1022"), Button("Xem trên máy", url="http://127.0.0.1/x"),
        Button("Chỉ có chữ"),
    )  # fmt: skip
    send(Outgoing("Ông/bà cần biết gì?", buttons))
    (message,) = lan.messages(LAN)
    assert message["text"].endswith("Xem trên máy: http://127.0.0.1/x")
    assert payload(message) == {"buttons": [
        {"title": "Giấy tờ", "type": "oa.query.hide", "payload": "#a:docs:1.001193"},
        {"title": "Cổng dịch vụ", "type": "oa.open.url", "payload": {"url": "https://a.gov.vn/"}},
        {"title": "Gọi 1022", "type": "oa.open.phone", "payload": {"phone_code": "1022"}},
        {"title": "Chỉ có chữ", "type": "oa.query.show", "payload": "Chỉ có chữ"},
    ]}  # fmt: skip


def test_six_buttons_become_numbered_lines(lan: FakeZalo) -> None:
    message = Outgoing("Chọn:", tuple(Button(f"Thủ tục {n}", f"p:{n}") for n in range(6)))
    for bubble in fit(message, ZaloOA.limits):
        send(bubble)
    (shown,) = lan.messages(LAN)
    assert "6. Thủ tục 5" in shown["text"]
    assert "attachment" not in shown


def test_the_template_type_of_buttons_can_be_set(
    lan: FakeZalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZALO_BUTTON_TEMPLATE", "button")
    settings.cache_clear()
    (part,) = drawn(Outgoing("Chọn:", (Button("A", "a"),)))
    assert payload(part)["template_type"] == "button"


def test_choices_with_long_names_become_a_list(pictured: FakeZalo) -> None:
    long = "Đăng ký khai sinh kết hợp đăng ký nhận cha, mẹ, con"
    send(Outgoing("Ông/bà hỏi thủ tục nào?", (Button(long, "p:1"), Button("Khác", "none"))))
    (message,) = pictured.messages(LAN)
    elements = payload(message)["elements"]
    assert elements[0] == {"title": "Ông/bà hỏi thủ tục nào?", "image_url": PICTURE}
    assert [e["title"] for e in elements[1:]] == [long, "Khác"]
    assert elements[1]["default_action"] == {"type": "oa.query.hide", "payload": "#p:1"}


def test_a_long_question_keeps_its_buttons(pictured: FakeZalo) -> None:
    long = Button("Đăng ký khai sinh kết hợp đăng ký nhận cha, mẹ, con", "p:1")
    send(Outgoing("x" * 101, (long, Button("Khác", "none"))))
    assert "buttons" in payload(pictured.messages(LAN)[0])


@pytest.mark.parametrize("length", [80, 900])
def test_a_telephone_is_asked_for_with_zalo_s_form(pictured: FakeZalo, length: int) -> None:
    share = Button("Chia sẻ số điện thoại", contact=True)
    send(Outgoing("Vì sao. " * (length // 8), (share, Button("Thôi", "menu"))))
    *before, form = pictured.messages(LAN)
    assert payload(form)["template_type"] == "request_user_info"
    assert len(before) == (1 if length > 500 else 0)


def test_without_a_picture_a_telephone_is_typed(lan: FakeZalo) -> None:
    send(Outgoing("Xin cho biết số điện thoại.", (Button("Chia sẻ", contact=True),)))
    (message,) = lan.messages(LAN)
    assert "attachment" not in message


def test_twenty_thousand_characters_arrive_whole(lan: FakeZalo) -> None:
    text = "Ông/bà mang theo căn cước và giấy chứng sinh. " * 435
    lan.happen("world", quota=100)
    bubbles = fit(Outgoing(text.strip(), (Button("Lệ phí", "a:fees"),)), ZaloOA.limits)
    for bubble in bubbles:
        send(bubble)
    assert " ".join(lan.texts(LAN)) == text.strip()
    assert len(text) > 20_000
    assert "attachment" in lan.messages(LAN)[-1]


def test_emoji_count_twice_and_still_fit(lan: FakeZalo) -> None:
    for bubble in fit(Outgoing("😀 " * 1500), ZaloOA.limits):
        send(bubble)
    assert "".join(lan.texts(LAN)).count("😀") == 1500


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (-32, {"retry_after": 30.0, "permanent": False}),
        (-201, {"permanent": True, "unreachable": False}),
        (-210, {"permanent": True}), (-233, {"permanent": True}),
        (-204, {"permanent": False}), (-209, {"permanent": False}), (-224, {"permanent": False}),
        (-211, {"retry_after": 1800.0}), (-218, {"retry_after": 1800.0}),
        (-213, {"unreachable": True}), (-217, {"unreachable": True}),
        (-222, {"unreachable": True}), (-227, {"unreachable": True}), (-244, {"unreachable": True}),
        (-230, {"permanent": True, "unreachable": False}), (-232, {"permanent": True}),
        (-305, {"permanent": True}), (-311, {"permanent": True}),
        (-320, {"permanent": True}), (-321, {"permanent": True}),
        (-9999, {"permanent": False, "retry_after": 0}),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)  # fmt: skip
def test_refusals_are_judged(lan: FakeZalo, code: int, expected: dict[str, Any]) -> None:
    lan.happen("fault", kind="code", code=code)
    judged = refused(Outgoing("xin chào"))
    assert {name: getattr(judged, name) for name in expected} == expected
    assert not lan.messages(LAN)


@pytest.mark.parametrize(
    ("fault", "unknown", "arrived"),
    [
        ("500", False, 0), ("502", False, 0), ("429", False, 0), ("drop_before", True, 0),
        ("drop_after", True, 1),
    ],
)  # fmt: skip
def test_broken_calls_are_judged(lan: FakeZalo, fault: str, unknown: bool, arrived: int) -> None:
    lan.happen("fault", kind=fault)
    judged = refused(Outgoing("xin chào"))
    assert (judged.permanent, judged.unknown) == (False, unknown)
    assert len(lan.messages(LAN)) == arrived


def test_a_server_that_is_away_was_not_sent_to(
    lan: FakeZalo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZALO_OA_API_BASE", "http://127.0.0.1:9")
    settings.cache_clear()
    judged = refused(Outgoing("xin chào"))
    assert (judged.permanent, judged.unknown) == (False, False)


def test_an_echo_settles_a_send_whose_answer_was_lost(lan: FakeZalo) -> None:
    lan.happen("fault", kind="drop_after")
    assert refused(Outgoing("Đã có kết quả")).unknown
    (echo,) = [e.body for e in lan.world.pending if e.body["event_name"] == "oa_send_text"]

    async def never(*_: Any) -> bool:
        raise AssertionError("nobody in OA Manager wrote this")

    assert with_channel(lambda channel: channel.take(echo, never)) == "echo"
    assert send(Outgoing("Đã có kết quả")) == echo["message"]["msg_id"]
    assert lan.texts(LAN) == ["Đã có kết quả"]
    send(Outgoing("Đã có kết quả"))  # said again on purpose
    assert len(lan.texts(LAN)) == 2


def test_a_refused_message_waits_for_no_echo(lan: FakeZalo) -> None:
    lan.happen("fault", kind="code", code=-201)
    refused(Outgoing("Chào"))
    with db.transaction() as session:
        judged = sent.judge(session, LAN, "e", "Chào", now=real_clock.now())
    assert judged is sent.Echo.THEIRS


def test_nobody_logged_in_is_no_fault_of_the_chat(zalo: FakeZalo) -> None:
    judged = refused(Outgoing("xin chào"))
    assert (judged.permanent, judged.unreachable, judged.unknown) == (False, False, False)


# Windows and quota


def test_zalo_s_quota_is_shown_to_officers(lan: FakeZalo) -> None:
    send(Outgoing("một"))
    with db.transaction() as session:
        windows.touch(session, LAN, at=real_clock.now())
    with db.reading() as session:
        assert "còn 7/8 tin" in ZaloOA().window(session, LAN)


def test_after_two_days_it_costs_and_after_seven_it_is_closed(lan: FakeZalo) -> None:
    lan.happen("age", user=LAN, hours=49)
    assert isinstance(refused(Outgoing("x")), WindowClosed)  # -321: no money
    lan.happen("world", balance=1000)
    send(Outgoing("x"))
    lan.happen("age", user=LAN, hours=24 * 7 + 1)
    assert isinstance(refused(Outgoing("y")), WindowClosed)


def test_who_left_or_never_came_is_unreachable(lan: FakeZalo) -> None:
    assert refused(Outgoing("x"), to="nobody").unreachable
    lan.happen("unfollow", user=LAN)
    assert refused(Outgoing("x")).unreachable


# ZBS


def push(address: str = "0901234567", kind: str = "dossier_status", tail: str = "0001") -> None:
    async def run() -> None:
        await CONTACTS["zalo_zbs"].send(address, kind, {"tail": tail})

    asyncio.run(run())


def test_a_push_goes_as_the_template_that_zalo_approved(lan: FakeZalo) -> None:
    assert zbs.is_on()
    push()
    (message,) = lan.state()["zbs"]
    assert message["phone"] == "84901234567"
    assert message["template_id"] == "7895"
    assert message["template_data"] == {"ma_ho_so": "0001"}
    assert message["tracking_id"].startswith("motcua-")
    push("uid:lan")
    assert lan.state()["zbs"][1]["user_id"] == "lan"


def test_its_keys_and_mode_can_be_set(lan: FakeZalo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZALO_ZBS_KEYS", "camel")
    monkeypatch.setenv("ZALO_ZBS_MODE", "development")
    settings.cache_clear()
    with pytest.raises(jobs.GiveUp):  # this fake knows the other spelling only
        push()
    assert not lan.state()["zbs"]


@pytest.mark.parametrize("kind", ["dossier_opened", "no_such_kind"])
def test_a_kind_without_a_template_goes_another_way(lan: FakeZalo, kind: str) -> None:
    with pytest.raises(jobs.GiveUp):
        push(kind=kind)


def test_at_night_it_waits_for_the_morning(lan: FakeZalo, clock: Clock) -> None:
    clock.set(2026, 1, 5, 23)
    with db.transaction() as session:  # the log-in is of today, the clock is not
        session.query(ZaloToken).update({"expires_at": real_clock.now().replace(year=2027)})
    lan.happen("world", night=True)
    with pytest.raises(jobs.Later) as later:
        push()
    assert later.value.seconds == 7 * 3600 + 5 * 60


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (-108, jobs.GiveUp), (-118, jobs.GiveUp), (-139, jobs.GiveUp), (-1124, jobs.GiveUp),
        (-131, jobs.GiveUp), (-115, jobs.Later), (-144, jobs.Later), (-32, jobs.Later),
        (-999, SendError),
    ],
)  # fmt: skip
def test_its_refusals_are_judged(lan: FakeZalo, code: int, verdict: type[Exception]) -> None:
    lan.happen("fault", kind="code", where="template", code=code)
    with pytest.raises(verdict):
        push()


def test_a_receipt_keeps_a_push_from_being_paid_twice(lan: FakeZalo) -> None:
    lan.happen("fault", kind="drop_after", where="template")
    with pytest.raises(jobs.Unknown):
        push()
    (receipt,) = [
        e.body for e in lan.world.pending if e.body["event_name"] == "user_received_message"
    ]

    async def never(*_: Any) -> bool:
        raise AssertionError("a receipt is no message")

    assert with_channel(lambda channel: channel.take(receipt, never)) == "ignored"
    push()
    assert len(lan.state()["zbs"]) == 1


def test_outside_the_window_the_news_of_a_dossier_goes_by_template(
    lan: FakeZalo, work: Callable[[], int], clock: Clock
) -> None:
    """From the dossier to the telephone: refused as a plain message, taken as a template."""
    clock.now = datetime.now(real_clock.VIETNAM).replace(hour=10)
    with db.transaction() as session:
        session.query(ZaloToken).update({"expires_at": clock.now + timedelta(days=1)})
        person = Person("lan", (ChatRef("zalo_oa", LAN), ChatRef("zalo_zbs", "0901234567")))
        data = {"tail": "0001"}
        told = notifications.tell(
            session, [person], "dossier_status", data=data, event="e:1", now=real_clock.now()
        )
    assert told == 1
    lan.happen("age", user=LAN, hours=24 * 7 + 1)
    for _ in range(3):
        work()
    assert [message["phone"] for message in lan.state()["zbs"]] == ["84901234567"]
    assert not lan.messages(LAN)
