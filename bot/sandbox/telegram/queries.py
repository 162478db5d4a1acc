"""Presses of inline buttons: each may be answered once, and soon."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field

from .errors import QUERY_TOO_OLD, bad
from .people import JSON


@dataclass(slots=True)
class Query:
    """A press that waits for its answer. The answer is `{"text", "show_alert", "url"}`."""

    id: str
    asked: float
    answer: "asyncio.Future[JSON]" = field(repr=False)


class Queries:
    """The presses that the bot has not answered yet."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._open: dict[str, Query] = {}

    def ask(self) -> Query:
        """A new press."""
        query = Query(str(secrets.randbits(62)), time.monotonic(), asyncio.get_running_loop().create_future())
        self._open[query.id] = query
        return query

    def answer(self, query_id: str, answer: JSON) -> None:
        """Answer it. Raises ApiError where it is unknown, was answered before, or is too old."""
        query = self._open.pop(query_id, None)
        if query is None or time.monotonic() - query.asked > self.seconds:
            raise bad(QUERY_TOO_OLD)
        if not query.answer.done():
            query.answer.set_result(answer)
