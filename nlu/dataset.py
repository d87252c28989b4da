"""The examples that teach and test: Rasa 3.1 YAML, read by one reader for every engine.

`data/nlu/*.yml` is learned from; `data/tests/*.yml` never is, and `problems` refuses a leak.
`training` adds sentences that others write for us: those of `data/patterns.yml`, each pattern said
once for each filler of its longest slot, and lay names of procedures, so that the words of public
services never look like small talk. Both are the same on every machine.
"""

import hashlib
import itertools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nlu import extractors, text
from nlu.lay_names import lay_names

DATA = Path(__file__).parent / "data"
TRAINING = DATA / "nlu"
TESTS = DATA / "tests"
# What the classifier sees depends on these too.
RULES = (
    "aspects.yml",
    "asking_pairs.txt",
    "subject.yml",
    "signals.yml",
    "teencode.txt",
    "syllables.txt",
    "domain_terms.txt",
    "spoken.txt",
    "restore.npz",
)
PATTERNS = DATA / "patterns.yml"
SLOT = re.compile(r"{([a-z]+)}")
# How a lay name is asked for; one of every twelve of the thousands is enough to know their words.
WISHES = ("{}", "xin {}", "thủ tục {}", "{} cần giấy tờ gì", "tôi muốn {}", "{} ở đâu")
EVERY = 12
ENTITY = re.compile(r"\[(?P<words>[^\[\]]+)\]\((?P<kind>[a-z_]+)\)")
BROKEN_ENTITY = re.compile(r"\]\(|\[[^\]]*$")
KEYS = frozenset({"intent", "examples", "synonym", "lookup", "regex", "metadata"})
FEWEST = 20  # examples an intent needs before it can be told from its neighbours


@dataclass(frozen=True)
class Example:
    """One sentence and what it means; `kinds` are the entities marked in it.

    `group` is the block's `metadata: {kind: …}`: which sort of provocation, of small talk …
    """

    intent: str
    text: str
    source: str
    kinds: tuple[str, ...] = ()
    group: str = ""

    @property
    def key(self) -> str:
        """What two examples share when only accents, abbreviations or spelling differ."""
        return " ".join(text.tokens(self.text)) or self.text


@dataclass(frozen=True)
class Dataset:
    """Examples in file order, and words that mean the same thing (`synonyms`: word → meaning)."""

    examples: tuple[Example, ...]
    synonyms: dict[str, str]

    @property
    def intents(self) -> tuple[str, ...]:
        """Names of all intents, sorted."""
        return tuple(sorted({example.intent for example in self.examples}))

    @property
    def digest(self) -> str:
        """Changes whenever anything changes that a model is made of: examples or rules."""
        lines = [f"{e.intent}\t{e.text}" for e in self.examples]
        lines += [f"{word}\t{meaning}" for word, meaning in sorted(self.synonyms.items())]
        digest = hashlib.sha256("\n".join(lines).encode())
        for name in RULES:
            digest.update((DATA / name).read_bytes())
        return digest.hexdigest()


class BrokenDataError(ValueError):
    """A file that cannot be read as training data; the message names file and reason."""


def training() -> Dataset:
    """Everything shipped for learning: written examples, patterns, lay names, and synonyms."""
    written = read([*sorted(TRAINING.glob("*.yml")), DATA / "synonyms.yml"])
    known = {example.key for example in written.examples}
    others = {e.key: e for e in itertools.chain(generated(PATTERNS), named())}
    added = (example for key, example in others.items() if key not in known)
    return Dataset((*written.examples, *added), written.synonyms)


def generated(path: Path) -> Iterator[Example]:
    """What the patterns say."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for block in content["patterns"]:
        for pattern in block["say"]:
            for sentence in _said(pattern, content["slots"]):
                yield Example(block["intent"], sentence, path.name)


def _said(pattern: str, slots: dict[str, list[str]]) -> Iterator[str]:
    """The pattern with its slots filled: every filler in turn, in an order of the pattern's own."""
    names = SLOT.findall(pattern)
    fillers = []
    for place, name in enumerate(names):
        mixed = {_mix(f"{pattern} {place} {filler}"): filler for filler in slots[name]}
        fillers.append(itertools.cycle([mixed[key] for key in sorted(mixed)]))
    plain = SLOT.sub("{}", pattern)
    for _ in range(max(len(slots[name]) for name in names)):
        yield plain.format(*(next(filler) for filler in fillers))


def _mix(words: str) -> bytes:
    """A number to sort by that follows no order that people see."""
    return hashlib.sha256(words.encode()).digest()


def named() -> Iterator[Example]:
    """Some lay names of procedures as questions; a new name changes nothing about the others."""
    for name, wish in _drawn(0):
        yield Example("ask_procedure", WISHES[wish].format(name), "lay_names")


def unnamed() -> Iterator[str]:
    """As many lay names that `named` leaves out."""
    return (name for name, _ in _drawn(1))


def _drawn(part: int) -> Iterator[tuple[str, int]]:
    """One in `EVERY` names, with the number of its wish; no name is in two parts."""
    for name in itertools.chain.from_iterable(found for _, found in sorted(lay_names().items())):
        turn, wish = divmod(int.from_bytes(_mix(name)[:4]), len(WISHES))
        if turn % EVERY == part:
            yield name, wish


def tests() -> Dataset:
    """The held-out intent examples, which nobody tunes on."""
    return read([TESTS / "intents.yml"])


def development() -> Dataset:
    """Examples never learned from, but looked at when rules and examples are improved."""
    return read([TESTS / "development.yml"])


def unlearned() -> Dataset:
    """All files that nothing is learned from."""
    return read(sorted(TESTS.glob("*.yml")))


def provocations() -> Dataset:
    """Held out: what must never be answered as a procedure; `group` says of which kind it is."""
    return read([TESTS / "provocation.yml"])


def far_out_of_scope() -> Dataset:
    """Held out: what has nothing to do with public services."""
    return read([TESTS / "out_of_scope.yml"])


def near_misses() -> Dataset:
    """Held out: honest questions in alarming words, which must not be refused."""
    return read([TESTS / "near_miss.yml"])


def read(files: Iterable[Path]) -> Dataset:
    """Read Rasa files; raises `BrokenDataError` for the first that is not well formed."""
    examples: list[Example] = []
    synonyms: dict[str, str] = {}
    for path in files:
        for block in _blocks(path):
            if "intent" in block:
                examples += [_example(block, s, path) for s in _sentences(block, path)]
            elif "synonym" in block:
                synonyms |= {text.fold(s): block["synonym"] for s in _sentences(block, path)}
    return Dataset(tuple(examples), synonyms)


def problems(train: Dataset, held_out: Dataset) -> list[str]:
    """Everything wrong with the data, as sentences; empty when all is well."""
    found = [*_repeated(train), *_leaks(train, held_out), *_unknown_intents(train, held_out)]
    found += _thin(train)
    for example in (*train.examples, *held_out.examples):
        found += _spelling(example)
    return found


def _blocks(path: Path) -> list[dict[str, Any]]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BrokenDataError(f"{path.name}: {error}") from error
    if not isinstance(content, dict) or str(content.get("version")) != "3.1":
        raise BrokenDataError(f'{path.name}: must begin with version: "3.1"')
    blocks = content.get("nlu")
    if not isinstance(blocks, list):
        raise BrokenDataError(f"{path.name}: has no list called nlu")
    for block in blocks:
        if not isinstance(block, dict) or not KEYS.issuperset(block) or "examples" not in block:
            raise BrokenDataError(f"{path.name}: a block needs examples and one of {sorted(KEYS)}")
    return blocks


def _sentences(block: dict[str, Any], path: Path) -> Iterator[str]:
    for line in str(block["examples"]).splitlines():
        if not line.strip():
            continue
        if not line.lstrip().startswith("- "):
            raise BrokenDataError(
                f'{path.name}: an example does not begin with "- ": {line.strip()}'
            )
        yield line.lstrip()[2:].strip()


def _example(block: dict[str, Any], sentence: str, path: Path) -> Example:
    kinds = tuple(match["kind"] for match in ENTITY.finditer(sentence))
    plain = ENTITY.sub(lambda match: match["words"], sentence)
    if kinds and BROKEN_ENTITY.search(plain):
        raise BrokenDataError(f"{path.name}: entity markup is not closed: {sentence}")
    group = str((block.get("metadata") or {}).get("kind", ""))
    return Example(block["intent"], plain, path.name, kinds, group)


def _repeated(train: Dataset) -> Iterator[str]:
    """The same sentence twice: in two intents it teaches nothing, in one it is weight."""
    where: dict[str, list[Example]] = defaultdict(list)
    for example in train.examples:
        where[example.key].append(example)
    for key, examples in where.items():
        if len(examples) > 1:
            names = " and ".join(sorted({e.intent for e in examples}))
            yield f"said {len(examples)} times, in {names}: {key}"


def _leaks(train: Dataset, held_out: Dataset) -> Iterator[str]:
    known = {example.key: example for example in train.examples}
    for example in held_out.examples:
        if example.key in known:
            yield f"held out, but learned in {known[example.key].source}: {example.text}"


def _unknown_intents(train: Dataset, held_out: Dataset) -> Iterator[str]:
    for name in sorted(set(held_out.intents) - set(train.intents)):
        yield f"tested but never taught: {name}"
    for name in train.intents:
        if not re.fullmatch(r"[a-z_]+", name):
            yield f"an intent's name is small letters and underscores, for Rasa too: {name}"


def _thin(train: Dataset) -> Iterator[str]:
    for name, count in Counter(example.intent for example in train.examples).items():
        if count < FEWEST:
            yield f"{name} has {count} examples, needs {FEWEST}"


def _spelling(example: Example) -> Sequence[str]:
    if not unicodedata.is_normalized("NFC", example.text):
        return [f"{example.source}: not in NFC: {example.text}"]
    found = {entity.kind for entity in extractors.find(example.text)}
    missing = set(example.kinds) - found
    return [f"{example.source}: no rule finds {kind} in: {example.text}" for kind in missing]
