"""Files of lessons: known by what is in them, never by their names or what the sender says."""

import re

from backend.errors import InvalidInput, TooLarge
from backend.i18n import gettext as _
from lms.questions.importers import pictures
from nlu.text import fold

MOST_BYTES = {".pdf": 10 * 1024 * 1024, ".mp4": 60 * 1024 * 1024}
MOST_PICTURE = 3 * 1024 * 1024


def checked(data: bytes, name: str) -> str:
    """The name to store it under; anything but pictures and PDF is refused."""
    ending = pictures.suffix(data) or (".pdf" if data.startswith(b"%PDF-") else "")
    if not ending:
        raise InvalidInput("bad_file", _("Chỉ nhận hình PNG, JPEG, WebP, GIF và tài liệu PDF."))
    if len(data) > MOST_BYTES.get(ending, MOST_PICTURE):
        raise TooLarge("file_too_large", _("Tệp quá lớn. Xin giảm kích thước rồi gửi lại."))
    stem = re.sub(r"[^a-z0-9]+", "-", fold(name.rpartition("/")[2].rpartition(".")[0])).strip("-")
    folder = "tai-lieu" if ending == ".pdf" else "img"
    return f"{folder}/{(stem or 'tep')[:60]}{ending}"
