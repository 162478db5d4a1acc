"""HTML as Telegram reads it (parse_mode HTML), and entities written as such HTML again.

Only Telegram's own tags exist; everything else is an error whose words clients know. `&` is text unless one of four
names or a number follows; `<` always opens a tag.
"""

import re
from dataclasses import dataclass
from html import escape

from .entities import in_order, utf16_length
from .errors import ApiError, bad
from .people import JSON

_KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "a": "text_link", "span": "spoiler", "tg-spoiler": "spoiler", "tg-emoji": "custom_emoji",
    "blockquote": "blockquote",
}  # fmt: skip
_REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot)|#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6}));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_NAME = re.compile(r"<([^\s>]*)")
_ATTRIBUTE = re.compile(r"""\s*([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9.-]+)(?=[\s>])))?""")
_END = re.compile(r"</([^\s>]*)\s*")
_LINK = re.compile(r"(?:https?|tg|ton|ftp)://\S+|(?:mailto|tel):\S+|[\w-]+(?:\.[\w-]+)+(?:[/?#:]\S*)?", re.IGNORECASE)


def parse_html(source: str) -> tuple[str, list[JSON]]:
    """The text without its tags, and its entities. Raises ApiError "can't parse entities: …"."""
    return _Parser(source).parse()


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    offset: int
    position: int
    """Where in the output its text begins."""


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out: list[str] = []
        self.offset = 0
        self.open: list[_Open] = []
        self.entities: list[JSON] = []

    def parse(self) -> tuple[str, list[JSON]]:
        while self.at < len(self.source):
            if self.source.startswith("</", self.at):
                self._end_tag()
            elif self.source[self.at] == "<":
                self._start_tag()
            else:
                self._character()
        if self.open:
            raise _error(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return "".join(self.out), in_order(_settled(self.entities))

    def _character(self) -> None:
        match = _REFERENCE.match(self.source, self.at)
        char = _dereferenced(match) if match else None
        self.at = match.end() if match and char else self.at + 1
        char = char or self.source[self.at - 1]
        self.out.append(char)
        self.offset += utf16_length(char)

    def _start_tag(self) -> None:
        begin = self.at
        match = _NAME.match(self.source, begin)
        if match is None or match.end() == len(self.source):
            raise self._error("Unclosed start tag", begin)
        tag = match.group(1).lower()
        if tag not in _KINDS:
            raise self._error(f'Unsupported start tag "{tag}"', begin)
        self.at = match.end()
        argument = self._attributes(tag, begin)
        if tag == "span" and argument != "spoiler":
            raise self._error('Tag "span" must have class "tg-spoiler"', begin)
        self.open.append(_Open(tag, argument, self.offset, len(self.out)))

    def _attributes(self, tag: str, begin: int) -> str:
        """Reads on to behind the `>`; gives what matters of the attributes: link, language, class or id."""
        argument = ""
        while match := _ATTRIBUTE.match(self.source, self.at):
            self.at = match.end()
            value = next((group for group in match.groups()[1:] if group is not None), "")
            argument = _argument(tag, match.group(1).lower(), _unescaped(value)) or argument
        while self.source[self.at : self.at + 1].isspace():
            self.at += 1
        if self.source[self.at : self.at + 1] != ">":
            raise self._error(f'Unclosed start tag "{tag}"', begin)
        self.at += 1
        return argument

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise self._error("Unexpected end tag", begin)
        match = _END.match(self.source, begin)
        end = match.end() if match else begin
        if match is None or self.source[end : end + 1] != ">":
            raise self._error("Unclosed end tag", begin)
        opened, found = self.open.pop(), match.group(1).lower()
        if found and found != opened.tag:
            expected = f'expected "</{opened.tag}>", found "</{found}>"'
            raise self._error("Unmatched end tag", begin, f", {expected}")
        self.at = end + 1
        if self.offset > opened.offset:
            self.entities.extend(self._entity(opened))

    def _entity(self, opened: _Open) -> list[JSON]:
        entity = {"type": _KINDS[opened.tag], "offset": opened.offset, "length": self.offset - opened.offset}
        if opened.tag == "a":
            return _link(entity, opened.argument or "".join(self.out[opened.position :]))
        if opened.tag == "tg-emoji":
            entity["custom_emoji_id"] = opened.argument
        elif opened.tag == "blockquote" and opened.argument:
            entity["type"] = "expandable_blockquote"
        elif opened.tag == "code" and opened.argument and self.open and self.open[-1].tag == "pre":
            entity["language"] = opened.argument
        return [entity]

    def _error(self, reason: str, begin: int, more: str = "") -> ApiError:
        return _error(f"{reason} at byte offset {len(self.source[:begin].encode())}{more}")


def _error(reason: str) -> ApiError:
    return bad(f"can't parse entities: {reason}")


def _dereferenced(match: re.Match[str]) -> str | None:
    """The character meant; None where the number is no character, and the `&` is then text."""
    name, decimal, hexadecimal = match.groups()
    if name:
        return _NAMED[name]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(number) if 0 < number < 0x10FFFF and not 0xD800 <= number < 0xE000 else None


def _unescaped(value: str) -> str:
    return _REFERENCE.sub(lambda match: _dereferenced(match) or match.group(), value)


def _argument(tag: str, name: str, value: str) -> str:
    wanted = {
        ("a", "href"): value,
        ("code", "class"): value.removeprefix("language-") if value.startswith("language-") else "",
        ("span", "class"): value.removeprefix("tg-") if value.startswith("tg-") else "",
        ("tg-emoji", "emoji-id"): value,
        ("blockquote", "expandable"): "expandable",
    }
    return wanted.get((tag, name), "")


def _link(entity: JSON, url: str) -> list[JSON]:
    """A link, or nothing at all where the address is none: Telegram then shows plain text."""
    if not _LINK.fullmatch(url):
        return []
    return [entity | {"url": url if re.match(r"\w+:", url) else f"http://{url}"}]


def _settled(entities: list[JSON]) -> list[JSON]:
    """Code inside `pre` names its language; nothing else stands inside code; quotations do not nest."""
    whole = [dict(entity) for entity in entities]
    for pre in (entity for entity in whole if entity["type"] == "pre"):
        languages = [code["language"] for code in whole if "language" in code and _span(code) == _span(pre)]
        if languages:
            pre["language"] = languages[-1]
    opaque = [entity for entity in whole if entity["type"] in {"pre", "code"}]
    kept = [entity for entity in whole if not any(_inside(entity, other) for other in opaque if other is not entity)]
    for entity in kept:
        if entity["type"] == "code":
            entity.pop("language", None)
    return kept


def _span(entity: JSON) -> tuple[int, int]:
    return entity["offset"], entity["offset"] + entity["length"]


def _inside(inner: JSON, outer: JSON) -> bool:
    """Whether it lies in the other; of two that cover the same text, `pre` is the outer one."""
    if _span(inner) == _span(outer):
        return bool(inner["type"] != "pre")
    return bool(_span(outer)[0] <= _span(inner)[0] and _span(inner)[1] <= _span(outer)[1])


_WRITTEN = {
    "bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "spoiler": "tg-spoiler", "code": "code",
    "pre": "pre", "blockquote": "blockquote", "expandable_blockquote": "blockquote",
}  # fmt: skip


def to_html(text: str, entities: list[JSON]) -> str:
    """The text with everything escaped and nothing but Telegram's tags in it."""
    units = text.encode("utf-16-le")
    cuts = sorted({0, len(units) // 2, *(edge for entity in entities for edge in _span(entity))})
    out: list[str] = []
    open_: list[JSON] = []
    for begin, end in zip(cuts, cuts[1:] + cuts[-1:], strict=True):
        still = [entity for entity in open_ if _span(entity)[1] > begin]
        kept = next((i for i, entity in enumerate(open_) if entity not in still), len(open_))
        out.extend(_closing(entity) for entity in reversed(open_[kept:]))
        begun = [entity for entity in entities if _span(entity)[0] == begin]
        again = [entity for entity in open_[kept:] if entity in still]
        out.extend(_opening(entity) for entity in (*again, *begun))
        open_ = [*open_[:kept], *again, *begun]
        out.append(escape(units[begin * 2 : end * 2].decode("utf-16-le", "replace"), quote=False))
    return "".join(out)


def _opening(entity: JSON) -> str:
    if entity["type"] == "text_link":
        return f'<a href="{escape(entity["url"])}">'
    if entity["type"] == "pre" and "language" in entity:
        return f'<pre><code class="language-{escape(entity["language"])}">'
    if entity["type"] == "expandable_blockquote":
        return "<blockquote expandable>"
    tag = _WRITTEN.get(entity["type"])
    return f"<{tag}>" if tag else ""


def _closing(entity: JSON) -> str:
    if entity["type"] == "text_link":
        return "</a>"
    if entity["type"] == "pre" and "language" in entity:
        return "</code></pre>"
    tag = _WRITTEN.get(entity["type"])
    return f"</{tag}>" if tag else ""
