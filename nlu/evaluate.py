"""Scores answers against labelled questions: counts with 95 % intervals, never a question.

The answers are the output of `python -m bot ask --jsonl`. Questions with an even number are the
developed half, those with an odd number are held out: only their scores are ever printed.

How things count:
* R@1, R@5: an acceptable procedure first, or among the first five, on questions to be answered.
* Labels that say "out of scope" only because the authors' store lacked the procedure
  (`true_oos: false`) are left out of everything: whatever is said may be right.
* A greeting or a hand-over keeps a message out of scope as well as "out of scope" does.
* Confidently wrong: answered, and the first procedure is none of the acceptable ones.
* Aspects are scored where the label asks for at least one.
"""

import argparse
import json
import math
import platform
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEPT_OUT = frozenset({"out_of_scope", "smalltalk", "handover"})


@dataclass(frozen=True)
class Turn:
    """One labelled message beside what the assistant did."""

    number: int
    wanted: str
    acceptable: frozenset[str]
    aspects: frozenset[str]
    accentless: bool
    true_oos: bool
    behavior: str
    codes: tuple[str, ...]
    said_aspects: frozenset[str]

    @property
    def scored(self) -> bool:
        """Whether the label can be held against the assistant."""
        return self.wanted != "context" and (self.wanted != "out_of_scope" or self.true_oos)

    def found(self, depth: int) -> bool:
        """Whether an acceptable procedure is among the first few named."""
        return not self.acceptable.isdisjoint(self.codes[:depth])

    @property
    def behaved(self) -> bool:
        """Whether it answered, asked back or stayed out as wanted."""
        if self.wanted == "out_of_scope":
            return self.behavior in KEPT_OUT
        return self.behavior == self.wanted

    @property
    def confidently_wrong(self) -> bool:
        """Whether it answered with a procedure that is certainly not meant."""
        if self.behavior != "answer":
            return False
        return self.wanted == "out_of_scope" or (bool(self.acceptable) and not self.found(1))

    @property
    def right(self) -> bool:
        """Whether a turn of a dialogue is right: behaviour and procedure."""
        if not self.behaved:
            return False
        if not self.acceptable or self.wanted == "out_of_scope":
            return True
        return self.found(1) if self.wanted == "answer" else self.found(len(self.codes))


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if total == 0:
        return 0.0, 1.0
    share = hits / total
    middle = share + z * z / (2 * total)
    reach = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def share(hits: Iterable[bool]) -> str:
    """Share, count and interval, as text."""
    found = list(hits)
    if not found:
        return "–"
    low, high = wilson(sum(found), len(found))
    return f"{sum(found) / len(found):.3f} ({sum(found)}/{len(found)}; {low:.3f}–{high:.3f})"


def f1(right: int, extra: int, missed: int) -> str:
    """Precision, recall and F1 from counts, as text."""
    precision, recall = right / max(right + extra, 1), right / max(right + missed, 1)
    both = 2 * right / max(2 * right + extra + missed, 1)
    counts = f"({right} right, {extra} extra, {missed} missed)"
    return f"P {precision:.3f} R {recall:.3f} F1 {both:.3f} {counts}"


def clarify(turns: Sequence[Turn]) -> str:
    """How well it knows when to ask back."""
    asked = [t for t in turns if t.behavior == "clarify"]
    wanted = [t for t in turns if t.wanted == "clarify"]
    both = [t for t in asked if t.wanted == "clarify"]
    return f1(len(both), len(asked) - len(both), len(wanted) - len(both))


def aspects(turns: Sequence[Turn]) -> str:
    """Micro-F1 of what is asked about the procedure, of the questions that say what is."""
    scored = [t for t in turns if t.aspects]
    if not scored:
        return "–"
    right = sum(len(t.aspects & t.said_aspects) for t in scored)
    extra = sum(len(t.said_aspects - t.aspects) for t in scored)
    return f1(right, extra, sum(len(t.aspects) for t in scored) - right)


def table(turns: Sequence[Turn]) -> dict[str, str]:
    """All measures of a set of questions."""
    turns = [t for t in turns if t.scored]
    answers = [t for t in turns if t.wanted == "answer"]
    return {
        "questions": str(len(turns)),
        "R@1": share(t.found(1) for t in answers),
        "R@5": share(t.found(5) for t in answers),
        "behaviour right": share(t.behaved for t in turns),
        "clarify": clarify(turns),
        "needlessly asked back": share(t.behavior == "clarify" for t in answers),
        "confidently wrong": share(t.confidently_wrong for t in turns),
        "kept out of scope": share(t.behaved for t in turns if t.wanted == "out_of_scope"),
        "aspects": aspects(turns),
    }


def by_aspect(turns: Sequence[Turn]) -> dict[str, str]:
    """How well each aspect is heard, where any is asked for."""
    scored = [t for t in turns if t.aspects and t.scored]
    return {
        name: f1(
            sum(name in t.aspects & t.said_aspects for t in scored),
            sum(name in t.said_aspects - t.aspects for t in scored),
            sum(name in t.aspects - t.said_aspects for t in scored),
        )
        for name in sorted({name for t in scored for name in t.aspects})
    }


def by_field(turns: Sequence[Turn], fields: Mapping[str, str], fewest: int = 4) -> dict[str, str]:
    """R@1 by the field of the procedure meant, the most asked first; small fields as one."""
    asked: defaultdict[str, list[bool]] = defaultdict(list)
    for turn in turns:
        if turn.wanted == "answer" and turn.acceptable:
            asked[fields.get(min(turn.acceptable), "")].append(turn.found(1))
    small = [hits for name, hits in asked.items() if len(hits) < fewest or not name]
    large = {name: hits for name, hits in asked.items() if len(hits) >= fewest and name}
    rows = {name: share(large[name]) for name in sorted(large, key=lambda n: (-len(large[n]), n))}
    rest = {f"{len(small)} fields asked less": share(hit for hits in small for hit in hits)}
    return rows | (rest if small else {})


def confusion(turns: Sequence[Turn]) -> list[list[str]]:
    """What was wanted by what was done: a row a wish, the last column is silence."""
    done = ("answer", "clarify", "track", "out_of_scope", "smalltalk", "handover", "")
    rows = [["wanted \\ done", *done[:-1], "silence"]]
    for wanted in done[:-1]:
        counts = Counter(t.behavior for t in turns if t.scored and t.wanted == wanted)
        if counts:
            rows.append([wanted, *(str(counts[did]) for did in done)])
    return rows


def read(gold: Path, answers: Path) -> list[Turn]:
    """Labels joined with answers by id; a missing answer counts as silence."""
    return join(_lines(gold), _lines(answers))


def join(labels: Iterable[dict[str, Any]], answers: Iterable[dict[str, Any]]) -> list[Turn]:
    """The same for what is already read."""
    given = {a["id"]: a["turns"] for a in answers if a.get("id") is not None}
    joined: list[Turn] = []
    for label in labels:
        said = given.get(label["id"], [])
        for i, turn in enumerate(label.get("turns", [label])):
            joined.append(_turn(label["id"], turn, said[i] if i < len(said) else {}))
    return joined


def _turn(name: str, label: dict[str, Any], said: dict[str, Any]) -> Turn:
    return Turn(
        number=int("".join(c for c in name if c.isdigit()) or 0),
        wanted=label["behavior"],
        acceptable=frozenset(label.get("acceptable_codes", ())),
        aspects=frozenset(label.get("aspects", ())),
        accentless=bool(label.get("no_diacritics", label["question"].isascii())),
        true_oos=bool(label.get("true_oos", label["behavior"] == "out_of_scope")),
        behavior=said.get("behavior", ""),
        codes=tuple(said.get("codes", ())),
        said_aspects=frozenset(said.get("aspects", ())),
    )


def _lines(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def report(questions: Sequence[Turn], dialogues: Sequence[Turn]) -> dict[str, dict[str, str]]:
    """Slice → measure → text, for the developed (even) and the held-out (odd) half."""
    halves: dict[str, dict[str, str]] = {}
    for half, rest in (("EVEN (developed)", 0), ("ODD (held out)", 1)):
        mine = [t for t in questions if t.number % 2 == rest]
        halves[half] = table(mine)
        halves[f"{half}, with accents"] = table([t for t in mine if not t.accentless])
        halves[f"{half}, without accents"] = table([t for t in mine if t.accentless])
        turns = [t for t in dialogues if t.number % 2 == rest and t.scored]
        if turns:
            halves[half]["dialogue turns right"] = share(t.right for t in turns)
    return halves


def machine() -> str:
    """The processor, the number of cores and the Python that the figures come from."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [x for x in info.read_text().splitlines() if x.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
        model += f", {sum(x.startswith('processor') for x in info.read_text().splitlines())} cores"
    return f"{model}, Python {platform.python_version()}"


def render(halves: dict[str, dict[str, str]], date: str) -> str:
    """The report as plain text."""
    lines = [f"{machine()}{', ' + date if date else ''}"]
    for name, measures in halves.items():
        lines += ["", name, *(f"  {key:<22} {value}" for key, value in measures.items())]
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Read gold and answers, write the report."""
    parser = argparse.ArgumentParser(prog="nlu.evaluate", description=__doc__)
    parser.add_argument("gold", type=Path, help="labelled questions, JSON lines")
    parser.add_argument("answers", type=Path, help="output of `python -m bot ask --jsonl`")
    parser.add_argument("--dialogues", type=Path, nargs=2, metavar=("GOLD", "ANSWERS"))
    parser.add_argument("--date", default="", help="printed beside the machine")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    args = parser.parse_args(argv)
    dialogues = read(*args.dialogues) if args.dialogues else []
    halves = report(read(args.gold, args.answers), dialogues)
    sys.stdout.write(render(halves, args.date))
    if args.json:
        figures = {"machine": machine(), "date": args.date, "halves": halves}
        args.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
