"""A form with a photo, read into memory: nothing of it ever touches a disk."""

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from backend.errors import InvalidInput
from backend.i18n import gettext as _
from bot import photos

MOST_BODY = photos.MOST_BYTES + 64 * 1024  # the form around the photo
FIELD = "anh"


async def form_of(request: Request) -> FormData:
    """The form, with or without a photo."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.form(max_files=0, max_fields=20)
    parser = MultiPartParser(request.headers, request.stream(), max_files=1, max_fields=20)
    parser.spool_max_size = MOST_BODY  # from here on it would write a file
    try:
        return await parser.parse()
    except (MultiPartException, KeyError) as error:
        raise InvalidInput("unreadable_form", _("Không đọc được nội dung vừa gửi.")) from error


async def photo_in(form: FormData, field: str = FIELD) -> bytes | None:
    """The photo, taken out; None where none was chosen: a file without a name is sent then."""
    file = form.get(field)
    photo = await file.read() if isinstance(file, UploadFile) and file.filename else None
    await form.close()
    return photo
