"""What can go wrong in a way that a person can be told about.

    AppError ─┬─ InvalidInput  422   what was sent cannot be used as it is
              ├─ Unauthorized  401   nobody is signed in
              ├─ Forbidden     403   known, but not allowed
              ├─ NotFound      404   missing, or not to be told apart from missing
              ├─ Conflict      409   right in itself, but not now
              ├─ TooLarge      413   longer than what is accepted
              ├─ TooMany       429   too often; `retry_after` says when to come back
              └─ Unavailable   503   not now; nothing was stored

Messages are translatable and safe to show. Anything else that is raised is a bug: the edge logs it
under a reference code and shows that code.
"""


class AppError(Exception):
    """A refusal with a stable `code` for programs and a `message` for people."""

    status = 400

    def __init__(
        self, code: str, message: str, *, fields: dict[str, str] | None = None, retry_after: int = 0
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields or {}
        self.retry_after = retry_after


class InvalidInput(AppError):  # noqa: N818 (they read as sentences where they are raised)
    """What was sent cannot be used as it is; `fields` names what to mend."""

    status = 422


class Unauthorized(AppError):  # noqa: N818
    """Nobody is signed in, or the token is unknown."""

    status = 401


class Forbidden(AppError):  # noqa: N818
    """Known, but not allowed."""

    status = 403


class NotFound(AppError):  # noqa: N818
    """Missing, or not to be told apart from missing."""

    status = 404


class Conflict(AppError):  # noqa: N818
    """Right in itself, but not in the present state."""

    status = 409


class TooLarge(AppError):  # noqa: N818
    """Longer than what is accepted."""

    status = 413


class TooMany(AppError):  # noqa: N818
    """Too often; `retry_after` seconds from now it is welcome again."""

    status = 429


class Unavailable(AppError):  # noqa: N818
    """Cannot be done now; nothing was stored, so it may be sent again."""

    status = 503
