"""Names of offices that no longer exist, so that nobody is ever sent to one.

Since 1 July 2025 a province has two levels, itself and its communes; several departments were
merged earlier in the same year. Published texts still name the old offices. Importers use
`abolished_bodies` to report such records, replies to refuse such a sentence, and tests to keep
our own catalogue clean. Ministries are left out: their names live on in the titles of laws.
"""

import re
import unicodedata
from typing import NamedTuple


class _Abolished(NamedTuple):
    pattern: str
    reason: str


_DISTRICT = r"(?:huyện|quận|thị xã)"
_LOCAL_OFFICE = (
    r"(?:ubnd|[uủ][ỷy] ban nhân dân|hđnd|hội đồng nhân dân|công an|bhxh|bảo hiểm xã hội"
    r"|t[oò][àa] án(?: nhân dân)?|viện kiểm sát(?: nhân dân)?|kho bạc(?: nhà nước)?"
    r"|chi cục thuế|chi cục thi hành án(?: dân sự)?|ban chỉ huy quân sự|trung tâm y tế"
    r"|văn phòng đăng ký đất đai)"
)

_TABLE = (
    _Abolished(
        rf"(?:{_LOCAL_OFFICE} )?cấp {_DISTRICT}",
        "there is no district level since 1 July 2025: the commune or the province took over",
    ),
    _Abolished(
        rf"{_LOCAL_OFFICE}(?: các)? {_DISTRICT}",
        "the office of a district, closed with the level",
    ),
    _Abolished(
        r"(?:ubnd|[uủ][ỷy] ban nhân dân|công an) thị trấn",
        "townships became communes or wards on 1 July 2025",
    ),
    _Abolished(
        r"(?:ubnd|[uủ][ỷy] ban nhân dân|công an) thành phố (?:thuộc|trực thuộc) tỉnh",
        "cities under a province were districts by another name",
    ),
    _Abolished(
        r"phòng (?:tư pháp|nội vụ|tài nguyên(?: và |[ -]*)môi trường|tn ?& ?mt"
        r"|lao động|lđ ?-? ?tb ?(?:và|&)? ?xh|giáo dục(?: và |[ -]*)đào tạo|gd ?& ?đt"
        r"|tài chính(?: và | ?- ?)kế hoạch|kinh tế và hạ tầng|quản lý đô thị"
        r"|văn hóa(?: và |[ -]*)thông tin|nông nghiệp và)",
        "a division of the district committee; the commune's own divisions replace it",
    ),
    _Abolished(
        r"sở (?:lao động|lđ ?-? ?tb ?(?:và|&)? ?xh)",
        "split between Home Affairs, Health, and Education on 1 March 2025",
    ),
    _Abolished(
        r"sở (?:thông tin(?: và |[ &-]*)truyền thông|tt ?(?:và|&) ?tt)",
        "merged into Science and Technology on 1 March 2025",
    ),
    _Abolished(
        r"sở (?:kế hoạch(?: và |[ &-]*)đầu tư|kh ?(?:và|&) ?đt)",
        "merged into Finance on 1 March 2025",
    ),
    _Abolished(
        r"sở (?:giao thông|gtvt)",
        "merged into Construction on 1 March 2025",
    ),
    _Abolished(
        r"sở (?:tài nguyên(?: và |[ &-]*)môi trường|tn ?(?:và|&) ?mt"
        r"|nông nghiệp(?: và |[ &-]*)phát triển|nn ?(?:và|&) ?ptnt)",
        "merged into Agriculture and Environment on 1 March 2025",
    ),
    _Abolished(
        r"chi cục thuế khu vực|cục thuế (?:các )?(?:tỉnh|thành phố)",
        "since 1 July 2025: the province's tax office and its local tax offices",
    ),
)

# "UBND cấp huyện trước đây" speaks of the past, for example of who once issued an old paper.
_SPEAKS_OF_THE_PAST = r"(?!\w)(?! *\(?(?:trước đây|trước kia|cũ)(?!\w))"
_ANY = re.compile(
    r"(?<!\w)(?:" + "|".join(f"(?:{row.pattern})" for row in _TABLE) + ")" + _SPEAKS_OF_THE_PAST,
    re.IGNORECASE,
)
_SPACES = re.compile(r"[\s\u2013\u2014-]*[\u2013\u2014][\s\u2013\u2014-]*|\s+")


def abolished_bodies(text: str) -> list[str]:
    """The abolished offices that `text` names, in order, each once, as written there.

    Composed and decomposed letters, "Uỷ/Ủy", "Toà/Tòa", dashes and line breaks do not matter.
    A name followed by "trước đây" or "cũ" is history, not a direction, and is not reported.
    """
    plain = _SPACES.sub(_one_space, unicodedata.normalize("NFC", text))
    return list(dict.fromkeys(match[0] for match in _ANY.finditer(plain)))


def _one_space(match: re.Match[str]) -> str:
    return " " if match[0].isspace() else " - "
