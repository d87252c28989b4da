"""What was talked about before: a short message leans on it, a whole new matter stands alone.

"Còn mất thì cấp lại sao" after a question about the identity card is about that card. Each name
that is like the present subject's is drawn to it, most of all where the message names a stage
("cấp lại", "gia hạn") that the name has; the longer the message, the less. What one message names
clearly is not drawn at all, unless it begins with "còn" and is hardly longer than that.
"""

from collections.abc import Sequence

import numpy as np

from nlu.search.model import SURE, Hit
from nlu.search.postings import Floats
from nlu.search.ranking import Masks
from nlu.search.words import Lexicon, Query

# Chosen on the even dialogues, and on even questions asked after a subject they have nothing to
# do with: 45 of the 46 turns that lean on something are understood, 35 without any of this.
PLAIN, NAMED, READ = 0.9, 0.5, 0.6  # a search this sure of words that stand in a name
MOST = 0.7  # alike; the subject itself gains no more than its next of kin
KIN = 0.25
STAGE = 0.18  # how much more a name is drawn that has the stage asked for
SHORT = 4  # words of weight that a message may have and lean with its whole weight
BRIEF, BARELY = 3, 0.7  # "còn tạm vắng": one that goes on leans, whatever it names
EARLIER = 0.5  # the weight of a subject before the present one


def pull(hits: Sequence[Hit], query: Query, lexicon: Lexicon) -> float:
    """How much a message leans on the talk before it: 0 when it stands alone."""
    if hits and hits[0].score >= SURE:
        return 0.0
    words = len(query.content)
    if lexicon.is_bare(query.content) or not is_plain(hits):
        return min(1.0, SHORT / max(words, 1))
    return BARELY if words <= BRIEF and lexicon.goes_on(query.words) else 0.0


def is_plain(hits: Sequence[Hit]) -> bool:
    """Whether the search is sure, and of words that stand in a name."""
    if not hits or hits[0].probability < PLAIN:
        return False
    return max(hits[0].exact, READ * hits[0].read) >= NAMED


def lean(alike: Sequence[Floats], query: Query, stages: Masks, strength: float) -> Floats:
    """How far each name is drawn; `alike`: to each subject talked about, the present one last."""
    weights = [*(EARLIER for _ in alike[1:]), 1.0]
    near = np.max([weight * one for weight, one in zip(weights, alike, strict=True)], axis=0)
    asked = np.int64(query.stages)
    if query.stages:
        has_stage = np.bitwise_count(stages & asked) / np.bitwise_count(asked)
        drawn = np.minimum(near, MOST) + STAGE * has_stage * (near >= KIN)
    else:
        drawn = np.minimum(near, MOST)
    return np.asarray(drawn * strength, np.float32)
