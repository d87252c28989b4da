"""Questions that are alike stand together, the same way every time, and quickly."""

import random
import time

import pytest

from nlu import dataset, likeness

DEATHS = ["làm giấy chứng tử ở đâu", "lam giay chung tu", "xin giấy chứng tử", "giấy chứng tử"]
TRAINS = ["mua vé tàu tết ở đâu", "vé tàu tết", "ve tau tet con khong"]


def test_the_like_stand_together() -> None:
    questions = [DEATHS[0], TRAINS[0], DEATHS[1], "wifi công cộng", *DEATHS[2:], *TRAINS[1:]]
    found = likeness.groups(questions)
    named = [{questions[i] for i in group.members} for group in found]
    assert named == [set(DEATHS), set(TRAINS), {"wifi công cộng"}]


def test_the_order_does_not_matter() -> None:
    questions = [e.text for e in dataset.development().examples]
    mixed = random.Random(1).sample(questions, len(questions))
    first, second = (
        {frozenset(asked[i] for i in group.members) for group in likeness.groups(asked)}
        for asked in (questions, mixed)
    )
    assert first == second


def test_every_question_is_in_one_group_and_the_commonest_leads() -> None:
    questions = [*DEATHS, *TRAINS, TRAINS[1], TRAINS[1], "", "???", "👍"]
    found = likeness.groups(questions)
    assert sorted(i for group in found for i in group.members) == list(range(len(questions)))
    trains = next(group for group in found if questions[group.leader] in TRAINS)
    assert questions[trains.leader] == TRAINS[1]


def test_nothing_asked_gives_no_groups() -> None:
    assert likeness.groups([]) == []


@pytest.mark.slow
def test_five_thousand_questions_take_seconds() -> None:
    known = [example.text for example in dataset.training().examples]
    questions = [f"{known[n % len(known)]} {'ạ' if n < 4000 else 'nhé'}" for n in range(5000)]
    started = time.process_time()
    assert len(likeness.groups(questions)) > 100
    assert time.process_time() - started < 20
