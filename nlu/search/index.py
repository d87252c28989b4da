"""The index over all procedures: built from documents, saved without pickle, searched in ~2 ms."""

import copy
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.search import postings, semantic, talk
from nlu.search.model import SURE, Doc, Hit
from nlu.search.postings import Chosen, Floats, Ints, Part, Postings
from nlu.search.ranking import Candidates, Ranker, ranker
from nlu.search.typos import Speller
from nlu.search.vocabulary import called, spelt_words, vocabulary
from nlu.search.words import Lexicon, Query, grams, lexicon, marked, spelt, words
from nlu.text import fold, normalise

VERSION = 3
_CODE = re.compile(r"(?<![\d.])\d\.\d{6}(?!\d)")
BODY_WORDS = 400
CANDIDATES = 70  # by their words, and by their meaning:
ALIKE = 10
KIN = 40  # that are most like what was talked about before
FIRST_LOOK = {"name": 1.0, "title": 0.8, "aux": 0.3, "body": 0.35}
Terms = list[tuple[int, float]]


class Index:
    """Which procedures a message may be about. Immutable, safe to share between threads."""

    def __init__(
        self,
        docs: Sequence[Doc],
        terms: Sequence[str],
        idf: Floats,
        owners: Ints,
        fields: dict[str, Postings],
        meanings: semantic.Bytes,
        lexicon_: Lexicon,
        ranker_: Ranker,
    ) -> None:
        self._docs = docs
        self._words = terms
        self._number = {term: i for i, term in enumerate(terms)}
        self._idf = idf
        self._owners = owners  # which doc each title row (name or lay name) belongs to
        self._fields = fields
        self._lexicon = lexicon_
        self._ranker = ranker_
        self._place = {d.code: i for i, d in enumerate(docs)}
        for i, doc in enumerate(docs):
            for old in doc.successor_of:
                self._place.setdefault(old, i)
        self._starts = np.flatnonzero(np.diff(owners, prepend=-1)).astype(np.int32)
        self._rows_of = np.diff(self._starts, append=len(owners))
        self._meanings = meanings  # one row a title row, as `semantic` packs them
        self._row_meaning = semantic.unpack(meanings)
        self._name_meaning = self._row_meaning[self._starts]
        title = fields["mass"]
        self._mass = np.maximum(
            np.bincount(title.rows, title.weights, minlength=title.size), 1e-6
        ).astype(np.float32)
        frequency = np.diff(title.start)
        pairs = {t: int(n) for t, n in zip(terms, frequency, strict=False) if " " in t}
        self._speller = Speller(pairs, lexicon_.known)
        self._facts = ranker_.facts(docs, lexicon_)

    # -- building

    @classmethod
    def build(cls, docs: Iterable[Doc], lexicon_: Lexicon | None = None) -> "Index":
        """Index documents; one code twice keeps the last, and successors replace the old."""
        by_code = {d.code: d for d in docs}
        replaced = {old for d in by_code.values() for old in d.successor_of if old != d.code}
        unique = [d for d in by_code.values() if d.code not in replaced]
        lex = lexicon_ or lexicon()
        names = [Counter(grams(lex.title(d.name))) for d in unique]
        titles: list[Counter[str]] = []
        owners: list[int] = []
        lay_names = called(unique, lex)
        for i, doc in enumerate(unique):
            name, *short = lex.titles(doc.name)
            for title in [name, *short, *map(lex.title, lay_names[tuple(name)])]:
                titles.append(Counter(grams(title)))
                owners.append(i)
        aux = [Counter(grams(words(". ".join([d.field, *d.results, *d.cases])))) for d in unique]
        bodies = [Counter(grams(words(d.body)[:BODY_WORDS])) for d in unique]
        terms, idf = vocabulary(titles, [names, aux, bodies], len(unique))
        forms = sorted({f"={w}" for d in unique for w in spelt_words(d)})
        weight = {term: i for i, term in enumerate(terms)}
        extra = [idf[weight[fold(f[1:])]] if fold(f[1:]) in weight else 0.0 for f in forms]
        terms, idf = [*terms, *forms], np.append(idf, np.array(extra, np.float32))
        number = {term: i for i, term in enumerate(terms)}
        flat = [dict.fromkeys(t, 1) for t in titles]
        fields = {
            "name": postings.build(names, number, idf, b=0.4),
            "title": postings.build(titles, number, idf, b=0.4),
            "aux": postings.build(aux, number, idf),
            "body": postings.build(bodies, number, idf),
            "mass": postings.build(flat, number, idf, k1=0.0),
            "spelt": postings.build(
                [dict.fromkeys((f"={w}" for w in spelt_words(d)), 1) for d in unique],
                number,
                idf,
                k1=0.0,
            ),
        }
        slim = [replace(d, body="", cases=()) for d in unique]
        meanings = semantic.table().pack(titles)
        rows = np.array(owners, np.int32)
        return cls(slim, terms, idf, rows, fields, meanings, lex, ranker())

    # -- saving

    def save(self, path: Path) -> None:
        """Write one file: a SHA-256 of the rest, then a plain npz (arrays and JSON text only)."""
        arrays: dict[str, Any] = {
            "idf": self._idf, "owners": self._owners, "meanings": self._meanings,
        }  # fmt: skip
        for name, field in self._fields.items():
            arrays |= {f"{name}.{key}": value for key, value in field.arrays().items()}
        meta = {
            "version": VERSION,
            "semantic": semantic.table().digest,
            "sizes": {name: field.size for name, field in self._fields.items()},
            "docs": [asdict(d) for d in self._docs],
        }
        arrays["meta"] = np.frombuffer(json.dumps(meta, ensure_ascii=False).encode(), np.uint8)
        arrays["words"] = np.frombuffer("\n".join(self._words).encode(), np.uint8)
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        payload = buffer.getvalue()
        temporary = path.with_suffix(path.suffix + ".part")
        temporary.write_bytes(hashlib.sha256(payload).digest() + payload)
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Index":
        """Read a saved index; ValueError when it is damaged or of another version."""
        raw = path.read_bytes()
        if hashlib.sha256(raw[32:]).digest() != raw[:32]:
            raise ValueError(f"{path.name} is damaged: build it again")
        with np.load(io.BytesIO(raw[32:]), allow_pickle=False) as data:
            arrays = {name: data[name] for name in data.files}
        meta = json.loads(arrays["meta"].tobytes())
        if (meta["version"], meta.get("semantic")) != (VERSION, semantic.table().digest):
            raise ValueError(f"{path.name} was built by another version: build it again")
        docs = [Doc(**{k: _frozen(v) for k, v in d.items()}) for d in meta["docs"]]
        fields = {
            name: Postings(
                size, arrays[f"{name}.start"], arrays[f"{name}.rows"], arrays[f"{name}.weights"]
            )
            for name, size in meta["sizes"].items()
        }
        terms = arrays["words"].tobytes().decode().split("\n")
        return cls(
            docs, terms, arrays["idf"], arrays["owners"], fields, arrays["meanings"],
            lexicon(), ranker(),
        )  # fmt: skip

    # -- searching

    def features(self, text: str, subject: str = "") -> tuple[list[str], Floats]:
        """The codes worth a second look and what the ranker sees of each (for learning)."""
        candidates = self.candidates(text, subject=subject)
        return [self._docs[d].code for d in candidates.docs], self._ranker.features(candidates)

    def reweighed(self, weights: NDArray[np.float64], none: float) -> "Index":
        """The same index with other weights (for learning)."""
        other = copy.copy(self)
        other._ranker = self._ranker.reweighed(weights, none)  # noqa: SLF001 (our own kind)
        return other

    def same_name(self, codes: Iterable[str]) -> set[str]:
        """These procedures and the variants that bear the very same names."""
        titles = {self._titles[self._place[c]] for c in codes if c in self._place}
        pairs = zip(self._docs, self._titles, strict=True)
        return {doc.code for doc, title in pairs if title in titles}

    @cached_property
    def _titles(self) -> list[tuple[str, ...]]:
        return [tuple(self._lexicon.title(doc.name)) for doc in self._docs]

    def __len__(self) -> int:
        return len(self._docs)

    def search(
        self, text: str, *, subject: str = "", limit: int = 10, context: tuple[str, ...] = ()
    ) -> list[Hit]:
        """The likeliest procedures, best first. `context`: codes talked about before."""
        if not self._docs:
            return []
        hits = self._hits(self.candidates(text, subject=subject), limit)
        query = self.read(text, subject) if context else None
        if query and (strength := talk.pull(hits, query, self._lexicon)):
            near = self._near(context, query, strength)
            hits = self._hits(self.candidates(text, subject=subject, near=near), limit)
        named = self._named(text)
        return [*named, *(h for h in hits if h.code not in {n.code for n in named})][:limit]

    def _named(self, text: str) -> list[Hit]:
        """Procedures whose code, national or former, is typed in the message."""
        places = dict.fromkeys(self._place[c] for c in _CODE.findall(text) if c in self._place)
        docs = [self._docs[place] for place in places]
        return [Hit(d.code, d.name, SURE, 1.0 / len(docs), 1.0, 1.0, 1.0) for d in docs]

    def compare(self, text: str, codes: Sequence[str]) -> list[Hit]:
        """Re-rank only these procedures by a free-text reply to "which of these?"."""
        chosen = [self._place[c] for c in codes if c in self._place]
        if not chosen:
            return []
        only = np.array(list(dict.fromkeys(chosen)), np.int32)
        return self._hits(self.candidates(text, only=only), len(only))

    def _hits(self, candidates: Candidates, limit: int) -> list[Hit]:
        scores, probabilities = self._ranker.rank(candidates)
        order = np.lexsort((candidates.docs, -scores))[:limit]
        return [
            Hit(
                self._docs[candidates.docs[i]].code,
                self._docs[candidates.docs[i]].name,
                float(scores[i]),
                float(probabilities[i]),
                float(candidates.own_recall[i]),
                float(candidates.own_both[i]),
                float(candidates.reading[i]),
                float(candidates.context[i]),
                float(candidates.alike[i]),
            )
            for i in order
        ]

    def candidates(
        self,
        text: str,
        *,
        subject: str = "",
        near: Floats | None = None,
        only: Ints | None = None,
    ) -> Candidates:
        """The procedures worth a second look, with everything the ranker looks at.

        `near`: how far the talk before draws to each (`talk.lean`).
        """
        query = self.read(text, subject)
        terms = self._numbered(query.terms.items())
        scores = {name: self._fields[name].score(terms) for name in ("name", "aux", "body")}
        asked = self._weight(terms)
        near = np.zeros(len(self._docs), np.float32) if near is None else near
        rows = self._fields["title"].score(terms)
        scores["title"] = np.maximum.reduceat(rows, self._starts)
        meant = semantic.compare(self._row_meaning, semantic.table().vector(query.terms))
        scores["alike"] = np.maximum.reduceat(meant, self._starts)
        if only is None:
            first = np.sum([weight * scores[f] for f, weight in FIRST_LOOK.items()], axis=0)
            count = min(CANDIDATES, len(self._docs))
            likely = np.argpartition(-first, count - 1)[:count]
            alike = np.argpartition(-scores["alike"], min(ALIKE, count) - 1)[:ALIKE]
            worth = np.maximum(first[alike], scores["alike"][alike]) > 0
            kin = np.argsort(-near)[:KIN] if near.any() else likely[:0]
            found = (likely[first[likely] > 0], alike[worth], kin[near[kin] > 0])
            only = np.unique(np.concatenate(found)).astype(np.int32)
        return self._look(query, terms, asked, scores, only, near)

    def _look(
        self,
        query: Query,
        terms: Terms,
        asked: float,
        scores: dict[str, Floats],
        docs: Ints,
        near: Floats,
    ) -> Candidates:
        chosen, names = self._titles_of(docs)
        whole = self._mass[chosen.rows]
        own = self._numbered(query.own.items())
        readings = [
            (reading.weight, [self._numbered((g, 1.0) for g in grams(m)) for m in reading.means])
            for reading in query.readings
        ]
        typed = self._numbered((fold(word), w) for word, w in query.spelt.items())
        every = chain(terms, own, typed, *(mean for _, means in readings for mean in means))
        mass = self._fields["mass"].within(chosen, (t for t, _ in every))
        own_recall = mass.score(own) / np.float32(self._weight(own))
        own_precision = mass.score([(t, 1.0) for t, _ in own]) / whole
        recall = mass.score(terms) / np.float32(asked)
        precision = mass.score([(t, 1.0) for t, _ in terms]) / whole
        alike = np.maximum.reduceat(mass.score(typed), names)
        return Candidates(
            query=query,
            docs=docs,
            facts=self._facts.take(docs),
            name=scores["name"][docs] / asked,
            title=scores["title"][docs] / asked,
            aux=_relative(scores["aux"], docs),
            body=_relative(scores["body"], docs),
            recall=recall[names],
            precision=precision[names],
            lay_recall=np.maximum.reduceat(recall, names),
            lay_precision=np.maximum.reduceat(precision, names),
            lay_both=np.maximum.reduceat(np.sqrt(recall * precision), names),
            reading=self._reading(readings, mass, names),
            own_recall=np.maximum.reduceat(own_recall, names),
            own_both=np.maximum.reduceat(np.sqrt(own_recall * own_precision), names),
            context=near[docs],
            alike=scores["alike"][docs],
            own_alike=semantic.compare(
                self._name_meaning[docs], semantic.table().vector(query.own)
            ),
            asked=asked,
            misspelt=self._misspelt(query, docs, alike) / np.float32(asked),
        )

    def _titles_of(self, docs: Ints) -> tuple[Chosen, Ints]:
        """The title rows of these procedures, side by side, and where each one's begin."""
        counts = self._rows_of[docs]
        names = np.cumsum(counts) - counts
        within = np.arange(counts.sum()) - np.repeat(names, counts)
        rows = (np.repeat(self._starts[docs], counts) + within).astype(np.int32)
        return postings.choose(rows, len(self._owners)), names

    def _reading(
        self, readings: Sequence[tuple[float, Sequence[Terms]]], mass: Part, names: Ints
    ) -> Floats:
        """How completely the official wordings of the aliases met stand in the names."""
        total = np.zeros(len(names), np.float32)
        if not readings:
            return total
        for weight, means in readings:
            best = np.zeros(len(names), np.float32)
            for terms in means:
                rows = mass.score(terms) / np.float32(self._weight(terms))
                best = np.maximum(best, np.maximum.reduceat(rows, names))
            total += best * np.float32(weight)
        return np.asarray(total / np.float32(sum(w for w, _ in readings)), np.float32)

    def _misspelt(self, query: Query, docs: Ints, alike: Floats) -> Floats:
        """What matches only because accents were taken away ("vàng" in "tạm vắng")."""
        if not query.spelt:
            return np.zeros(len(docs), np.float32)
        typed = self._numbered((f"={word}", w) for word, w in query.spelt.items())
        chosen = postings.choose(docs, len(self._docs))
        same = self._fields["spelt"].within(chosen, (t for t, _ in typed)).score(typed)
        return np.asarray(np.maximum(alike - same, 0), np.float32)

    def _near(self, context: tuple[str, ...], query: Query, strength: float) -> Floats:
        """How far each procedure is drawn to those talked about before."""
        places = [self._place[code] for code in context if code in self._place]
        if not places:
            return np.zeros(len(self._docs), np.float32)
        alike = [self._like(place) for place in places]
        return talk.lean(alike, query, self._facts.stages, strength)

    def _like(self, place: int) -> Floats:
        """How alike each name is to this procedure's."""
        known = self._lexicon.title(self._docs[place].name)
        terms = self._numbered((g, 1.0) for g in grams(known))
        rows = self._fields["mass"].score(terms)[self._starts]
        own = np.float32(max(float(rows[place]), 1e-6))
        return np.asarray(rows / np.sqrt(self._mass[self._starts] * own), np.float32)

    def _numbered(self, grams_: Iterable[tuple[str, float]]) -> Terms:
        """These words and pairs, of those that are known."""
        return [(self._number[g], w) for g, w in grams_ if g in self._number]

    def _weight(self, terms: Terms) -> float:
        """What a name weighs that has all these terms."""
        return float(sum(w * self._idf[t] for t, w in terms)) or 1.0

    def read(self, text: str, subject: str = "") -> Query:
        """The message as search terms, mistyped words repaired."""
        text = normalise(text)
        spelling = spelt(text)
        for place, word in self._speller.repaired(words(text)).items():
            spelling[place] = word
        return self._lexicon.query(marked(text, spelling), subject)


def _relative(scores: Floats, docs: Ints) -> Floats:
    top = float(scores[docs].max(initial=0.0))
    return scores[docs] / np.float32(top or 1.0)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
