"""HTML as Telegram reads it: what becomes an entity, what stays text, what is refused and in which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.telegram.entities import utf16_length
from bot.sandbox.telegram.errors import ApiError
from bot.sandbox.telegram.html import parse_html, to_html
from bot.sandbox.telegram.text import parse_text

TAGS = {
    "<b>x</b>": "bold",
    "<strong>x</strong>": "bold",
    "<i>x</i>": "italic",
    "<em>x</em>": "italic",
    "<u>x</u>": "underline",
    "<ins>x</ins>": "underline",
    "<s>x</s>": "strikethrough",
    "<strike>x</strike>": "strikethrough",
    "<del>x</del>": "strikethrough",
    "<code>x</code>": "code",
    "<pre>x</pre>": "pre",
    '<a href="https://osonsms.com">x</a>': "text_link",
    "<tg-spoiler>x</tg-spoiler>": "spoiler",
    '<span class="tg-spoiler">x</span>': "spoiler",
    "<blockquote>x</blockquote>": "blockquote",
    "<blockquote expandable>x</blockquote>": "expandable_blockquote",
    '<tg-emoji emoji-id="5368324170671202286">x</tg-emoji>': "custom_emoji",
}


@pytest.mark.parametrize(("source", "kind"), TAGS.items())
def test_every_tag(source: str, kind: str) -> None:
    """Each of Telegram's tags makes the entity of its kind."""
    text, entities = parse_html(source)
    assert text == "x"
    assert [(entity["type"], entity["offset"], entity["length"]) for entity in entities] == [(kind, 0, 1)]


@pytest.mark.parametrize(
    ("source", "text"),
    {
        "a &lt;b&gt; &amp; &quot;c&quot;": 'a <b> & "c"',
        "&#1178;&#x49B;": "Ққ",
        "Tom & Jerry, AT&T": "Tom & Jerry, AT&T",
        "&nbsp;&copy;": "&nbsp;&copy;",
        "&#0;&#xD800;": "&#0;&#xD800;",
        "1 > 0": "1 > 0",
    }.items(),
)
def test_references(source: str, text: str) -> None:
    """Four names and all numbers are characters; any other & is itself."""
    assert parse_html(source)[0] == text


REFUSED = {
    "<b>x": 'Can\'t find end tag corresponding to start tag "b"',
    "x</b>": "Unexpected end tag at byte offset 1",
    "<b><i>x</b></i>": 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
    "<h1>x</h1>": 'Unsupported start tag "h1" at byte offset 0',
    "да <br/>": 'Unsupported start tag "br/" at byte offset 5',
    "1 < 2 ": 'Unsupported start tag "" at byte offset 2',
    "x <b": "Unclosed start tag at byte offset 2",
    "<a href='x": 'Unclosed start tag "a" at byte offset 0',
    "<b>x</b": "Unclosed end tag at byte offset 4",
    "<span>x</span>": 'Tag "span" must have class "tg-spoiler" at byte offset 0',
}


@pytest.mark.parametrize(("source", "reason"), REFUSED.items())
def test_refused(source: str, reason: str) -> None:
    """What is not Telegram's HTML is refused, with the place in bytes."""
    with pytest.raises(ApiError) as refusal:
        parse_html(source)
    assert (refusal.value.code, refusal.value.description) == (400, f"Bad Request: can't parse entities: {reason}")


def test_code_of_a_language() -> None:
    """`pre` with `code` inside is one entity that knows its language."""
    text, entities = parse_html('<pre><code class="language-python">print()</code></pre>')
    assert entities == [{"type": "pre", "offset": 0, "length": len(text), "language": "python"}]


def test_link_without_an_address() -> None:
    """A link to nothing is plain text; one without a scheme is taken for http."""
    assert parse_html("<a>no address</a>")[1] == []
    assert parse_html("<a>osonsms.com</a>")[1][0]["url"] == "http://osonsms.com"


def test_offsets_count_utf16() -> None:
    """An emoji is two units long, in offsets too."""
    assert parse_html("😀<b>😀</b>")[1] == [{"type": "bold", "offset": 2, "length": 2}]


def test_trimmed() -> None:
    """White space at the ends goes, and entities are cut to what is left."""
    assert parse_text("  <b> x </b>\n", "HTML", None) == ("x", [{"type": "bold", "offset": 0, "length": 1}])


def test_found_by_itself() -> None:
    """Commands, mentions and addresses are found, but not inside code."""
    text = "/send@osonsms_demo_bot @madina_demo #sms a@b.tj https://osonsms.com/x?y. 1/2"
    kinds = [entity["type"] for entity in parse_text(text, "", None)[1]]
    assert kinds == ["bot_command", "mention", "hashtag", "email", "url"]
    assert [entity["type"] for entity in parse_text("<code>/send</code>", "HTML", None)[1]] == ["code"]


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=30)
tagged = st.recursive(
    texts.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.lists(
        st.tuples(st.sampled_from(["b", "i", "u", "s", "code", "pre", "tg-spoiler", "blockquote"]), inner).map(
            lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>"
        ),
        max_size=4,
    ).map("".join),
    max_leaves=8,
)


@given(tagged)
def test_there_and_back(source: str) -> None:
    """Entities written as HTML and read again are the same entities, in bounds of the text."""
    text, entities = parse_html(source)
    assert all(entity["offset"] + entity["length"] <= utf16_length(text) for entity in entities)
    again, same = parse_html(to_html(text, entities))
    assert (again, _merged(same)) == (text, _merged(entities))


@given(st.text(st.sampled_from("<>/&;#x=\"' abi-\n😀"), max_size=60))
def test_hostile(source: str) -> None:
    """Any text is either read or refused in Telegram's words; what is read is safe to show as HTML."""
    try:
        text, entities = parse_html(source)
    except ApiError as refusal:
        outcome = refusal.description
    else:
        outcome = parse_html(to_html(text, entities))[0]
        source = text
    assert outcome == source or outcome.startswith("Bad Request: can't parse entities: ")


def _merged(entities: list[dict[str, object]]) -> set[tuple[object, int]]:
    """Which unit of text has which kind, however it is cut into entities."""
    return {
        (entity["type"], unit)
        for entity in entities
        for unit in range(int(str(entity["offset"])), int(str(entity["offset"])) + int(str(entity["length"])))
    }
