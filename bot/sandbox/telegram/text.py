"""A call's text or caption: parsed, cleaned, trimmed and measured as Telegram does before it sends."""

import re
from typing import Any

from .entities import utf16_length, with_found, within
from .errors import bad
from .html import parse_html
from .params import Params
from .people import JSON

MAX_TEXT = 4096
MAX_CAPTION = 1024
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2028\u2029]")
"""Characters that Telegram turns into spaces; `\\r` it removes before."""


def read_text(params: Params, name: str, entities_name: str) -> tuple[str, list[JSON]]:
    """The parameter of that name without markup, and its entities. Raises ApiError "can't parse entities: …"."""
    return parse_text(params.text(name), params.text("parse_mode"), params.object(entities_name))


def parse_text(source: str, parse_mode: str, entities: Any) -> tuple[str, list[JSON]]:
    """The same of values at hand; entities that are given count where there is no parse_mode."""
    source = _CONTROL.sub(" ", source.replace("\r", ""))
    mode = parse_mode.strip().lower()
    if mode == "html":
        text, found = parse_html(source)
    elif mode in {"", "none"}:
        text, found = source, _given(entities)
    elif mode in {"markdown", "markdownv2"}:
        raise bad("can't parse entities: the stand-in reads HTML only")
    else:
        raise bad("unsupported parse_mode")
    text, found = _trimmed(text, found)
    return text, with_found(text, found)


def check_text(text: str, too_long: str) -> None:
    """Raises ApiError on a text that is empty, or longer than Telegram sends."""
    if not text:
        raise bad("message text is empty")
    if utf16_length(text) > MAX_TEXT:
        raise bad(too_long)


def check_caption(caption: str, too_long: str) -> None:
    """Raises ApiError on a caption that is longer than Telegram sends."""
    if utf16_length(caption) > MAX_CAPTION:
        raise bad(too_long)


def _given(entities: Any) -> list[JSON]:
    if entities is None:
        return []
    if not isinstance(entities, list) or not all(_is_entity(entity) for entity in entities):
        raise bad("can't parse MessageEntity")
    return list(entities)


def _is_entity(entity: Any) -> bool:
    if not isinstance(entity, dict) or not isinstance(entity.get("type"), str):
        return False
    offset, length = entity.get("offset"), entity.get("length")
    linked = entity["type"] != "text_link" or isinstance(entity.get("url"), str)
    return isinstance(offset, int) and isinstance(length, int) and offset >= 0 and length > 0 and linked


def _trimmed(text: str, entities: list[JSON]) -> tuple[str, list[JSON]]:
    """Without white space at the ends; entities are cut to what is left."""
    cut = utf16_length(text) - utf16_length(text.lstrip())
    text = text.strip()
    return text, within(entities, cut, utf16_length(text))
