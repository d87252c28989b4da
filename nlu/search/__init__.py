"""Which procedure is meant: index, rank, decide whether to ask back (pure; knows no table)."""

from nlu.search.decide import decide
from nlu.search.index import Index
from nlu.search.model import Decision, Doc, Hit
from nlu.search.wishes import wishes

__all__ = ["Decision", "Doc", "Hit", "Index", "decide", "wishes"]
