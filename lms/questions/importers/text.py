"""Reads questions out of plain text: pasted from Word, or GIFT in a .txt file."""

import re

from backend.errors import InvalidInput
from backend.i18n import gettext as _
from backend.people import legacy_text
from lms.questions.importers import gift, judge
from lms.questions.importers.draft import Import
from lms.questions.importers.lines import plain

_IS_GIFT = re.compile(r"^\s*::|\{\s*(?:[=~#]|T\b|F\b|TRUE|FALSE)|^\$CATEGORY:", re.MULTILINE)
MOST_LINES = 20_000


def read(data: bytes, name: str = "") -> Import:
    """The questions of a text; GIFT is recognised by its braces."""
    text = legacy_text.decoded(data)
    if _IS_GIFT.search(text):
        return gift.read(data, name)
    lines = text.splitlines()[:MOST_LINES]
    encoding = legacy_text.detect(lines)
    found = judge.drafts(
        plain(legacy_text.mend(line, encoding), where=_("dòng {number}").format(number=number))
        for number, line in enumerate(lines, start=1)
    )
    if not found:
        raise InvalidInput("nothing_found", _("Không thấy câu hỏi nào trong nội dung đã gửi."))
    return Import(tuple(found))
