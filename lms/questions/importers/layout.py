"""Reads question papers: lines in, questions with their keys out, whatever the layout.

A question begins with “Câu 7:”, “7.” or an automatic number, or, where nothing is numbered, with
the line before a choice A. Its key stands in a line of its own (“Đáp án: B”), in a table at the
end, as an asterisk, or in how the right choice is set off: highlighted, coloured, underlined, bold.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from lms.questions.importers import keys, marks
from lms.questions.importers.lines import Line


@dataclass
class Option:
    """A choice as it stands there; `head` is its letter, which may be what is set off."""

    head: Line
    line: Line
    is_flagged: bool = False
    more: list[Line] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All its words."""
        return " ".join(one.text for one in (self.line, *self.more) if one.text)


@dataclass
class Found:
    """A question of the paper, not yet judged."""

    number: int | None
    where: str
    stem: list[Line] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    answer: str | None = None
    remarks: list[str] = field(default_factory=list)
    category: str = ""
    difficulty: int | None = None  # None: the paper does not say

    @property
    def text(self) -> str:
        """The words of the question."""
        return "\n".join(line.text for line in self.stem if line.text)

    @property
    def pictures(self) -> list[str]:
        """Pictures of the question and of its choices."""
        inside = (line for one in self.options for line in (one.line, *one.more))
        return list(dict.fromkeys(p for line in (*self.stem, *inside) for p in line.pictures))


class Paper:
    """One pass over the lines; `found` and `key` hold what it saw."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.lines = [piece for line in lines for piece in _split_answer(line)]
        self.found: list[Found] = []
        self.key: keys.Entries = []
        self._pending: list[Line] = []
        self._category = ""
        self._in_key = False
        self._awaits = ""  # what the next plain line belongs to: "answer", "remark" or nothing
        self._is_worded = any(_is_worded(line) for line in self.lines)
        self._level = min((one.level for one in self.lines if one.kind == "number"), default=0)
        for line in self.lines:
            self._take(line)
        self._settle_pending()

    @property
    def _now(self) -> Found | None:
        return self.found[-1] if self.found and not self._in_key else None

    def _take(self, line: Line) -> None:
        if not line.text and not line.pictures:
            return
        readers = (
            self._key_line, self._question, self._options, self._answer, self._about, self._heading
        )  # fmt: skip
        if not any(reader(line) for reader in readers):
            self._continue(line)

    def _key_line(self, line: Line) -> bool:
        label = f"{line.label} " if line.kind == "number" else ""
        pairs = keys.entries(label + line.text)
        if len(pairs) > 1 or (pairs and (self._in_key or self._awaits == "answer")):
            self._settle_pending()
            self._awaits = ""
            self.key += pairs
            self._in_key = True
            return True
        if marks.KEY_HEADING.fullmatch(line.text) and (not self._now or _is_answered(self._now)):
            self._in_key = bool(self.found)
            return True
        return False

    def _question(self, line: Line) -> bool:
        start = self._start(line)
        if start is None:
            return False
        number, offset = start
        self._settle_pending()
        self._in_key, self._awaits = False, ""
        question = Found(number, line.where, category=self._category)
        self.found.append(question)
        rest = line.cut(offset)
        while tag := marks.TAGS.match(rest.text):
            level = marks.level(tag[1])
            if level is None and "điểm" not in tag[1].casefold():
                break
            question.difficulty = level or question.difficulty
            rest = rest.cut(tag.end())
        if not self._options(rest):
            question.stem.append(rest)
        return True

    def _start(self, line: Line) -> tuple[int | None, int] | None:
        """The number of the question that begins here, and where its words begin."""
        if found := marks.QUESTION.match(line.text):
            return int(found[1]), found.end()
        if line.kind == "number" and marks.QUESTION.match(line.label):
            return int(marks.LABEL_NUMBER.findall(line.label)[-1]), 0
        if self._is_worded:
            return None
        if line.kind == "number" and line.level <= self._level:
            return int((marks.LABEL_NUMBER.findall(line.label) or ["0"])[-1]), 0
        if found := marks.NUMBER.match(line.text):
            return int(found[1]), found.end()
        return None

    def _options(self, line: Line) -> bool:
        """Choices of this line; a question's words may stand before them in the same line."""
        if line.kind in ("letter", "number", "bullet") and self._now:
            return self._numbered_option(line)
        places = _places(line.text, self._expected())
        if not places:
            return self._boxed_option(line)
        before = line.cut(0, places[0])
        if before.text:
            if places[0] and not self._now:
                return False
            self._continue(before)
        self._begin_unnumbered(line.text[places[0] :])
        if not self._now:
            return False
        for start, end in zip(places, [*places[1:], len(line.text)], strict=True):
            self._add_option(line.cut(start, end))
        return True

    def _numbered_option(self, line: Line) -> bool:
        now = self._now
        if now is None:
            return False
        if line.kind == "letter" and len(now.options) > 1 and line.label[:1] in "Aa":
            self._begin_unnumbered("A")
            now = self.found[-1]
        self._awaits = ""
        self._attach_pending()
        flag = marks.BOXED.match(line.text)
        is_flagged = bool(flag and flag["flag"])
        text = line.cut(flag.end()) if flag and is_flagged else line
        now.options.append(_unflagged(Option(Line(""), text, is_flagged)))
        return True

    def _boxed_option(self, line: Line) -> bool:
        """A choice behind a box or a dash instead of a letter."""
        box, now = marks.BOXED.match(line.text), self._now
        if not box or not now or now.answer is not None or (self._awaits and not box["flag"]):
            return False
        self._attach_pending()
        text = line.cut(box.end())
        if option := marks.OPTION.match(text.text):
            text = text.cut(option.end())
        now.options.append(_unflagged(Option(Line(""), text, bool(box["flag"]))))
        return True

    def _expected(self) -> str:
        now = self._now
        return chr(ord("A") + len(now.options)) if now and len(now.options) < 8 else "A"

    def _begin_unnumbered(self, text: str) -> None:
        """A choice A after complete choices: what stood between is the next question."""
        letter = marks.OPTION.match(text)
        is_first = text == "A" or (letter is not None and letter["letter"] in "Aa")
        if not is_first or not self._pending or (self._now and len(self._now.options) < 2):
            return
        stem = self._pending if self.found else self._pending[-1:]
        self._pending = []
        self._in_key = False
        self.found.append(Found(None, stem[0].where, stem=stem, category=self._category))

    def _add_option(self, line: Line) -> None:
        self._awaits = ""
        self._attach_pending()
        option = marks.OPTION.match(line.text)
        if option is None:
            return
        head = line.cut(option.start("letter"), option.end("letter"))
        is_flagged = bool(option["before"] or option["mid"] or option["after"])
        rest = _unflagged(Option(head, line.cut(option.end()), is_flagged))
        self.found[-1].options.append(rest)

    def _answer(self, line: Line) -> bool:
        found = marks.ANSWER.match(line.text)
        now = self._now
        if found is None or now is None:
            return False
        value = line.text[found.end() :].strip(" .])")
        self._attach_pending()
        now.answer, self._awaits = value or now.answer, "" if value else "answer"
        return True

    def _about(self, line: Line) -> bool:
        """An explanation, a topic, a difficulty."""
        now = self._now
        if now and (found := marks.EXPLANATION.match(line.text)):
            self._attach_pending()
            now.remarks.append(line.text[found.end() :])
            self._awaits = "remark"
            return True
        if found := marks.LEVEL.match(line.text):
            level = marks.level(line.text[found.end() :])
            if now and level:
                now.difficulty = level
            return level is not None
        if found := marks.TOPIC.match(line.text):
            topic = line.text[found.end() :].strip(" .")[:60]
            if now and not _is_answered(now) and now.options:
                now.category = topic
            else:
                self._category = topic
            return bool(topic)
        return False

    def _heading(self, line: Line) -> bool:
        found = marks.HEADING.fullmatch(line.text)
        if found is None or len(line.text) > 120 or (self._now and not self._now.options):
            return False
        self._settle_pending()
        self._category = (found[1] or line.text).strip(" .")[:60]
        self._in_key, self._awaits = False, ""
        return True

    def _continue(self, line: Line) -> None:
        """A line that begins nothing: more of what came before it."""
        now = self._now
        if now is None:
            self._pending.append(line)
        elif self._awaits == "answer" and not now.answer:
            now.answer, self._awaits = line.text, ""
        elif self._awaits == "remark":
            now.remarks.append(line.text)
        elif now.options or now.answer is not None:
            self._pending.append(line)
        else:
            now.stem.append(line)

    def _attach_pending(self) -> None:
        """What stood between two choices of one question belongs to the first of them."""
        now = self._now
        if now and now.options:
            now.options[-1].more += self._pending
        self._pending = []

    def _settle_pending(self) -> None:
        """What stands after the last choice: its next line where it goes on in small letters."""
        now, rest = self._now, self._pending
        if now and now.options and rest and rest[0].text[:1].islower() and len(rest) == 1:
            now.options[-1].more += rest
        self._pending = []


def _is_answered(question: Found) -> bool:
    return question.answer is not None or any(option.is_flagged for option in question.options)


def _is_worded(line: Line) -> bool:
    if keys.entries(line.text):
        return False
    return bool(marks.QUESTION.match(line.text) or marks.QUESTION.match(line.label))


def _places(text: str, expected: str) -> list[int]:
    """Where the choices of a line begin: letters that follow each other, from A or the next one."""
    found = list(marks.INLINE_OPTION.finditer(text))
    best: list[int] = []
    for at, first in enumerate(found):
        letter = first[1].upper()
        is_at_start = not text[: first.start()].strip()
        if letter not in ("A", expected) and not is_at_start:
            continue
        chain, is_small = [first.start()], first[1].islower()
        for later in found[at + 1 :]:
            follows = later[1].upper() == chr(ord(letter) + 1) and later[1].islower() == is_small
            if follows:
                chain, letter = [*chain, later.start()], later[1].upper()
        if len(chain) > 1 or is_at_start:
            best = chain if len(chain) > len(best) else best
    return best


def _unflagged(option: Option) -> Option:
    """The choice without the sign behind it that says it is right."""
    if found := marks.FLAGGED_END.search(option.line.text):
        option.line, option.is_flagged = option.line.cut(0, found.start()), True
    return option


def _split_answer(line: Line) -> Iterator[Line]:
    """“D. Ba năm   Đáp án: B” as two lines."""
    found = marks.LATE_ANSWER.search(line.text)
    if found is None or marks.ANSWER.match(line.text):
        yield line
        return
    first = line.cut(0, found.start())
    yield replace(first, label=line.label, kind=line.kind, pictures=line.pictures)
    yield replace(line.cut(found.end()), pictures=())
