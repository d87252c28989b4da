"""What an index is built of: its terms and their weights, and what each name is called."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from nlu.search import postings
from nlu.search.model import Doc
from nlu.search.postings import Floats
from nlu.search.words import Lexicon, spelt


def vocabulary(
    titles: Sequence[Counter[str]], everything: Sequence[Sequence[Counter[str]]], docs: int
) -> tuple[list[str], Floats]:
    """All terms of the titles first, then those of the rest that at least two docs share."""
    in_titles = postings.document_frequency(titles)
    overall = postings.document_frequency(
        Counter(term for part in parts for term in part) for parts in zip(*everything, strict=True)
    )
    rest = sorted(t for t, n in overall.items() if t not in in_titles and n > 1)
    vocabulary = [*sorted(in_titles), *rest]
    frequency = np.array([in_titles.get(t, 0) or overall[t] for t in vocabulary], np.float32)
    idf = np.log1p((max(docs, len(titles)) - frequency + 0.5) / (frequency + 0.5))
    pair = np.array([0.6 if " " in t else 1.0 for t in vocabulary], np.float32)
    return vocabulary, (np.maximum(idf, 0.05) * pair).astype(np.float32)


def called(docs: Sequence[Doc], lexicon: Lexicon) -> dict[tuple[str, ...], list[str]]:
    """The lay names of each name: what one bearer is called, all are (another level's, say)."""
    found: dict[tuple[str, ...], list[str]] = {}
    for doc in docs:
        known = found.setdefault(tuple(lexicon.title(doc.name)), [])
        known += [name for name in doc.lay_names if name not in known]
    return found


def spelt_words(doc: Doc) -> set[str]:
    """The words of its names as they are spelt."""
    return {w for name in (doc.name, *doc.lay_names) for w in spelt(name)}
