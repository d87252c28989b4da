"""The journeys of `python -m tests.lms_walk`: a learner's, a trainer's, a head's."""

import random
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import walks
from tests.browser.learning import make_school


@pytest.fixture(autouse=True)
def school(database) -> None:
    make_school()
    walks.make_staff()


def test_from_log_in_to_a_certificate_that_others_can_check(chromium: Browser, site: str) -> None:
    walk = walks.learner(chromium, site, dice=random.Random(1))
    assert walk.notes


def test_from_a_word_file_to_a_published_quiz_in_four_taps(
    chromium: Browser, site: str, tmp_path: Path
) -> None:
    walk = walks.trainer(chromium, site, tmp_path)
    assert walk.taps == 4
    assert walk.seconds < 60


def test_a_head_sees_who_is_missing_in_two_taps(chromium: Browser, site: str) -> None:
    assert walks.head(chromium, site).taps == 2
