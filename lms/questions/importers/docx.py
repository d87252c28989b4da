"""Reads questions from .docx files as trainers write them."""

import io
import itertools
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from backend import clock
from backend.errors import InvalidInput, TooLarge
from backend.i18n import gettext as _
from backend.people import legacy_text
from backend.people.legacy_text import Encoding
from lms.questions.importers import archives, judge, keys, numbering, pictures, table
from lms.questions.importers.draft import Import
from lms.questions.importers.layout import Found
from lms.questions.importers.lines import Line, tidy
from lms.questions.importers.styles import Look, Styles, list_of, look_of

SECONDS = 10
MOST_PARAGRAPHS = 20_000
_OLD_WORD = b"\xd0\xcf\x11\xe0"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_VML_PICTURE = "{urn:schemas-microsoft-com:vml}imagedata"
_SKIPPED = frozenset({qn("w:del"), qn("w:moveFrom"), qn("w:pPr"), _FALLBACK})


def read(data: bytes, name: str = "") -> Import:
    """The questions of a Word file; refusals say what to do."""
    if data.startswith(_OLD_WORD):
        raise InvalidInput("doc_old", _(
            "Đây là tệp .doc cũ hoặc tệp có mật khẩu. Xin mở bằng Word, chọn Lưu thành (Save As) → "
            "Word Document (.docx), bỏ mật khẩu nếu có rồi gửi lại. Dùng LibreOffice thì chọn "
            "Tệp → Lưu thành → Word 2007–365 (.docx)."
        ))  # fmt: skip
    if "word/document.xml" not in archives.contents(data):
        raise _unreadable()
    try:
        document = docx.Document(io.BytesIO(data))
        reader = _Reader(document)
        lines, key, tabled = reader.read()
    except (PackageNotFoundError, KeyError, ValueError, SyntaxError, RecursionError) as error:
        raise _unreadable() from error
    found = [*judge.drafts(lines, key=key), *judge.judged(tabled)]
    if not found:
        raise InvalidInput("nothing_found", _(
            "Không thấy câu hỏi nào trong tệp. Mỗi câu nên bắt đầu bằng “Câu 1:”, các phương án "
            "bằng “A.”, “B.”…, rồi đến dòng “Đáp án: B”."
        ))  # fmt: skip
    return Import(tuple(found), reader.pictures, tuple(reader.notes))


class _Reader:
    """Walks through one document."""

    def __init__(self, document: Any) -> None:
        self.part, self.body = document.part, document.element.body
        self.styles = Styles(document.styles.element)
        self.numbering = numbering.read(self._related(RELATION.NUMBERING))
        self.pictures: dict[str, bytes] = {}
        self.notes: list[str] = []
        self._places = itertools.count(1)
        self._ends = clock.stopwatch() + SECONDS
        self._guessed = Encoding.UNICODE

    def _related(self, kind: str) -> Any:
        try:
            return self.part.part_related_by(kind).element
        except KeyError:
            return None

    def read(self) -> tuple[list[Line], keys.Entries, list[Found]]:
        """All lines in their order; what key tables and tables of questions say."""
        self._guessed = self._guess()
        lines: list[Line] = []
        key: keys.Entries = []
        tabled: list[Found] = []
        for block in self._blocks(self.body):
            if block.tag == qn("w:p"):
                lines += self._lines(block)
                continue
            rows = [[list(self._cell(cell)) for cell in row] for row in _rows(block)]
            words = [["\n".join(one.text for one in cell) for cell in row] for row in rows]
            if entries := keys.table_entries(words):
                key += entries
            elif columns := table.columns(words[0] if words else []):
                tabled += table.read(words[1:], columns, lines=rows[1:])
            else:
                lines += _flattened(rows)
        return lines, key, tabled

    def _blocks(self, parent: Any) -> Iterator[Any]:
        """Paragraphs and tables; content controls are looked into."""
        for child in parent:
            if child.tag in (qn("w:p"), qn("w:tbl")):
                yield child
            elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins")):
                yield from self._blocks(child)

    def _cell(self, cell: Any) -> Iterator[Line]:
        for block in self._blocks(cell):
            if block.tag == qn("w:p"):
                yield from self._lines(block)
            else:
                for row in _rows(block):
                    for inner in row:
                        yield from self._cell(inner)

    def _lines(self, paragraph: Any) -> Iterator[Line]:
        """A paragraph, one line for each break in it."""
        place = next(self._places)
        if place > MOST_PARAGRAPHS or clock.stopwatch() > self._ends:
            raise TooLarge("too_long", _("Tệp quá dài. Xin chia thành nhiều tệp nhỏ hơn."))
        properties = paragraph.find(qn("w:pPr"))
        named = None if properties is None else properties.find(qn("w:pStyle"))
        style = self.styles.get(self.styles.normal if named is None else named.get(qn("w:val"), ""))
        list_id, level = list_of(properties)
        if not list_id:
            list_id, level = style.list_id, style.level
        base = style.look.over(self.styles.default)
        pieces = list(self._pieces(paragraph, base))
        has_words = any(text.strip() or picture for text, _look, picture in pieces)
        label, kind = self.numbering.label(list_id, level) if list_id and has_words else ("", "")
        where = _("đoạn {number}").format(number=place)
        for number, one in enumerate(_broken(pieces)):
            text, marks, shown = self._joined(one)
            start = len(text) - len(text.lstrip())
            end = max(len(text.rstrip()), start)
            first = number == 0
            yield Line(
                text[start:end], marks[start:end], label if first else "", kind if first else "",
                level, shown, where,
            )  # fmt: skip

    def _pieces(self, paragraph: Any, base: Look) -> Iterator[tuple[str, Look, str]]:
        """Letters with their look, or the name of a picture."""
        for run in _runs(paragraph):
            if run.tag == _MATH_TEXT:
                yield run.text or "", base, ""
                continue
            properties = run.find(qn("w:rPr"))
            named = None if properties is None else properties.find(qn("w:rStyle"))
            look = (
                base
                if named is None
                else self.styles.get(named.get(qn("w:val"), "")).look.over(base)
            )
            look = look_of(properties).over(look)
            for child in run.iter():
                yield from self._piece(child, look)

    def _piece(self, child: Any, look: Look) -> Iterator[tuple[str, Look, str]]:
        if child.tag == qn("w:t"):
            yield child.text or "", look, ""
        elif child.tag == qn("w:tab"):
            yield "\t", look, ""
        elif child.tag in (qn("w:br"), qn("w:cr")):
            yield "\n", look, ""
        elif child.tag == qn("w:noBreakHyphen"):
            yield "-", look, ""
        elif child.tag in (qn("a:blip"), _VML_PICTURE):
            relation = child.get(qn("r:embed")) or child.get(qn("r:id")) or ""
            if name := self._picture(relation):
                yield "", look, name

    def _picture(self, relation: str) -> str:
        part = self.part.related_parts.get(relation)
        blob: bytes = getattr(part, "blob", b"")
        suffix = pictures.suffix(blob)
        if not suffix:
            if blob and len(self.notes) < 1:
                self.notes.append(_(
                    "Có hình kiểu EMF/WMF mà trình duyệt không hiện được: xin chụp lại thành PNG "
                    "rồi dán vào Word."
                ))  # fmt: skip
            return ""
        name = f"{pictures.digest(blob)}{suffix}"
        self.pictures[name] = blob
        return name

    def _joined(self, pieces: list[tuple[str, Look, str]]) -> tuple[str, bytes, tuple[str, ...]]:
        """One line's letters as Unicode, with a mark each; neighbours of one look stay together."""
        text, marks = "", bytearray()
        shown = tuple(picture for _text, _look, picture in pieces if picture)
        words = [(one, look) for one, look, picture in pieces if not picture]
        for look_key, group in itertools.groupby(
            words, key=lambda p: (p[1].encoding, p[1].is_capital, p[1].marks)
        ):
            encoding, is_capital, mark = look_key
            part = self._unicode("".join(one for one, _look in group), encoding)
            part = tidy(part.upper() if is_capital else part)
            text += part
            marks += bytes([mark]) * len(part)
        return text, bytes(marks), shown

    def _unicode(self, text: str, encoding: Encoding) -> str:
        if encoding is not Encoding.UNICODE and legacy_text.could_be_legacy(text):
            return legacy_text.convert(text, encoding)
        return legacy_text.mend(text, self._guessed)

    def _guess(self) -> Encoding:
        """How letters are stored where fonts do not say so (the font was changed afterwards)."""
        return legacy_text.detect(
            "".join(one.text or "" for one in paragraph.iter(qn("w:t")))
            for paragraph in itertools.islice(self.body.iter(qn("w:p")), 2_000)
        )


def _runs(parent: Any) -> Iterator[Any]:
    """Runs of a paragraph in their order, also those inserted or linked; not the deleted ones."""
    for child in parent:
        if child.tag == qn("w:r") or child.tag == _MATH_TEXT:
            yield child
        elif child.tag not in _SKIPPED and isinstance(child.tag, str):
            yield from _runs(child)


def _broken(pieces: list[tuple[str, Look, str]]) -> Iterator[list[tuple[str, Look, str]]]:
    line: list[tuple[str, Look, str]] = []
    for piece in pieces:
        if piece[0] == "\n":
            yield line
            line = []
        else:
            line.append(piece)
    yield line


def _rows(grid: Any) -> list[list[Any]]:
    return [row.findall(qn("w:tc")) for row in grid.findall(qn("w:tr"))]


def _flattened(rows: list[list[list[Line]]]) -> Iterator[Line]:
    """Cells one after the other; “A” in a cell of its own goes with the cell behind it."""
    for row in rows:
        head = ""
        for cell in row:
            for line in cell:
                text = line.text.strip(" .)")
                if len(text) == 1 and text in "ABCDEFabcdef" and len(cell) == 1:
                    head = f"{text}. "
                    continue
                yield _headed(line, head)
                head = ""


def _headed(line: Line, head: str) -> Line:
    if not head:
        return line
    marks = bytes(len(head)) + line.marks
    return Line(head + line.text, marks, pictures=line.pictures, where=line.where)


def _unreadable() -> InvalidInput:
    return InvalidInput("docx_unreadable", _(
        "Tệp không phải Word (.docx) hợp lệ. Xin mở bằng Word, lưu lại thành .docx rồi gửi."
    ))  # fmt: skip
