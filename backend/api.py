"""The JSON edge: one error shape, `{"error": {"code", "message", "fields"}}`, for every refusal."""

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from backend.errors import AppError, InvalidInput
from backend.i18n import gettext as _


def is_api(request: Request) -> bool:
    """Whether a program, not a person, is asking."""
    return request.url.path.startswith(("/api/", "/webhooks/"))


def error(failure: AppError) -> JSONResponse:
    """The one shape."""
    body = {"code": failure.code, "message": failure.message, "fields": failure.fields}
    headers = {"Retry-After": str(failure.retry_after)} if failure.retry_after else None
    return JSONResponse({"error": body}, status_code=failure.status, headers=headers)


def validation_error(failure: RequestValidationError) -> JSONResponse:
    """What pydantic found, in the one shape; the values themselves are not repeated."""
    fields = {
        ".".join(str(part) for part in item["loc"][1:]) or "body": str(item["msg"])
        for item in failure.errors()
    }
    return error(InvalidInput("invalid", _("Dữ liệu gửi lên chưa đúng."), fields=fields))
