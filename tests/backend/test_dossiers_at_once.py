"""Many at once: what may happen three times, once, or in any order does so under load as well."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from backend import clock as now_is
from backend import db
from backend.dossiers import challenges, proofs, sync
from backend.dossiers.models import Dossier, DossierChat, DossierEvent, LookupChallenge
from backend.notifications.chats import ChatRef
from tests.cast import CODE, LAN, make_dossier, receipt_of

AT_ONCE = 8


@pytest.fixture
def receipt(database, clock) -> str:
    with db.transaction() as session:
        return receipt_of(make_dossier(session))


def all_together(work: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, range(AT_ONCE)))


def test_a_receipt_opens_three_chats_however_many_come(receipt):
    def open_it(number: int) -> bool:
        chat = ChatRef("telegram", str(number))
        with db.transaction() as session:
            return proofs.open_by_token(session, receipt, chat, now=now_is.now()) is not None

    assert sum(all_together(open_it)) == proofs.CHATS_PER_RECEIPT
    with db.reading() as session:
        assert session.scalar(select(func.count(DossierChat.id))) == proofs.CHATS_PER_RECEIPT


def test_a_code_opens_once_however_often_it_is_sent(receipt):
    with db.transaction() as session:
        asked = challenges.ask(session, CODE, LAN.chat, address="a", now=now_is.now())
        code = challenges.one_time_code(session.scalars(select(LookupChallenge)).one().salt)

    def answer(_: int) -> bool:
        with db.transaction() as session:
            opened = challenges.answer(session, asked.token, code, LAN.chat, now=now_is.now())
            return opened is not None

    assert sum(all_together(answer)) == 1


def test_two_systems_that_send_the_same_are_one(database, clock):
    items = [
        {"MaHoSo": f"H12-260105-{number:04d}", "TrangThaiHoSo": 2, "NgayTiepNhan": "20260105080000"}
        for number in range(40)
    ]

    def send(number: int) -> Counter[str]:
        mixed = items[number:] + items[:number]
        with db.transaction() as session:
            results = sync.apply(session, "DongBoHoSoMC", mixed, now=now_is.now())
        return Counter(result.result for result in results)

    counted: Counter[str] = sum(all_together(send), Counter())
    assert counted == {"applied": 40, "repeated": 40 * (AT_ONCE - 1)}
    with db.reading() as session:
        assert session.scalar(select(func.count(Dossier.id))) == 40
        assert session.scalar(select(func.count(DossierEvent.id))) == 40
