"""The JSON edge: one error shape, `{"error": {"code", "message", "fields"}}`, for every refusal."""

from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from backend.errors import AppError, InvalidInput
from backend.i18n import gettext as _

_REASONS = {
    401: "The secret is missing, wrong or has ended.",
    413: "Longer than what is accepted.",
    422: "What was sent cannot be used as it is; `fields` names what to mend.",
    429: "Too often; welcome again after Retry-After seconds.",
    503: "Not now, and nothing was stored: send it again after Retry-After seconds.",
}


class Problem(BaseModel):
    """Why not: `code` is for programs and stays, `message` is for people."""

    code: str
    message: str
    fields: dict[str, str]


class Refusal(BaseModel):
    """Every refusal of the API."""

    error: Problem


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`, so that /openapi.json tells the truth about its refusals."""
    return {status: {"model": Refusal, "description": _REASONS[status]} for status in statuses}


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
    fields = {_where(item): str(item["msg"]) for item in failure.errors()}
    return error(InvalidInput("invalid", _("Dữ liệu gửi lên chưa đúng."), fields=fields))


def _where(item: dict[str, Any]) -> str:
    """The field; the sender chose its name, so it may be one that UTF-8 cannot say."""
    parts = [] if item["type"] == "json_invalid" else item["loc"][1:]
    name = ".".join(str(part) for part in parts) or "body"
    return name.encode(errors="replace").decode()
