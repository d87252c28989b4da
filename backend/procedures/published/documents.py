"""Read the papers of a dossier: what to hand in, what to show, what is only advice.

A group's heading is a case only if it names a situation. "Giấy tờ phải nộp", "phải xuất trình",
"lưu ý", "thành phần hồ sơ" say how to use the papers below, and a heading that only repeats the
procedure's name says nothing. Sources do not keep the order of rows, so a heading that stands
among the rows is never applied to the rows after it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from backend.procedures.published.text import (
    LOWER,
    UPPER,
    capitalised,
    one_line,
    tidy,
    without_bullet,
    without_tail,
)
from backend.procedures.record import Case, Document, DocumentUse, Form

MOST_COPIES = 20

_NOTE = re.compile(r"^\W*(?:lưu ý|chú ý|ghi chú|ví dụ|số lượng(?: hồ sơ)?\s*:)", re.IGNORECASE)
_SHOW = re.compile(r"xuất trình", re.IGNORECASE)
_SITUATION = re.compile(
    r"^(?:\W|\w{1,2}\))*(?:trường hợp|đối với|nếu|khi |hồ sơ (?:đối với|của|trong))"
    r"|trường hợp|đối với",
    re.IGNORECASE,
)
_USE_ONLY = re.compile(
    r"^(?:các )?(?:loại )?(?:giấy tờ|hồ sơ|tài liệu|thành phần(?:,? số lượng)?(?: hồ sơ)?"
    r"|mẫu đơn,? tờ khai|biểu mẫu|bao gồm|gồm|nộp|theo quy định)\b",
    re.IGNORECASE,
)
_LIST_TAIL = re.compile(
    r"[,;]?\s*(?:kèm theo hồ sơ[^,;]* phải có|thì (?:hồ sơ|khi|cần)[^,;]*(?:,[^,;]* phải nộp)?"
    r"|(?:(?:thì )?(?:thành phần )?hồ sơ\s*)?(?:(?:bao )?gồm(?: có)?|cụ thể|như sau|sau đây"
    r"|gồm các(?: loại)? (?:giấy tờ|văn bản|tài liệu)(?: sau(?: đây)?)?))\s*[:.]?\s*$",
    re.IGNORECASE,
)
_EMPTY_WORDS = frozenset(
    re.findall(
        r"\w+",
        "hồ sơ thành phần giấy tờ thủ tục đề nghị số lượng bao gồm các loại tài liệu của theo quy"
        " định phải nộp và có như sau đây cụ thể về việc bộ một 01 1 cần",
    )
)
_ADVICE = re.compile(
    r"chịu trách nhiệm|không phải nộp|không cần nộp|được tạo lập|là biểu mẫu điện tử|không bao gồm"
    r"|thực hiện theo quy định tại|có quyền lựa chọn|khai thác, sử dụng được|khai thác được",
    re.IGNORECASE,
)
_PAPER = re.compile(
    r"^(?:\d{1,2} )?(?:(?:các|một trong các|một trong những) )?(?:bản|đơn|tờ|giấy|văn bản|báo cáo"
    r"|hợp đồng|hóa đơn|hoá đơn|chứng từ|vận đơn|quyết định|danh (?:sách|mục)|phiếu|thẻ|sổ|ảnh"
    r"|hộ chiếu|căn cước|biên bản|công văn|sơ yếu|lý lịch|bằng|chứng chỉ|bảng|mẫu|thông báo|hồ sơ"
    r"|phương án|đề án|điều lệ|nghị quyết|tài liệu|thuyết minh|sơ đồ|kế hoạch|di chúc|trích lục)"
    r"(?=\s)",
    re.IGNORECASE,
)
_RULE = re.compile(
    r"^(?:các )?giấy tờ (?:phải|cần|gửi)"
    r"|\b(?:thì|không được|có trách nhiệm|phải được|được sử dụng|từ chối|trường hợp)\b"
)
# Rows that only introduce or count others: they say nothing once the papers are sorted.
_BARE_HEADING = re.compile(
    r"^(?:(?:các )?giấy tờ|đối với (?:giấy tờ|việc)|thành phần|nộp)[^.;]{0,120}:$"
    r"|^(?:các )?giấy tờ (?:phải|cần) (?:nộp|xuất trình)$|^số lượng|^không quy định$",
    re.IGNORECASE,
)
# What is left over where a row was cut: "hoặc", "(nếu có)", ";".
_NO_PAPER = re.compile(
    r"^\W*(?:hoặc|và|có|nếu có|không(?: có)?|nộp|gồm|bao gồm|trong đó|\w)?\W*$", re.IGNORECASE
)
_EXPECTS_A_NUMBER = re.compile(
    r"(?:số|mẫu|năm|nghị định|thông tư|khoản|điều|điểm|bước|phụ lục|mục)$", re.IGNORECASE
)
# "…theo Mẫu;Mẫu đơn đề nghị.docx": where a file's name was glued to the paper's.
_FILE_BEGINS = re.compile(
    rf"(?<=[{LOWER};:)])\.?(?=[{UPPER}0-9])(?!\d\b(?!\.\S))|(?<=[{UPPER}]\.)(?=[{UPPER}])"
    rf"|(?<=-)[A-ZĐ]{{2,8}}(?=[{UPPER}][{LOWER}]|[mM]ẫu|[pP]hụ lục)"
    rf"|(?<=[{LOWER}\d.;)])(?=(?:mẫu|mau|phụ lục|phu luc) ?(?:số|so|\d))"
)
_LONGEST_FILE = 110
_SHORTEST_FILE = "a.doc"
_FILE = re.compile(r"\.(?:docx?|pdf|xlsx?|rar|zip|jpe?g|png|dot|rtf)$", re.IGNORECASE)


@dataclass(frozen=True)
class PublishedPaper:
    """One row as a source gives it."""

    name: str
    originals: int | None = None
    copies: int | None = None
    form: str = ""
    form_url: str = ""
    substitute: str = ""


@dataclass(frozen=True)
class PublishedGroup:
    """Rows under one heading."""

    heading: str
    papers: list[PublishedPaper] = field(default_factory=list)


class Papers(NamedTuple):
    """The real cases, and the papers that refer to them by key."""

    cases: tuple[Case, ...]
    documents: tuple[Document, ...]


def read_papers(groups: Iterable[PublishedGroup], procedure: str) -> Papers:
    """Sort the rows of all groups into papers to hand in, to show, and notes."""
    cases: dict[str, Case] = {}
    documents: list[Document] = []
    for group in groups:
        heading = without_tail(without_bullet(one_line(group.heading)))
        use = _use_of(heading)
        key = None
        if use is None:
            use = DocumentUse.HAND_IN
            name = _case_name(heading, procedure)
            if len(heading) > 250 or _ADVICE.search(heading):
                documents.append(Document(use=DocumentUse.NOTE, name=heading))
            elif name:
                key = cases.setdefault(name, Case(key=f"c{len(cases) + 1}", name=name)).key
        documents.extend(_documents(group.papers, use, key))
    return Papers(tuple(cases.values()), tuple(dict.fromkeys(documents)))


def _use_of(heading: str) -> DocumentUse | None:
    """How a heading says to use what follows; None where it may name a situation."""
    if _NOTE.match(heading):
        return DocumentUse.NOTE
    if _SITUATION.search(heading):
        return None
    if _SHOW.search(heading) and not re.search(r"\b(?:nộp|gửi)\b", heading, re.IGNORECASE):
        return DocumentUse.SHOW
    if re.match(r"^(?:các )?giấy tờ phải xuất trình", heading, re.IGNORECASE):
        return DocumentUse.SHOW
    if re.match(r"^(?:các )?(?:giấy tờ|tài liệu|hồ sơ) (?:phải |cần )?nộp", heading, re.IGNORECASE):
        return DocumentUse.HAND_IN
    return None


def _case_name(heading: str, procedure: str) -> str:
    """The situation a heading names; empty where it only introduces the list."""
    name = heading
    while (shorter := without_tail(_LIST_TAIL.sub("", name))) != name:
        name = shorter
    said = set(re.findall(r"\w+", name.lower())) - _EMPTY_WORDS
    if not said - set(re.findall(r"\w+", procedure.lower())):
        return ""
    if _USE_ONLY.match(name) and not _SITUATION.search(name) and len(said) < 3:
        return ""
    return capitalised(name)


def _documents(papers: list[PublishedPaper], use: DocumentUse, case: str | None) -> list[Document]:
    read = (_document(paper, use, case) for paper in papers)
    return [document for document in read if document is not None]


def _document(paper: PublishedPaper, use: DocumentUse, case: str | None) -> Document | None:
    published, form = _split_form(tidy(paper.name).replace("\n", " "), paper)
    published, originals = _mend_count(published, paper.originals)
    line = one_line(published)
    name = without_tail(without_bullet(line))
    if _NO_PAPER.match(name):
        return None
    counted = bool(originals or paper.copies) or paper.originals is None
    use = _row_use(name, line, use, counted=counted)
    if use is DocumentUse.NOTE and not counted and _BARE_HEADING.match(without_bullet(line)):
        return None
    is_paper = use is not DocumentUse.NOTE
    return Document(
        case=case,
        use=use,
        name=name,
        originals=_count(originals) if is_paper and counted else None,
        copies=_count(paper.copies) if is_paper and counted else None,
        digital_substitute=paper.substitute,
        form=form,
    )


def _row_use(name: str, published: str, group: DocumentUse, *, counted: bool) -> DocumentUse:
    if group is DocumentUse.NOTE or _NOTE.match(published):
        return DocumentUse.NOTE
    if not counted and not _names_a_paper(name, published):
        return DocumentUse.NOTE
    if re.match(r"^xuất trình", name, re.IGNORECASE) or "(xuất trình)" in name.lower():
        return DocumentUse.SHOW
    return group


def _names_a_paper(name: str, published: str) -> bool:
    """Whether a row without any count still is a paper and not a rule or a heading."""
    return (
        bool(_PAPER.match(name)) and not published.endswith(":") and not _RULE.search(name.lower())
    )


def _count(number: int | None) -> int | None:
    return number if number is not None and number <= MOST_COPIES else None


def _mend_count(name: str, originals: int | None) -> tuple[str, int | None]:
    """Give a name back the digits that a crawler took for copies ("ngày 01/01/" with 20261).

    How many originals there are stays open: the source's own number was never seen whole.
    """
    if originals is None or originals < 10:
        return name, originals
    if name.endswith("/"):
        return f"{name}{str(originals)[:-1]}", None
    if _EXPECTS_A_NUMBER.search(name):
        return f"{name} {str(originals)[:-1]}", None
    return name, originals


def _split_form(name: str, paper: PublishedPaper) -> tuple[str, Form | None]:
    """The paper's name and its form, whose file name may be glued to the end of it."""
    form = one_line(paper.form)
    if not form:
        return name, None
    if paper.form_url:
        return name, Form(name=form, url=paper.form_url)
    whole = f"{name}{' ' if paper.name[-1:].isspace() else ''}{form}"
    for match in _FILE_BEGINS.finditer(whole, 0, len(whole) - len(_SHORTEST_FILE)):
        start = match.end()
        if len(whole) - start <= _LONGEST_FILE:
            return whole[:start].rstrip("."), Form(name=_FILE.sub("", whole[start:]).strip())
    if form[0].isupper():
        return name, Form(name=_FILE.sub("", form))
    return _FILE.sub("", whole), None
