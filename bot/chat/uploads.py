"""A form with a photo, read into memory: nothing of it ever touches a disk.

A photo that is too large is read past, not kept: what was typed comes after it in the form, and
must come back in its box.
"""

from collections.abc import AsyncGenerator, AsyncIterator

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser

from backend.errors import InvalidInput, TooLarge
from backend.i18n import gettext as _
from backend.middleware import MAX_BODY
from bot import photos

FORM = 64 * 1024  # what is around the photo
MOST_BODY = photos.MOST_BYTES + FORM
MOST_READ = 32 * 1024 * 1024  # of a page's form: what telephones make of one photo, and to spare
FIELD = "anh"


class _Parser(MultiPartParser):
    """Keeps one byte more of a photo than may be, so that whoever looks sees that it is."""

    spool_max_size = MOST_BODY  # from here on it would write a file
    room = photos.MOST_BYTES + 1  # there is one file at most

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is not None:
            end = min(end, start + self.room)
            self.room -= end - start
        if start < end:
            super().on_part_data(data, start, end)


async def form_of(request: Request) -> FormData:
    """The form, with or without a photo."""
    headers, stream = request.headers, request.stream()
    parser: FormParser | _Parser
    if headers.get("content-type", "").startswith("multipart/form-data"):
        parser = _Parser(headers, stream, max_files=1, max_fields=20)
    else:
        parser = FormParser(headers, _of_words(stream), max_fields=20)
    try:
        return await parser.parse()
    except (MultiPartException, KeyError) as error:
        raise InvalidInput("unreadable_form", _("Không đọc được nội dung vừa gửi.")) from error


async def _of_words(stream: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """A form without a photo is let in as short as any other."""
    size = 0
    async for chunk in stream:
        size += len(chunk)
        if size > MAX_BODY:
            raise TooLarge("too_large", _("Nội dung gửi lên quá lớn."))
        yield chunk


async def photo_in(form: FormData, field: str = FIELD) -> bytes | None:
    """The photo, taken out; None where none was chosen: a file without a name is sent then."""
    file = form.get(field)
    photo = await file.read() if isinstance(file, UploadFile) and file.filename else None
    await form.close()
    return photo
