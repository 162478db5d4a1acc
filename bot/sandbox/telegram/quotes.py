"""The words of a message that a reply quotes, as the Bot API's `TextQuote`."""

import re

from .entities import utf16_length, within
from .people import JSON

MAX_QUOTE = 1024
"""UTF-16 units that a client lets a person quote."""
_KEPT = {"bold", "italic", "underline", "strikethrough", "spoiler", "custom_emoji", "date_time"}


def quote_of(text: str, entities: list[JSON], words: str, near: int) -> JSON | None:
    """The quotation of these words of a text; None where they are not in it.

    near: where they stand, in UTF-16 units; of several places the nearest counts.
    """
    places = [utf16_length(text[: match.start()]) for match in re.finditer(re.escape(words), text)]
    if not places:
        return None
    position = min(places, key=lambda place: abs(place - near))
    kept = [entity for entity in within(entities, position, utf16_length(words)) if entity["type"] in _KEPT]
    quote: JSON = {"text": words, "position": position, "is_manual": True}
    return quote | ({"entities": kept} if kept else {})
