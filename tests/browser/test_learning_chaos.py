"""A few runs of `python -m tests.chaos_quiz`; docs/learning.txt has a long one."""

from playwright.sync_api import Browser

from tests.browser.learning import make_school
from tests.chaos_quiz import chaos


def test_no_acknowledged_answer_is_lost_and_none_stands_twice(
    chromium: Browser, site: str, database
) -> None:
    make_school()
    outcome = chaos(chromium, site, 3, seed=7)
    assert outcome.runs == 3
    assert outcome.claims
    assert not outcome.wrong, str(outcome)
