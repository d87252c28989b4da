"""What a question of a paper is, and which of its choices are right."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from backend.i18n import gettext as _
from lms.questions.importers import keys, marks
from lms.questions.importers.draft import Draft, made
from lms.questions.importers.layout import Found, Option, Paper
from lms.questions.importers.lines import KINDS, Line

Numbers = frozenset[int]


def drafts(lines: Iterable[Line], *, key: Sequence[tuple[int, str]] = ()) -> list[Draft]:
    """The questions of these lines; `key` are entries of tables that were seen elsewhere."""
    paper = Paper(lines)
    _apply(paper.found, [*paper.key, *key])
    return judged(paper.found)


def judged(found: Sequence[Found]) -> list[Draft]:
    """Each question with its right choices, by what this paper uses to set them off."""
    order = _kinds_in_use(found)
    return [_draft(one, order) for one in found if one.text or one.options or one.pictures]


def _apply(found: Sequence[Found], entries: keys.Entries) -> None:
    """Give keys of a table to their questions: the second “1” to the second question 1."""
    said: dict[int, list[str]] = defaultdict(list)
    for number, value in entries:
        said[number].append(value)
    for place, question in enumerate(found, start=1):
        waiting = said.get(question.number if question.number is not None else place)
        if waiting and question.answer is None:
            question.answer = waiting.pop(0)


def _kinds_in_use(found: Iterable[Found]) -> list[int]:
    """Ways of setting off, the one that singles out a choice most often in this paper first."""
    counts = Counter(kind for one in found for kind in KINDS if len(_set_off(one, kind)) == 1)
    return sorted(KINDS, key=lambda kind: (-counts[kind], KINDS.index(kind)))


def _set_off(question: Found, kind: int) -> Numbers:
    """Choices set off in this way, letter or words, unless all are."""
    for part in ("line", "head"):
        chosen = frozenset(
            i for i, option in enumerate(question.options) if getattr(option, part).is_marked(kind)
        )
        if 0 < len(chosen) < len(question.options):
            return chosen
    return frozenset()


def _draft(question: Found, order: Sequence[int]) -> Draft:
    if not question.options:
        _choices_without_letters(question, order)
    warnings: list[str] = []
    pictures = question.pictures
    if len(pictures) > 1:
        warnings.append(_("Câu có nhiều hình: chỉ giữ hình đầu tiên."))
    raw: dict[str, Any] = {
        "text": question.text, "category": question.category,
        "feedback": " ".join(question.remarks).strip(),
    }  # fmt: skip
    if question.difficulty is not None:
        raw["difficulty"] = question.difficulty
    raw |= _choices(question, order, warnings) if question.options else _typed(question, warnings)
    if not raw["text"] and pictures:
        raw["text"] = _("Xem hình và trả lời.")
    return made(
        raw, where=question.where, warnings=tuple(warnings),
        picture=pictures[0] if pictures else "",
    )  # fmt: skip


def _choices(question: Found, order: Sequence[int], warnings: list[str]) -> dict[str, Any]:
    right = _right(question, order, warnings)
    texts = [option.text for option in question.options]
    if (
        len(texts) == 2
        and [keys.truth(text) for text in texts] == [True, False]
        and len(right) == 1
    ):
        return {"type": "truefalse", "right": right == {0}}
    if any(option.line.pictures and not option.text for option in question.options):
        warnings.append(_("Có phương án chỉ là hình: xin gõ lại bằng chữ."))
    return {
        "type": "multiple" if len(right) > 1 else "single",
        "choices": [{"text": text, "right": i in right} for i, text in enumerate(texts)],
    }


def _right(question: Found, order: Sequence[int], warnings: list[str]) -> Numbers:
    """The right choices by the strongest evidence; a warning where two kinds of it disagree."""
    written = _written(question)
    starred = frozenset(i for i, option in enumerate(question.options) if option.is_flagged)
    seen = [chosen for kind in order if (chosen := _set_off(question, kind))]
    evidence = [chosen for chosen in (written, starred, *seen[:1]) if chosen]
    if question.answer and not written:
        warnings.append(
            _("Không hiểu đáp án ghi là “{answer}”.").format(answer=question.answer[:40])
        )
    if len(set(evidence)) > 1:
        warnings.append(_("Đáp án ghi một đằng, chữ tô đậm hoặc đánh dấu một nẻo: xin xem lại."))
    return evidence[0] if evidence else frozenset()


def _written(question: Found) -> Numbers:
    """Choices that the answer line names, by letters, by numbers or by their words."""
    answer = question.answer or ""
    count = len(question.options)
    by_text = {i for i, option in enumerate(question.options) if keys.same(option.text, answer)}
    by_letter = {ord(letter) - ord("A") for letter in keys.letters(answer)}
    by_number = {int(answer) - 1} if answer.isdecimal() and 0 < int(answer) <= count else set()
    verdict = keys.truth(answer)
    by_truth = {i for i, option in enumerate(question.options) if verdict is not None
                and keys.truth(option.text) is verdict}  # fmt: skip
    chosen = by_text or by_letter or by_truth or by_number
    return frozenset(chosen) if chosen and max(chosen) < count else frozenset()


def _typed(question: Found, warnings: list[str]) -> dict[str, Any]:
    """A question without choices: right or wrong, a number, or words."""
    text = question.text
    asked = marks.TRUTH_ASKED.search(text)
    if asked:
        text = text[: asked.start()]
    said = marks.TRUTH_SAID.search(text)
    if said and question.answer is None:
        question.answer = next(word for word in said.groups() if word)
        text = text[: said.start()]
    answer = question.answer or ""
    verdict = keys.truth(answer)
    if verdict is not None:
        return {"type": "truefalse", "text": text, "right": verdict}
    if (value := _number(answer)) is not None:
        return {"type": "numeric", "text": text, "value": str(value)}
    if answer and not asked:
        warnings.append(_("Câu trả lời bằng chữ: máy chấm đúng khi người học gõ giống đáp án."))
        return {
            "type": "short",
            "text": text,
            "accepts": [a for a in answer.split("|") if a.strip()],
        }
    warnings.append(_("Chưa tìm thấy phương án trả lời hoặc đáp án."))
    return {}


def _number(text: str) -> Decimal | None:
    try:
        return (
            Decimal(text.replace(" ", "").replace(",", ".")) if text[:1] in "-0123456789" else None
        )
    except InvalidOperation:
        return None


def _choices_without_letters(question: Found, order: Sequence[int]) -> None:
    """Plain lines under a question, one of them set off: choices that bear no letter."""
    asks = [i for i, line in enumerate(question.stem) if line.text.rstrip().endswith(("?", ":"))]
    first = asks[0] + 1 if asks else 1
    tail = question.stem[first:]
    if question.answer is not None or not 2 <= len(tail) <= 8:
        return
    kinds = (kind for kind in order if any(not line.is_marked(kind) for line in tail))
    if any(line.is_marked(kind) for kind in kinds for line in tail):
        question.options = [Option(Line(""), line) for line in tail]
        question.stem = question.stem[:first]
