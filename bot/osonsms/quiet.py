"""Silence for a library that logs what must not be logged.

At DEBUG httpcore writes the reply's headers, and a redirect's Location may well quote our URL, with phone and text.
What else it writes may change with any version of it.
"""

import logging

LOGGERS = tuple(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks"))
"""Every logger of httpcore. httpx's own writes from its `Client`, which is not used here."""


def silence_httpcore() -> None:
    """Keep httpcore out of the log for the life of the process, whatever level anybody sets later.

    The level spares it the work of writing; the filter holds where a later configuration resets levels, and on each
    logger, because a parent's filter does not see what its children write.
    """
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL)
        logger.addFilter(_nothing)


def _nothing(record: logging.LogRecord) -> bool:
    return False
