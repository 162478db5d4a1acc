"""How the account looks: the balance with what was spent of it, a low one, and one that is not known."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from bot.domain import errors
from bot.domain.errors import GatewayError
from bot.domain.gateway import Balance
from bot.domain.log import Pause
from bot.domain.money import Agreement, Low, Reading
from bot.i18n import LANGUAGES, Translator
from bot.osonsms.scrub import LONGEST
from bot.services.account import Account
from bot.telegram.keyboards import Verb
from bot.telegram.views import Money
from bot.telegram.views.account import balance_view, low_card, no_balance_view
from tests.unit.test_views_draft import FREE, NASTY, verbs

DUSHANBE = ZoneInfo("Asia/Dushanbe")
T = Translator("en", DUSHANBE)
THEN = datetime(2026, 1, 25, 7, tzinfo=UTC)
PRICED = Money(Decimal("0.25"), None)
CAPTION = 1024
"""Letters that Telegram takes under a picture, its tags not counted."""
PAUSE = Pause(1, "BalanceExhausted", 119, "not enough", THEN, None, None)
READINGS = (Reading(THEN, Decimal(100), 0), Reading(THEN + timedelta(days=1), Decimal(90), 40))
BALANCE = Balance(Decimal("90.00"), THEN + timedelta(days=1))
ACCOUNT = Account(BALANCE, (1, 20, 300), 12.4, READINGS, Agreement(Decimal("10.00"), 40), None)
LOW = Low(3, THEN, Decimal("12.50"), 1.5, None, None)
KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, GatewayError)]


def said(account: Account = ACCOUNT, money: Money = PRICED) -> list[str]:
    """The lines of the answer, in English."""
    return balance_view(T, account, money).text.splitlines()


def letters(html: str) -> int:
    """How long it is as Telegram counts: in UTF-16, without tags."""
    return len(unescape(re.sub(r"<[^>]+>", "", html)).encode("utf-16-le")) // 2


def test_all_that_is_known_is_said() -> None:
    """Balance, its time, what it buys and how long it lasts; then parts and cost of a day, seven and thirty."""
    assert said() == [
        "💰 <b>90.00 TJS</b>",
        "As of 26.01.2026 12:00 by OsonSMS's clock",
        "Enough for about 360 SMS parts",
        "Lasts about 12 d at the last week's pace",
        "",
        "<b>Spent</b>",
        "Today: 1 part · 0.25 TJS",
        "7 days: 20 parts · 5.00 TJS",
        "30 days: 300 parts · 75.00 TJS",
    ]


def test_without_a_price_no_cost_is_made_up() -> None:
    """Parts alone, and what one seems to cost: to the hundredth of a diram, where it is not whole."""
    cheap = replace(ACCOUNT, agreement=Agreement(Decimal("2.50"), 40))
    assert said(cheap, FREE)[-4:] == [
        "Today: 1 part",
        "7 days: 20 parts",
        "30 days: 300 parts",
        "About 0.0625 TJS a part, as the balance fell in 30 days",
    ]
    assert not any("Enough" in line for line in said(cheap, FREE))
    for agreement in (
        None,
        Agreement(Decimal(0), 0),
        Agreement(Decimal(3), 0),
        Agreement(Decimal(0), 3),
    ):
        assert not any("a part," in line for line in said(replace(ACCOUNT, agreement=agreement), FREE))


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, None),
        (0.0, None),
        (0.02, "29 min"),
        (1.5, "1 d 12 h"),
        (2.99, "3 d"),
        (3.4, "3 d"),
        (365.0, "365 d"),
    ],
)
def test_how_long_it_lasts_is_said_no_finer_than_it_is_known(days: float | None, words: str | None) -> None:
    """Hours in the last days only; where it is not known, or is over, not a word; a year is long enough."""
    lines = [line for line in said(replace(ACCOUNT, lasts=days)) if line.startswith("Lasts")]
    assert lines == ([f"Lasts about {words} at the last week's pace"] if words else [])
    assert "Lasts more than a year at the last week's pace" in said(replace(ACCOUNT, lasts=366.0))


@pytest.mark.parametrize(
    ("lasts", "limit", "low"), [(1.9, None, True), (2.0, None, False), (99.0, 90, False), (99.0, 91, True)]
)
def test_a_low_balance_is_marked(lasts: float, limit: int | None, low: bool) -> None:
    """Below the limit or under two days' use, as in the notice of it."""
    money = Money(Decimal("0.25"), None if limit is None else Decimal(limit))
    assert ("⚠️ Low. Time to top up." in said(replace(ACCOUNT, lasts=lasts), money)) is low


@pytest.mark.parametrize(
    ("fell", "words"),
    [
        ("10.00", None),
        ("10.25", None),
        ("10.26", "by 0.26 TJS more"),
        ("9.75", None),
        ("9.00", "by 1.00 TJS less"),
    ],
)
def test_a_difference_is_said_with_what_it_may_mean(fell: str, words: str | None) -> None:
    """More than one part and one in a hundred: by how much, which way, and why; else nothing."""
    lines = said(replace(ACCOUNT, agreement=Agreement(Decimal(fell), 40)))
    assert any("the price has changed" in line for line in lines) is bool(words)
    assert words is None or any(words in line for line in lines)


def test_nothing_spent_is_one_line() -> None:
    """Three noughts tell no more than one word."""
    assert said(replace(ACCOUNT, parts=(0, 0, 0)))[-1] == "Nothing was sent in 30 days"
    assert "Today: 0 parts · 0.00 TJS" in said(replace(ACCOUNT, parts=(0, 0, 1)))


def test_a_stop_is_said_and_the_answer_can_be_asked_for_again() -> None:
    """Whether the balance is known or not."""
    for view in (
        balance_view(T, replace(ACCOUNT, pause=PAUSE), PRICED),
        no_balance_view(T, errors.NotConnected(), PAUSE),
    ):
        assert "Go on: /resume" in view.text
        assert verbs(view) == [[Verb.BALANCE]]
    assert "/resume" not in no_balance_view(T, errors.NotConnected(), None).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_fits_under_a_picture(language: str) -> None:
    """The longest of each kind, in each language."""
    t = Translator(language, DUSHANBE)
    much = Decimal("123456789012.34")
    for money, more in product((FREE, Money(Decimal("0.0001"), much * 2)), (1, -1)):
        agreement = Agreement(much * more, 1)
        account = Account(Balance(much, THEN), (10**9, 10**10, 10**11), 1.9, READINGS, agreement, PAUSE)
        assert letters(balance_view(t, account, money).text) <= CAPTION
    for kind in KINDS:
        error = kind("W" * LONGEST, http_status=500, code=999)
        assert letters(no_balance_view(t, error, PAUSE).text) <= CAPTION


def test_words_from_outside_are_escaped() -> None:
    """The gateway's, which say why the balance is not known."""
    assert NASTY not in no_balance_view(T, errors.GatewayError(NASTY, code=1), None).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_low_balance_says_what_to_do_and_then_that_it_is_back(language: str) -> None:
    """The amount, how long it lasts, and the way out; afterwards the amount that is there, and no way out."""
    t = Translator(language, DUSHANBE)
    card, back = low_card(t, LOW), low_card(t, replace(LOW, back_at=THEN, back_amount=Decimal(500)))
    for view in (card, back):
        assert view.rows == []
    assert t.money(Decimal("12.50")) in card.text
    assert t("low.advice") in card.text
    assert len(card.text.splitlines()) == 3
    assert len(low_card(t, replace(LOW, days=None)).text.splitlines()) == 2
    assert t.money(Decimal(500)) in back.text
    assert "12" not in back.text.replace("12:00", "")
