"""What Telegram finds in a plain text by itself: commands, mentions, addresses. Offsets count UTF-16 units."""

import re
from collections.abc import Iterable

from .people import JSON

MAX_ENTITIES = 100
"""Telegram keeps the first hundred of a message."""

_FOUND = re.compile(
    r"(?P<email>(?<![\w.@-])[\w.+-]{1,64}@[a-zA-Z0-9-]{1,63}(?:\.[a-zA-Z0-9-]{1,63})*\.[a-zA-Z]{2,24})"
    r"|(?P<url>(?<![\w@])https?://[^\s<>\"]{1,2000}[^\s<>\".,;:!?)\]'])"
    r"|(?P<bot_command>(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/]))"
    r"|(?P<mention>(?<![\w@])@[a-zA-Z][a-zA-Z0-9_]{2,31}\b)"
    r"|(?P<hashtag>(?<![\w#])\#\w{0,255}[^\W\d_]\w{0,255})"
)


def utf16_length(text: str) -> int:
    """The length as Telegram counts it: an emoji beyond the first plane is two."""
    return len(text) + sum(char > "\uffff" for char in text)


def overlaps(one: JSON, other: JSON) -> bool:
    """Whether two entities share a unit of text."""
    return bool(one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"])


def in_order(entities: Iterable[JSON]) -> list[JSON]:
    """Outer before inner, left before right, no more than Telegram keeps."""
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))[:MAX_ENTITIES]


def within(entities: Iterable[JSON], begin: int, length: int) -> list[JSON]:
    """What they cover of this stretch of text, as offsets into it."""
    cut = (_cut(entity, begin, length) for entity in entities)
    return in_order(entity for entity in cut if entity["length"] > 0)


def _cut(entity: JSON, begin: int, length: int) -> JSON:
    first = max(entity["offset"] - begin, 0)
    last = min(entity["offset"] + entity["length"] - begin, length)
    return {**entity, "offset": first, "length": last - first}


def with_found(text: str, given: list[JSON]) -> list[JSON]:
    """The entities that were given, and those that Telegram adds where nothing like code or a link stands already."""
    closed = [entity for entity in given if entity["type"] in {"code", "pre", "text_link", "text_mention"}]
    found = [entity for entity in _search(text) if not any(overlaps(entity, other) for other in closed)]
    return in_order([*given, *found])


def _search(text: str) -> list[JSON]:
    return [
        {
            "type": match.lastgroup or "",
            "offset": utf16_length(text[: match.start()]),
            "length": utf16_length(match.group()),
        }
        for match in _FOUND.finditer(text)
    ]
