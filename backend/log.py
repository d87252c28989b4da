"""Structured logging: an event name and fields, one line each; personal numbers never reach it."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Telegram's token stands in its URLs; phones and identity numbers may stand in a message.
_SECRETS = (
    (re.compile(r"\d{6,12}:[A-Za-z0-9_-]{30,}"), "<token>"),
    (re.compile(r"(?<![\d.-])(?:\+?84|0)\d[\d .]{7,11}\d(?![\d-])"), "<phone>"),
    (re.compile(r"(?<![\d.-])\d{9,12}(?![\d-])"), "<number>"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "<email>"),
)


def masked(text: str) -> str:
    """The text without tokens, phones, identity numbers and e-mail addresses."""
    for pattern, name in _SECRETS:
        text = pattern.sub(name, text)
    return text


def _mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str) and key not in ("timestamp", "level"):
            event[key] = masked(value)
    return event


class _MaskingFilter(logging.Filter):
    """Libraries log through `logging`; httpx, for one, logs whole URLs."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked(record.getMessage()), None
        return True


def configure(*, human: bool) -> None:
    """Send all logs to standard error: readable for people in development, JSON elsewhere."""
    renderer: Any = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if human
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_MaskingFilter())
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def get(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; call it as `log.info("dossier.status_changed", code=…)`."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger
