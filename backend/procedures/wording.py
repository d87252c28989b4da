"""Records as citizens may see them: nobody is sent to an office that no longer exists.

Stored records keep what was published. When one is read, the name of an abolished office is
replaced wherever it stands in a field that tells somebody what to do:

* where a dossier is handed in to a district committee, one of its divisions or a department, and
  where the office was a desk that received dossiers, by the Public Administration Service Centre,
  which receives them since 1 July 2025 (NĐ 118/2025/NĐ-CP);
* anywhere else (who decides, who once issued a paper; police, army, courts, tax, insurance) by
  "the competent authority": which one took over differs between procedures, and we do not guess.

Names of procedures and the published remark in `sources` stay as they are; the title of a legal
text that names such an office is left out, its number says which text it is.
"""

import json
import re
import unicodedata

from backend.procedures.abolished import abolished_bodies
from backend.procedures.phrases import phrase
from backend.procedures.published.text import capitalised
from backend.procedures.record import Channel, Deadline, Document, Fee, LegalBasis, Record, Step

# Every name that `abolished_bodies` knows has one of these in it. Looking for plain words is fifty
# times faster, and most records have none.
_HINTS = (
    *("huyện", "quận", "thị xã", "thị trấn", "thuộc tỉnh", "cục thuế"),
    *("phòng tư", "phòng nội", "phòng tài", "phòng tn", "phòng lao", "phòng lđ", "phòng giáo"),
    *("phòng gd", "phòng kinh", "phòng quản", "phòng văn", "phòng nông"),
    *("sở lao", "sở lđ", "sở thông", "sở tt", "sở kế", "sở kh", "sở giao", "sở gt", "sở tn"),
    *("sở tài nguyên", "sở nn", "sở nông nghiệp và phát", "sở nông nghiệp phát"),
    *("sở nông nghiệp -", "sở nông nghiệp &", "sở nông nghiệp –"),
)
_DESK = (
    r"(?:bộ phận (?:một cửa|tiếp nhận (?:và )?trả kết quả[^,.;]{0,30}?)|trung tâm hành chính công)"
    r"\s*(?:-|–|,|thuộc|của|tại)?\s*"
)
_HANDED_IN = r"(?:\bnộp|\bgửi (?:hồ sơ|đơn))[^.;\n]{0,60}?\b(?:tại|đến|tới|về|qua|cho|ở)\s+"
_RECEIVED_DOSSIERS = re.compile(r"(?:ubnd|ủy ban|uỷ ban|phòng|sở)\b", re.IGNORECASE)
# What belongs to a name but is not part of what `abolished_bodies` reports.
_BEFORE = r"(?:(?:phó )?(?:chủ tịch|trưởng|giám đốc|lãnh đạo|thủ trưởng)\s+)?"
_BEFORE_LEVEL = (
    r"(?:(?:các )?(?:cơ quan|ban|hội đồng|chi cục|trung tâm|viện|hội|ngân hàng|ông an)\b"
    r"(?:(?!\b(?:của|do|và|có|là|để|theo|tại|đến|về|cho)\b)[^.,;:()\n]){0,40}?\s)?"
)
_AFTER = (
    r"(?:(?:[\s–-]+thương binh(?: và|,| &)? xã hội| vận tải| công chánh| nông thôn"
    r"| phát triển nông thôn| ptnt)\b)?"
    r"(?:,? (?:quận|huyện|thị xã|thị trấn|thành phố)(?: (?:trực )?thuộc (?:tỉnh|trung ương))?\b)*"
)
_BEGINS = re.compile(r"(?:^|[.\n]\s*|^[+*-]+\s*|\n[+*-]+\s*)$")


def for_citizens(text: str) -> str:
    """The text without abolished offices."""
    if not may_name_abolished(text):
        return text
    text = unicodedata.normalize("NFC", text)
    for body in sorted(abolished_bodies(text), key=len, reverse=True):
        whole = _whole_name(body)
        text = _replaced(text, f"(){_DESK}{whole}", phrase("centre"))
        if _RECEIVED_DOSSIERS.match(body):
            text = _replaced(text, f"({_HANDED_IN}){whole}", phrase("centre"))
        text = _replaced(text, f"(){_BEFORE}{whole}", phrase("competent_authority"))
    return _once(text)


def _whole_name(body: str) -> str:
    name = r"[\s\u2013\u2014-]+".join(map(re.escape, re.split(r"[\s–-]+", body)))
    before = _BEFORE_LEVEL if body.lower().startswith("cấp ") else ""
    return rf"{before}(?<!\w){name}(?!\w){_AFTER}"


def _replaced(text: str, pattern: str, name: str) -> str:
    def put(match: re.Match[str]) -> str:
        begins = not match[1] and _BEGINS.search(text[: match.start()])
        return match[1] + (capitalised(name) if begins else name)

    return re.sub(pattern, put, text, flags=re.IGNORECASE)


def abolished_remark(published: object) -> str:
    """What a source's note says where its text names such offices; nothing where it does not."""
    text = json.dumps(published, ensure_ascii=False)
    bodies = abolished_bodies(text) if may_name_abolished(text) else []
    return phrase("abolished_named", bodies=", ".join(bodies)) if bodies else ""


def presentable(record: Record) -> Record:
    """The record with every field that is shown put right."""
    return record.model_copy(
        update={
            "agencies": tuple(a for a in record.agencies if not abolished_bodies(a.name)),
            "receiving": _place(record.receiving),
            "summary": for_citizens(record.summary),
            "cases": tuple(
                case.model_copy(update={"name": for_citizens(case.name)}) for case in record.cases
            ),
            "documents": tuple(map(_document, record.documents)),
            "channels": tuple(map(_channel, record.channels)),
            "deadlines": tuple(map(_deadline, record.deadlines)),
            "fees": tuple(map(_fee, record.fees)),
            "steps": tuple(map(_step, record.steps)),
            "conditions": tuple(map(for_citizens, record.conditions)),
            "results": tuple(map(for_citizens, record.results)),
            "legal_basis": tuple(map(_law, record.legal_basis)),
        }
    )


def may_name_abolished(text: str) -> bool:
    """Whether a text, or a stored record as JSON, is worth a closer look."""
    plain = text.lower().replace("\\n", " ").replace("\n", " ")
    return any(hint in plain for hint in _HINTS)


def _place(text: str) -> str:
    """A place of receipt: whatever office it named, dossiers go to the centre."""
    shown = for_citizens(text)
    authority = phrase("competent_authority")
    return re.sub(authority, phrase("centre"), shown, flags=re.IGNORECASE)


def _document(document: Document) -> Document:
    return document.model_copy(update={"name": for_citizens(document.name)})


def _channel(channel: Channel) -> Channel:
    return channel.model_copy(update={"note": for_citizens(channel.note)})


def _deadline(deadline: Deadline) -> Deadline:
    return deadline.model_copy(update={"text": for_citizens(deadline.text)})


def _fee(fee: Fee) -> Fee:
    return fee.model_copy(
        update={"text": for_citizens(fee.text), "exemptions": for_citizens(fee.exemptions)}
    )


def _step(step: Step) -> Step:
    return step.model_copy(update={"text": for_citizens(step.text)})


def _law(law: LegalBasis) -> LegalBasis:
    if not may_name_abolished(law.title) or not abolished_bodies(law.title):
        return law
    return law.model_copy(update={"title": "" if law.code else for_citizens(law.title)})


def _once(text: str) -> str:
    """Two offices that became one are named once ("cơ quan A, cơ quan A")."""
    for name in (phrase("centre"), phrase("competent_authority")):
        again = rf"({re.escape(name)})(?:\s*(?:,|và|hoặc|/)\s*{re.escape(name)})+"
        text = re.sub(again, r"\1", text, flags=re.IGNORECASE)
    return text
