"""The pace of a channel: one for all processes, with room for replies before pushes."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from backend import clock as now_is
from backend import db, jobs, paces
from backend.jobs import Job, Lane, Status
from backend.paces import Rate, Wish

FLOW = "t"


@pytest.fixture(autouse=True)
def _rates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paces, "RATES", {FLOW: Rate(per_second=10, burst=2), "free": Rate()})


def wish(job: int, chat: str = "", *, is_reply: bool = True) -> Wish:
    return Wish(job, FLOW, chat or str(job), is_reply)


def waits(session, *wishes: Wish) -> list[float]:
    got = paces.admit(session, wishes, now_is.now())
    return [got[one.job].total_seconds() for one in wishes]


def enqueue(session, number: int, lane: Lane, flow: str = FLOW, chat: str = "") -> int:
    job = jobs.enqueue(
        session, "t.x", key=f"{lane.name}:{flow}:{chat or number}", dedupe=f"{lane}{flow}{number}",
        lane=lane, flow=flow,
    )  # fmt: skip
    assert job is not None
    return job


def claim(session, **options) -> list[jobs.Claimed]:
    return jobs.claim(session, "me", limit=50, **options)


def test_a_chat_gets_a_burst_and_then_one_a_second(session, clock):
    assert waits(session, wish(1, "a"), wish(2, "a"), wish(3, "a"))[2] == pytest.approx(1)
    clock.move(seconds=1)
    assert waits(session, wish(4, "a")) == [0]


def test_replies_run_ahead_of_the_pace_by_a_burst_and_pushes_do_not(session, clock):
    assert waits(session, *(wish(n, is_reply=False) for n in range(3))) == [0, 0.1, 0.2]
    clock.move(seconds=1)
    assert waits(session, *(wish(10 + n) for n in range(5))) == pytest.approx([0, 0, 0, 0.1, 0.2])


def test_what_one_process_sends_another_waits_for(database, clock):
    with db.transaction() as session:
        waits(session, *(wish(n, is_reply=False) for n in range(3)))
    with db.transaction() as session:
        assert waits(session, wish(9, is_reply=False)) == pytest.approx([0.3])


def test_pushes_are_claimed_only_as_fast_as_they_may_go(session, clock):
    for number in range(20):
        enqueue(session, number, Lane.PUSH)
    # a quarter of a second ahead, at ten a second
    assert [item.wait for item in claim(session)] == pytest.approx([0, 0.1, 0.2])
    assert claim(session) == []
    assert not jobs.is_anything_due(session)
    clock.move(seconds=1)
    assert len(claim(session)) == 3


def test_a_reply_goes_though_pushes_have_used_up_the_pace(session, clock):
    for number in range(20):
        enqueue(session, number, Lane.PUSH)
    claim(session)
    reply = enqueue(session, 99, Lane.REPLY)
    (item,) = claim(session)
    assert item.id == reply
    assert item.wait == pytest.approx(0.1)


def test_a_flow_that_must_wait_holds_up_no_other(session, clock):
    for number in range(20):
        enqueue(session, number, Lane.PUSH)
    claim(session)
    other = enqueue(session, 1, Lane.PUSH, flow="free")
    assert [item.id for item in claim(session)] == [other]


def test_a_chat_that_must_wait_comes_back_by_itself(session, clock):
    ids = [enqueue(session, n, Lane.REPLY, chat="a") for n in range(3)]
    for job in ids[:2]:
        (item,) = claim(session)
        assert item.id == job
        jobs.finish(session, item, "me")
    assert claim(session) == []
    assert session.get_one(Job, ids[2]).run_at == clock.now + timedelta(seconds=1)
    clock.move(seconds=1)
    assert [item.id for item in claim(session)] == [ids[2]]


def test_being_told_to_wait_holds_that_chat_only(session, clock):
    until = clock.now + timedelta(seconds=30)
    paces.hold(session, FLOW, "a", until, now=now_is.now())
    assert waits(session, wish(1, "a"), wish(2, "b")) == [30, 0]


def test_when_a_second_chat_is_told_so_the_whole_flow_waits(session, clock):
    until = clock.now + timedelta(seconds=30)
    for chat in ("a", "b"):
        paces.hold(session, FLOW, chat, until, now=now_is.now())
    enqueue(session, 1, Lane.REPLY, chat="c")
    assert claim(session) == []
    clock.move(seconds=31)
    assert len(claim(session)) == 1


def test_when_the_channel_says_the_whole_flow_it_is_the_whole_flow(session, clock):
    paces.hold(session, FLOW, "", clock.now + timedelta(seconds=30), now=now_is.now())
    enqueue(session, 1, Lane.REPLY)
    assert claim(session) == []


def test_clocks_that_hold_up_nobody_are_forgotten(session, clock):
    waits(session, wish(1, "a"))
    paces.hold(session, FLOW, "b", clock.now + timedelta(hours=1), now=now_is.now())
    clock.move(minutes=2)
    paces.forget(session, now=now_is.now())
    names = session.scalars(text("SELECT name FROM paces")).all()
    assert names == ["t:b"]


def test_pushes_have_slots_of_their_own(session, clock):
    pushes = [enqueue(session, n, Lane.PUSH, flow="free") for n in range(5)]
    replies = [enqueue(session, n, Lane.REPLY, flow="free") for n in range(5)]
    claimed = jobs.claim(session, "me", limit=2, pushes=3)
    assert [item.id for item in claimed] == replies[:2] + pushes[:3]


def test_what_is_replaced_is_dropped_unless_it_is_on_its_way(session, clock):
    waiting, going = (enqueue(session, n, Lane.PUSH, flow="free") for n in range(2))
    session.get_one(Job, going).status = Status.SENDING
    session.flush()
    assert jobs.drop(session, [waiting, going], "superseded") == 1
    assert session.get_one(Job, waiting).status == Status.DROPPED


def test_a_claim_looks_at_no_row_that_must_wait(session, clock, database_kind):
    """The plan: every branch searches the partial index, none reads the table through."""
    if database_kind != "sqlite":
        pytest.skip("the words of this plan are SQLite's")
    statement = jobs.claims._statement((Lane.REPLY, Lane.PUSH), ("", FLOW), lock=True)
    state = statement.compile(session.get_bind()).construct_expanded_state(
        {**dict.fromkeys(statement.compile().params, 1), "held": [0]}
    )
    given = {**state.parameters, "now": "2026-01-01"}
    raw = session.connection().connection.driver_connection
    plan = raw.execute(
        f"EXPLAIN QUERY PLAN {state.statement}", [given[name] for name in state.positiontup or ()]
    )
    steps = [row[3] for row in plan if " jobs" in row[3] or "older" in row[3]]
    assert steps
    assert all(step.startswith("SEARCH") for step in steps), steps


@pytest.fixture
def database_kind(session) -> str:
    return str(session.get_bind().dialect.name)
