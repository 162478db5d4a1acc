"""Which #numbers of a text mean messages of ours."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.message import State
from bot.i18n import LANGUAGES, Translator, catalogue
from bot.telegram.handlers.meant import shown, typed

IDS = st.lists(st.integers(1, 10**18 - 1), max_size=20)
WORDS = st.text(st.characters(exclude_characters="#№\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), max_size=20)
ICONS = sorted({str(Translator(code, None)(f"icon.{state}")) for code in LANGUAGES for state in State})  # type: ignore[arg-type]  # no time is shown


def test_every_icon_begins_a_line() -> None:
    """A line of a list is known by whichever icon it begins with."""
    for icon in ICONS:
        assert shown(f"as #9 says\n{icon} #12 +992 90 000 00 01") == (12,), icon


@given(IDS, st.sampled_from(ICONS), WORDS, WORDS)
def test_the_lines_of_a_list_are_found(ids: list[int], icon: str, head: str, rest: str) -> None:
    """All of them, in order, each once, whatever stands behind them."""
    text = "\n".join([head, *(f"{icon} #{id_} {rest}" for id_ in ids)])
    assert shown(text) == tuple(dict.fromkeys(ids))


@given(st.integers(1, 10**18 - 1), st.sampled_from(ICONS), st.lists(st.integers(1, 999), min_size=1, max_size=3))
def test_what_an_sms_says_is_no_number_of_ours(id_: int, icon: str, said: list[int]) -> None:
    """Lists show the text of an SMS under its line, with spaces before it: its #numbers are not taken."""
    words = " ".join(f"#{number}" for number in said)
    assert shown(f"{icon} #{id_} +992 90 000 00 01\n   {icon} {words}\n   {words}") == (id_,)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_title_of_a_card_is_found(language: str, state: State) -> None:
    """Where a card stands that is none any more; what its text says counts for nothing."""
    t = Translator(language, None)  # type: ignore[arg-type]  # no time is shown
    title = plain(t("card.title", state=t(f"state.{state}"), number="12"))
    assert shown(f"{title}\n+992 90 000 00 01\n✅ #7 is ready, #8 is not") == (12,)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_other_text_of_ours_shows_a_message(language: str) -> None:
    """A campaign's number, or that of an example, is no message's: a reply to it must not send or block anything."""
    lists = {"card.title", "card.short", "inbox.line"}
    for message in catalogue(language):
        for form in (message.string,) if isinstance(message.string, str) else message.string:
            text = plain(re.sub(r"\{\w+\}", "12", form))
            assert shown(text) == () or message.id in lists, message.id
            assert shown(f"{text}\nthe text of an SMS, #45") == shown(text)


def plain(text: str) -> str:
    """As Telegram shows it."""
    return html.unescape(re.sub("<[^>]+>", "", text))


@given(st.text(max_size=300))
def test_whatever_comes_gives_numbers_that_are_ids(text: str) -> None:
    """No error, no number twice, none that a row cannot have."""
    for found in (typed(text), shown(text)):
        assert len(set(found)) == len(found)
        assert all(0 <= number < 10**18 for number in found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#12", (12,)),
        ("№ 12", (12,)),
        ("#\u00a012", (12,)),
        ("#12, #13 and #12", (12, 13)),
        ("#1234567890123456789", ()),
        ("a#12", ()),
        ("# 12", (12,)),
        ("#  12", ()),
        ("12", ()),
        ("#١٢", ()),
        ("", ()),
        ("📦 Campaign 3: 1 list", ()),
    ],
)
def test_numbers_that_are_typed(text: str, found: tuple[int, ...]) -> None:
    """In words behind a command, in a quote of a part of a line."""
    assert typed(text) == found
