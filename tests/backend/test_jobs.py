"""The durable queue: once, in order, taken over, given up, never lost."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from backend import db, jobs, worker
from backend.errors import Unavailable
from backend.jobs import Claimed, Job, Lane, Resend, Status

RAN: list[str] = []


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Handlers of this test only."""
    before = dict(jobs.HANDLERS)
    RAN.clear()

    @jobs.job("t.note", max_attempts=2)
    def note(session, *, text: str) -> None:
        RAN.append(text)
        if text == "broken":
            raise ValueError("broken")

    @jobs.send("t.push", resend=Resend.ONCE)
    async def push(claimed: Claimed) -> None:
        RAN.append(claimed.payload["text"])

    @jobs.send("t.code", resend=Resend.NEVER)
    async def code(claimed: Claimed) -> None:
        raise jobs.Unknown("dropped")

    yield
    jobs.HANDLERS.clear()
    jobs.HANDLERS.update(before)


def enqueue(name: str = "t.note", text: str = "a", **options) -> int | None:
    with db.transaction() as session:
        return jobs.enqueue(session, name, text=text, **options)


def claim(limit: int = 10, by: str = "me") -> list[Claimed]:
    with db.transaction() as session:
        return jobs.claim(session, by, limit=limit)


def status(job_id: int | None) -> str:
    with db.reading() as session:
        job = session.get(Job, job_id)
        assert job is not None
        return job.status


async def drain(rounds: int = 200) -> None:
    """Run what is due with a real runner, then stop it."""
    runner = worker.Runner(polls=True)
    task = asyncio.create_task(runner.run())
    for _ in range(rounds * 10):
        await asyncio.sleep(0.02)
        with db.reading() as session:
            if not jobs.is_anything_due(session) and not runner.is_busy:
                break
    runner.stop()
    await task


def test_work_that_was_rolled_back_was_never_there(database) -> None:
    def break_after_enqueueing() -> None:
        with db.transaction() as session:
            jobs.enqueue(session, "t.note", text="a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_after_enqueueing()
    assert claim() == []


def test_the_same_work_is_stored_once(database) -> None:
    assert enqueue(dedupe="x:1") is not None
    assert enqueue(dedupe="x:1") is None
    assert len(claim()) == 1


def test_one_chat_is_answered_in_order_and_chats_do_not_wait_for_each_other(database) -> None:
    late = enqueue(key="chat", position=2, text="second")
    early = enqueue(key="chat", position=1, text="first")
    other = enqueue(key="other", text="other")
    claimed = claim()
    assert {c.id for c in claimed} == {early, other}
    with db.transaction() as session:
        assert jobs.finish(session, next(c for c in claimed if c.id == early), "me")
    assert [c.id for c in claim()] == [late]


def test_replies_go_before_pushes_and_pushes_before_broadcasts(database) -> None:
    last = enqueue(lane=Lane.BROADCAST)
    second = enqueue(lane=Lane.PUSH)
    first = enqueue(lane=Lane.REPLY)
    assert [c.id for c in claim()] == [first, second, last]


def test_a_row_whose_process_died_is_taken_over_when_its_lease_ends(database, clock) -> None:
    job = enqueue()
    assert [c.id for c in claim(by="dead")] == [job]
    assert claim(by="living") == []
    clock.move(seconds=jobs.LEASE.total_seconds() + 1)
    taken = claim(by="living")
    assert [c.id for c in taken] == [job]
    with db.transaction() as session:
        assert not jobs.finish(session, taken[0], "dead"), "the dead one comes back too late"
        assert jobs.finish(session, taken[0], "living")


def test_a_push_that_may_have_arrived_is_sent_once_more_and_a_code_never(database, clock) -> None:
    push, code = enqueue("t.push"), enqueue("t.code")
    claim(by="dead")
    clock.move(minutes=1)
    assert [(c.id, c.may_repeat) for c in claim(by="second")] == [(push, True)]
    assert status(code) == Status.UNKNOWN
    clock.move(minutes=1)
    assert claim(by="third") == []
    assert status(push) == Status.UNKNOWN


def test_what_is_too_old_to_matter_is_not_sent(database, clock) -> None:
    job = enqueue("t.push", expires_at=clock.now + timedelta(minutes=5))
    clock.move(minutes=6)
    assert claim() == []
    assert status(job) == Status.DROPPED


def test_failures_back_off_then_stay_for_people_to_see_and_revive(database, clock) -> None:
    job = enqueue(text="broken")
    for _ in range(2):
        asyncio.run(drain())
        clock.move(hours=2)
    assert RAN == ["broken", "broken"]
    with db.reading() as session:
        row = session.get_one(Job, job)
        assert (row.status, "broken" in (row.last_error or "")) == (Status.DEAD, True)
    with db.transaction() as session:
        assert jobs.revive(session, job or 0)
    assert [c.id for c in claim()] == [job]


def test_later_waits_without_counting_as_a_failure(database, clock) -> None:
    enqueue()
    (item,) = claim()
    with db.transaction() as session:
        assert not jobs.retry(session, item, "me", jobs.Later(30))
    assert claim() == []
    clock.move(seconds=31)
    (again,) = claim()
    assert again.attempts == 1


def test_a_runner_does_the_work_and_its_done_mark_together(database) -> None:
    job = enqueue(text="hello")
    asyncio.run(drain())
    assert RAN == ["hello"]
    assert status(job) == Status.DONE


def test_a_lost_lease_undoes_the_work(database, clock) -> None:
    enqueue()
    (item,) = claim(by="slow")
    clock.move(minutes=1)
    claim(by="other")
    with pytest.raises(worker.LeaseLost):
        worker.run_job(jobs.HANDLERS["t.note"], item, "slow")


def test_a_process_whose_heart_beats_late_takes_nothing_over_from_itself(database, clock) -> None:
    job = enqueue("t.push")
    claim(by="late")
    clock.move(minutes=1)
    with db.transaction() as session:
        assert not jobs.is_anything_due(session, held=[job or 0])
        assert jobs.claim(session, "late", limit=10, held=[job or 0]) == []
    assert [c.id for c in claim(by="other")] == [job]


def test_a_heartbeat_keeps_only_what_is_in_hand(database, clock) -> None:
    kept, left = enqueue("t.push"), enqueue("t.push")
    claim(by="me")
    clock.move(seconds=10)
    with db.transaction() as session:
        jobs.extend(session, "me", [kept or 0])
    clock.move(seconds=10)
    assert [c.id for c in claim(by="other")] == [left]


@pytest.mark.parametrize(
    "away", [Unavailable("busy", "busy"), TimeoutError()], ids=["away", "slow"]
)
def test_what_was_sent_while_the_database_was_away_is_noted_not_sent_again(
    database, monkeypatch, away: Exception
) -> None:
    job, tries, write = enqueue("t.push"), iter(range(100)), db.write

    def flaky(work):
        if next(tries) < 4:
            raise away
        return write(work)

    monkeypatch.setattr(db, "write", flaky)
    monkeypatch.setattr(worker, "AGAIN_SECONDS", 0.01)

    async def run_until_noted() -> None:
        runner = worker.Runner(polls=True)
        task = asyncio.create_task(runner.run())
        for _ in range(1000):
            await asyncio.sleep(0.02)
            if status(job) == Status.DONE:
                break
        runner.stop()
        await task

    asyncio.run(run_until_noted())
    assert RAN == ["a"]
    assert status(job) == Status.DONE


def test_what_was_noted_after_all_is_not_put_back(database) -> None:
    """The caller stopped waiting for its write, and then it was written."""
    job = enqueue("t.push")
    (item,) = claim()
    with db.transaction() as session:
        assert jobs.finish(session, item, "me")
        assert not jobs.retry(session, item, "me", TimeoutError())
    assert status(job) == Status.DONE


def test_an_unknown_name_is_kept_not_lost(database) -> None:
    job = enqueue("t.nobody_knows")
    asyncio.run(drain())
    assert status(job) == Status.DEAD


def test_the_clockwork_makes_one_row_a_slot_however_many_workers(database, clock) -> None:
    for _ in range(3):
        worker.Runner(polls=True, periodic={"t.note": timedelta(hours=1)}).schedule()
    with db.reading() as session:
        assert jobs.counts(session) == {"ready": 1}


def test_payloads_survive_as_they_were(database) -> None:
    enqueue(text="Ông Nguyễn “Văn” A\n✓")
    (item,) = claim()
    assert item.payload == {"text": "Ông Nguyễn “Văn” A\n✓"}
    assert json.dumps(item.payload)
