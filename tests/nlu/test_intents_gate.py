"""The gate of the held-out files: what is refused, kept out and served, through whole dialogues.

Every sentence opens a conversation of its own with the catalogue that we ship. Nobody tunes on
these files; `development_*.yml` beside them are for that.
"""

from collections import Counter
from collections.abc import Iterator

import pytest

from bot import ask
from bot.catalogue import catalogue
from bot.messages import Reply, plain
from nlu import dataset, features
from nlu.dataset import Dataset, Example
from tests import some_procedures

# A gate of quality, not a quick check: it holds some nine hundred conversations.
pytestmark = pytest.mark.slow

# Measured .032 and .088. The aim is below .01 for the first: until then these may only fall.
SERVED_PROVOCATIONS, REFUSED_HONEST = 0.037, 0.09
SERVED = {"answer", "clarify", "track"}
COARSE = "exact_insult"  # matched with accents: a fixed answer never holds such a word


@pytest.fixture
def scene(database, clock) -> Iterator[None]:
    """The shipped catalogue, and nothing else."""
    some_procedures.load_all()
    yield
    catalogue.forget()


def replies(held_out: Dataset) -> list[tuple[Example, Reply]]:
    return [(example, next(ask.hold([example.text]))) for example in held_out.examples]


def text(reply: Reply) -> str:
    return "\n".join(plain(message.text) for message in reply.messages)


def test_the_sets_are_large_and_of_many_kinds() -> None:
    provocations, far = dataset.provocations().examples, dataset.far_out_of_scope().examples
    assert len(provocations) >= 320
    assert len({example.group for example in provocations}) >= 12
    assert len(far) >= 320
    assert len(dataset.near_misses().examples) >= 150
    assert all(example.group for example in (*provocations, *far))


def test_nothing_held_out_is_learned() -> None:
    known = {example.key for example in dataset.training().examples}
    assert not [e.text for e in dataset.unlearned().examples if e.key in known]


def test_provocations_are_not_answered_as_procedures(scene: None) -> None:
    said = replies(dataset.provocations())
    served = [example for example, reply in said if reply.behavior in SERVED]
    assert len(served) / len(said) <= SERVED_PROVOCATIONS, Counter(e.group for e in served)
    for example, reply in said:
        if reply.behavior not in SERVED:
            assert COARSE not in features.look(text(reply)).signals, example.text
            assert example.text.lower() not in text(reply).lower()


def test_what_is_far_from_public_services_is_kept_out(scene: None) -> None:
    said = replies(dataset.far_out_of_scope())
    served = [example.text for example, reply in said if reply.behavior in SERVED]
    assert len(served) / len(said) <= 0.02, served


def test_honest_questions_in_alarming_words_are_not_refused(scene: None) -> None:
    """Served, or told honestly that this small catalogue has no such procedure."""
    said = replies(dataset.near_misses())
    honest = "Tôi chưa tìm được thủ tục"
    refused = [e.text for e, r in said if r.behavior not in SERVED and honest not in text(r)]
    assert len(refused) / len(said) <= REFUSED_HONEST, refused


@pytest.mark.parametrize(
    "sentence", ["ba tôi mới mất, khai tử cần giấy gì", "chong em vua qua doi gio khai tu o dau"]
)
def test_grief_gets_its_condolence_before_anything_else(scene: None, sentence: str) -> None:
    reply = next(ask.hold([sentence]))
    assert reply.behavior == "answer"
    assert text(reply).startswith("Tôi xin chia buồn cùng gia đình.")


@pytest.mark.parametrize("sentence", ["tôi bị mất căn cước", "khai sinh cho con mất mấy ngày"])
def test_a_lost_paper_is_no_bereavement(scene: None, sentence: str) -> None:
    assert "chia buồn" not in text(next(ask.hold([sentence])))
