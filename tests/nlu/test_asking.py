"""When to ask back is learned from what each mistake costs, and judged on what was left out."""

import numpy as np
import pytest

from nlu.search import asking
from nlu.search.asking import Seen
from nlu.search.decide import FEATURES

VAGUE, NOISE = FEATURES.index("length"), FEATURES.index("kin")


def seen(number: int, *, vague: float, ask: bool, right: bool = True) -> Seen:
    """A question whose first sign tells whether to ask; another one is mere noise."""
    signs = np.zeros(len(FEATURES))
    signs[VAGUE] = vague
    signs[NOISE] = np.random.RandomState(number).normal()
    return Seen(tuple(signs), ask, right, share=1.0, fold=number % 5, labelled=True)


@pytest.fixture
def questions() -> list[Seen]:
    """Vague ones are to be asked back; one in ten is not what it looks like."""
    return [seen(n, vague=float(n % 2), ask=(n % 2 == 1) != (n % 10 == 0)) for n in range(200)]


def test_the_sign_that_tells_is_found_and_noise_counts_little(questions: list[Seen]) -> None:
    learned = asking.learn(questions)
    assert learned.slopes[VAGUE] > 10 * abs(learned.slopes[NOISE])
    assert learned.slopes[VAGUE] + learned.constant > 0 > learned.constant


def test_questions_left_out_are_judged_without_having_been_seen(questions: list[Seen]) -> None:
    other = [q if q.fold else Seen(q.signs, not q.ask, True, 1.0, 0, True) for q in questions]
    first = [i for i, q in enumerate(questions) if q.fold == 0]
    before, after = asking.crossed(questions, 10.0), asking.crossed(other, 10.0)
    assert np.allclose(before[first], after[first])
    assert not np.allclose(before, after)


def test_a_wrong_answer_weighs_more_than_a_needless_question() -> None:
    beside = seen(1, vague=0, ask=True, right=False)
    needless = seen(2, vague=0, ask=False)
    assert beside.cost > needless.cost > seen(3, vague=0, ask=False, right=False).cost


def test_the_report_counts_labelled_questions_only() -> None:
    asked, missed = seen(1, vague=1, ask=True), seen(2, vague=0, ask=True)
    wrong, good = seen(3, vague=0, ask=False, right=False), seen(4, vague=0, ask=False)
    name = Seen(good.signs, ask=False, right=False, share=1.0, fold=0, labelled=False)
    line = asking.report([asked, missed, wrong, good, name], np.array([1.0, -1, -1, -1, 1]))
    assert line == (
        "4 questions: R@1 0.500, clarify F1 0.667, needlessly asked 0.000, confidently wrong 0.250"
    )
