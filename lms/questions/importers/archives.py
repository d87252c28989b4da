"""Zips that somebody sent (.docx, .xlsx and courses are zips), measured before anything opens them.

A few kilobytes can stand for gigabytes, a name can point outside of the folder, an entry can be a
link. All of it is refused here, for every importer alike.
"""

import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from backend.errors import InvalidInput, TooLarge
from backend.i18n import gettext as _

MOST_MEMBERS = 2_000
MOST_BYTES = 48 * 1024 * 1024
MOST_RATIO = 200  # Word's XML seldom shrinks to less than a hundredth
# What `zipfile` raises at what is broken; RuntimeError: with a password, or packed unknowably.
NOT_A_ZIP = (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError)
_SMALL = 1024 * 1024  # a small file may shrink as it likes
_CHUNK = 64 * 1024


def contents(data: bytes, *, most: int = MOST_BYTES) -> Mapping[str, bytes]:
    """Every file of a zip by its name; refused as a whole when anything about it is unsafe."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as box:
            members = [member for member in box.infolist() if not member.is_dir()]
            if len(members) > MOST_MEMBERS:
                raise _too_large()
            found: dict[str, bytes] = {}
            left = most
            for member in members:
                name = _safe_name(member)
                if name in found:
                    raise _unsafe()
                found[name] = _unpacked(box, member, left)
                left -= len(found[name])
            return found
    except NOT_A_ZIP as error:
        raise _broken() from error


def _safe_name(member: zipfile.ZipInfo) -> str:
    """The name, if it stays where it is put: not absolute, not upwards, not a link."""
    name = member.filename
    parts = PurePosixPath(name).parts
    is_inside = parts and not name.startswith("/") and ".." not in parts
    if not is_inside or "\\" in name or ":" in name or "\0" in name:
        raise _unsafe()
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or member.flag_bits & 1:
        raise _unsafe()
    return PurePosixPath(*parts).as_posix()


def _unpacked(box: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> bytes:
    """One file, read piece by piece: what its header says about its size is believed by nobody."""
    pieces, size = [], 0
    with box.open(member) as file:
        while piece := file.read(_CHUNK):
            size += len(piece)
            is_bomb = size > _SMALL and size > MOST_RATIO * max(member.compress_size, 1)
            if size > left or is_bomb:
                raise _too_large()
            pieces.append(piece)
    return b"".join(pieces)


def _too_large() -> TooLarge:
    return TooLarge(
        "archive_too_large",
        _("Tệp nén chứa quá nhiều dữ liệu. Xin bỏ bớt hình, hoặc chia thành nhiều tệp."),
    )


def _unsafe() -> InvalidInput:
    return InvalidInput("archive_unsafe", _("Tệp nén có tên tệp không an toàn nên không được mở."))


def _broken() -> InvalidInput:
    return InvalidInput(
        "archive_broken", _("Tệp bị hỏng hoặc có mật khẩu. Xin mở ra, lưu lại rồi gửi lại.")
    )
