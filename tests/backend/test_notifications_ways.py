"""One event, one message, one person: by day, the newest only, by the first way that works."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock as now_is
from backend import jobs
from backend.clock import VIETNAM
from backend.config import settings
from backend.jobs import Job, Status
from backend.notifications import chats, contacts, figures, mail, quiet
from backend.notifications import service as notifications
from backend.notifications.chats import ChatRef, Person
from backend.notifications.contacts import Contact
from backend.notifications.models import Attempt, DeliveryDay, Notification
from bot.delivery import upkeep
from bot.models import Conversation
from tests.fakes.smtp import SmtpCatcher

WEB, TELEGRAM, EMAIL = ChatRef("web", "w"), ChatRef("telegram", "7"), ChatRef("email", "a@b.vn")
LAN = Person("owner:1", (WEB, TELEGRAM, EMAIL))


def tell(session, person=LAN, event="e:1", kind="dossier_status", **more):
    return notifications.tell(
        session, [person], kind, data={"tail": "0001", "channel": "web"}, event=event,
        now=now_is.now(), **more,
    )  # fmt: skip


def tried(session) -> list[Attempt]:
    return list(session.scalars(select(Attempt).order_by(Attempt.id)))


def fail(session, attempt: Attempt, status: Status = Status.DEAD) -> ChatRef | None:
    return notifications.ended(session, attempt.id, status, "why", now=now_is.now())


def talked(session, chat: ChatRef, at: datetime) -> None:
    session.add(Conversation(channel=chat.channel, chat=chat.chat, started_at=at, last_at=at))
    session.flush()


def test_one_event_is_one_message_however_many_chats(session, clock):
    assert tell(session) == 1
    assert tell(session) == 0
    (attempt,) = tried(session)
    assert attempt.channel == "web"


def test_where_they_spoke_last_comes_first(session, clock):
    talked(session, WEB, now_is.now() - timedelta(days=2))
    talked(session, TELEGRAM, now_is.now())
    tell(session)
    assert tried(session)[0].channel == "telegram"


def test_what_fails_goes_on_to_the_next_way_and_ends_with_the_last(session, clock, monkeypatch):
    monkeypatch.setitem(contacts.CONTACTS, "email", Contact(lambda: True, mail.send_push))
    tell(session)
    assert fail(session, tried(session)[0]) == TELEGRAM
    assert fail(session, tried(session)[1]) == EMAIL
    assert fail(session, tried(session)[2]) is None
    assert [a.outcome for a in tried(session)] == ["dead"] * 3
    row = session.scalars(select(Notification)).one()
    assert (row.channel, row.chat, row.ways) == ("email", "", "[]")  # no address is kept
    assert "a@b.vn" not in (session.get_one(Job, tried(session)[2].job_id).key or "")


def test_without_a_mail_server_nobody_is_sent_a_letter(session, clock):
    assert not mail.is_on()
    tell(session, Person("owner:2", (EMAIL,)))
    assert tried(session) == []


@pytest.mark.parametrize("status", [Status.DONE, Status.UNKNOWN, Status.DROPPED])
def test_what_may_have_arrived_takes_no_second_way(session, clock, status):
    tell(session)
    assert fail(session, tried(session)[0], status) is None
    assert session.scalars(select(Notification)).one().ways == "[]"


def test_a_closed_chat_is_passed_over(session, clock):
    chats.unreachable(session, WEB, now=now_is.now())
    tell(session)
    assert tried(session)[0].channel == "telegram"


def test_the_newest_takes_the_place_of_what_has_not_gone(session, clock):
    tell(session, topic="dossier:1")
    tell(session, event="e:2", topic="dossier:1")
    tell(session, event="e:3", topic="dossier:2")
    assert [a.outcome for a in tried(session)] == ["dropped", "queued", "queued"]
    assert tried(session)[0].why == notifications.REPLACED


def test_what_is_on_its_way_is_not_called_back(session, clock):
    tell(session, topic="dossier:1")
    session.get_one(Job, tried(session)[0].job_id).status = Status.SENDING
    session.flush()
    tell(session, event="e:2", topic="dossier:1")
    assert [a.outcome for a in tried(session)] == ["queued", "queued"]


@pytest.mark.parametrize(
    ("hour", "minute", "goes"),
    [(5, 59, "05 06:00"), (6, 0, None), (21, 59, None), (22, 0, "06 06:00"), (0, 0, "05 06:00")],
)
def test_the_night_is_from_ten_to_six(hour, minute, goes):
    now = datetime(2026, 1, 5, hour, minute, tzinfo=VIETNAM)
    morning = quiet.until(now)
    assert (f"{morning:%d %H:%M}" if morning else None) == goes


def test_what_can_wait_waits_until_morning_and_what_is_urgent_does_not(session, clock):
    clock.set(2026, 1, 5, 23)
    tell(session)
    tell(session, event="e:2", kind="dossier_opened")
    waits, goes = (session.get_one(Job, a.job_id).run_at for a in tried(session))
    assert waits == datetime(2026, 1, 6, 6, tzinfo=VIETNAM)
    assert goes == now_is.now()


def test_a_letter_goes_out_with_the_words_and_without_a_link(monkeypatch):
    import asyncio

    with SmtpCatcher(refuse={"nobody@b.vn": 550, "full@b.vn": 452}) as smtp:
        fixed = settings().model_copy(
            update={"smtp_url": f"smtp://127.0.0.1:{smtp.port}", "mail_from": "motcua@camau.vn"}
        )
        monkeypatch.setattr(mail, "settings", lambda: fixed)
        asyncio.run(mail.send_push("lan@b.vn", "dossier_status", {"tail": "0001"}))
        (letter,) = smtp.letters
        assert letter["Subject"] == "Hồ sơ đuôi …0001 có cập nhật"
        assert "http" not in letter.get_content()
        for address, error in (
            ("nobody@b.vn", jobs.GiveUp), ("not an address", jobs.GiveUp),
            ("full@b.vn", ConnectionError),
        ):  # fmt: skip
            with pytest.raises(error):
                asyncio.run(mail.send_push(address, "dossier_status", {"tail": "0001"}))
        smtp.hang_up_after_data = True
        with pytest.raises(jobs.Unknown):
            asyncio.run(mail.send_push("lan@b.vn", "dossier_status", {"tail": "0001"}))


def test_figures_outlive_the_rows(session, clock):
    tell(session)
    row = session.get_one(Job, tried(session)[0].job_id)
    row.flow, row.status, row.done_at = "web", Status.DONE, now_is.now()
    session.flush()
    since = now_is.now() - timedelta(days=1)
    (before,) = figures.figures(session, since)
    assert (before.channel, before.name, before.sent, before.share) == ("web", "push", 1, 1.0)
    clock.move(days=8)
    upkeep.forget(session)
    assert session.get(Job, row.id) is None
    assert figures.figures(session, since) == [before]
    assert session.scalars(select(DeliveryDay)).one().number == 1
