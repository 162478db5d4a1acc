"""Logs, one line an event, to standard error. No line, at any level, holds the token, a whole phone or a text.

Our own lines name rows by their number. Libraries are the danger: httpx tells whole URLs (phone and text stand in
them), httpcore headers (the token), aiosqlite statements with their values. They are held to warnings; and whatever
gets through, from anywhere, loses the tokens and every phone on the way out.
"""

import logging
import re
import sys
from pathlib import Path
from traceback import extract_tb

import structlog

_CHATTY = ("aiosqlite", "httpx", "httpcore", "asyncpg", "sqlalchemy", "hpack", "asyncio", "aiohttp")
_PHONE = re.compile(r"(?<!\d)(992)\d{7}(\d{2})(?!\d)")


class Redact(logging.Filter):
    """Takes the secrets, and the middle of every phone, out of a record."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__()
        self._secrets = tuple(secret for secret in secrets if secret)

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record as its final text; let it through."""
        if record.exc_info and record.exc_info[1]:  # a traceback quotes values: an update, a statement
            record.exc_text = where(record.exc_info[1])
            record.exc_info = None
        if isinstance(record.args, tuple):
            record.args = tuple(
                type(value).__name__ if isinstance(value, BaseException) else value for value in record.args
            )
        if not isinstance(record.msg, dict):  # structlog's own events are rendered later, by `redact_event`
            record.msg, record.args = self.clean(record.getMessage()), None
        return True

    def clean(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return _PHONE.sub(r"\1…\2", text)

    def event(self, _logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        """The same for an event of structlog."""
        return {key: self.clean(value) if isinstance(value, str) else value for key, value in event.items()}


def set_up_logs(level: str, secrets: tuple[str, ...] = ()) -> None:
    """Send everything to standard error, at `level` and above."""
    redact = Redact(secrets)
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
        redact.event,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(redact)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "logger", "event"]),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def where(error: BaseException) -> str:
    """The line of ours that raised it, for the log: a whole traceback may quote phones and texts."""
    if isinstance(error, BaseExceptionGroup):
        return where(error.exceptions[0])
    frames = [frame for frame in extract_tb(error.__traceback__) if "/bot/" in frame.filename]
    inner = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {inner}"
