"""Files of lessons: known by what is in them, never by their names or what the sender says."""

import re

from backend.errors import InvalidInput, TooLarge
from backend.i18n import gettext as _
from lms.questions.importers import pictures
from nlu.text import fold

MOST_BYTES = {".pdf": 10 * 1024 * 1024, ".mp4": 60 * 1024 * 1024}
FOLDERS = {".pdf": "tai-lieu", ".mp4": "video", ".vtt": "video"}
MOST_PICTURE = 3 * 1024 * 1024


def checked(data: bytes, name: str) -> str:
    """The name to store it under; anything but pictures, PDF, MP4 and captions is refused."""
    ending = pictures.suffix(data) or _suffix(data)
    if not ending:
        message = _("Chỉ nhận hình PNG, JPEG, WebP, GIF, tài liệu PDF, video MP4 và phụ đề VTT.")
        raise InvalidInput("bad_file", message)
    if len(data) > MOST_BYTES.get(ending, MOST_PICTURE):
        raise TooLarge("file_too_large", _("Tệp quá lớn. Xin giảm kích thước rồi gửi lại."))
    stem = re.sub(r"[^a-z0-9]+", "-", fold(name.rpartition("/")[2].rpartition(".")[0])).strip("-")
    return f"{FOLDERS.get(ending, 'img')}/{(stem or 'tep')[:60]}{ending}"


def _suffix(data: bytes) -> str:
    if data.startswith(b"%PDF-"):
        return ".pdf"
    if data[4:8] == b"ftyp":
        return ".mp4"
    return ".vtt" if _is_captions(data) else ""


def _is_captions(data: bytes) -> bool:
    """WebVTT, in UTF-8 as its rules ask."""
    try:
        return data.decode("utf-8-sig").startswith("WEBVTT")
    except UnicodeDecodeError:
        return False
