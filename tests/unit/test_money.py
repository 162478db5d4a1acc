"""What was spent, what is left, and whether the two agree."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import (
    LASTS_TOO_SHORT,
    TOLERANCE,
    WEEK,
    Agreement,
    Low,
    Reading,
    days_left,
    days_of_week,
    is_low,
    low_changes,
    reconcile,
    sinks,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PRICE = Decimal("0.25")
AMOUNTS = st.decimals(-1000, 100_000, places=2)
PARTS = st.integers(0, 10_000)


def seen(*steps: tuple[Decimal, int]) -> list[Reading]:
    """Readings, an hour apart: each an amount, and the parts that were taken since the one before."""
    readings, taken = [], 0
    for number, (amount, parts) in enumerate(steps):
        taken += parts
        readings.append(Reading(NOW + number * HOUR, amount, taken))
    return readings


@st.composite
def honest(draw: st.DrawFn) -> list[Reading]:
    """Readings of an account from which nobody but us sends, at one price; it is topped up now and then."""
    amount, steps = draw(AMOUNTS), []
    for parts, top_up in draw(st.lists(st.tuples(PARTS, st.sampled_from([0, 0, 0, 100_000])), max_size=20)):
        amount += top_up - PRICE * parts
        steps.append((amount, parts))
    return seen(*steps)


@given(honest())
def test_an_honest_account_agrees_whatever_was_topped_up(readings: list[Reading]) -> None:
    """Parts at their price, and top-ups: no difference; what a part seems to cost is its price."""
    agreement = reconcile(readings)
    assert agreement.difference(PRICE) is None
    assert agreement.price == (PRICE if agreement.parts else None)


@given(honest(), st.decimals("0.01", 1000, places=2))
def test_what_somebody_else_spends_is_found(readings: list[Reading], stolen: Decimal) -> None:
    """Said to the last diram where it is more than a hundredth, and more than one part; else passed over."""
    last = readings[-1] if readings else Reading(NOW, Decimal(0), 0)
    readings = [*readings, Reading(last.at + HOUR, last.amount - stolen, last.parts)]
    agreement = reconcile(readings) if len(readings) > 1 else Agreement(stolen, 0)
    is_said = stolen > max(TOLERANCE * PRICE * agreement.parts, PRICE)
    assert agreement.difference(PRICE) == (stolen if is_said else None)


@given(st.lists(st.tuples(AMOUNTS, PARTS), max_size=20))
def test_only_falls_are_counted(steps: list[tuple[Decimal, int]]) -> None:
    """The fall of a row of readings is that of its falling stretches, and so are the parts."""
    readings = seen(*steps)
    agreement = reconcile(readings)
    falls = [(before, after) for before, after in pairwise(readings) if after.amount <= before.amount]
    assert agreement.fell == sum(before.amount - after.amount for before, after in falls)
    assert agreement.parts == sum(after.parts - before.parts for before, after in falls)
    assert agreement.fell >= 0
    assert agreement.parts >= 0


def test_a_price_that_changed_is_found_both_ways() -> None:
    """Dearer or cheaper by more than a hundredth: the difference has the sign of what fell beyond the cost."""
    parts = 1000
    for price, difference in [("0.26", "10.00"), ("0.24", "-10.00"), ("0.2525", None), ("0.2526", "2.6")]:
        readings = seen((Decimal(500), 0), (500 - Decimal(price) * parts, parts))
        assert reconcile(readings).difference(PRICE) == (Decimal(difference) if difference else None)


@given(AMOUNTS, st.decimals("0.01", 10_000, places=2), st.floats(1, 7))
def test_the_balance_lasts_as_long_as_it_is_used_like_this(balance: Decimal, spent: Decimal, days: float) -> None:
    """Days times the use of a day is what there is; nothing lasts no time, and less never lasts longer."""
    lasts = days_left(balance, spent, days)
    assert lasts is not None
    assert lasts >= 0
    assert lasts * float(spent) / days == pytest.approx(float(max(balance, Decimal(0))))
    less = days_left(balance - 1, spent, days)
    assert less is not None
    assert less <= lasts


@given(AMOUNTS, st.floats(0, 7))
def test_without_use_nobody_knows_how_long_it_lasts(balance: Decimal, days: float) -> None:
    """Not for ever, nor no time: it is not known, and that alone is no reason to top up."""
    assert days_left(balance, Decimal(0), days) is None
    assert days_left(balance, Decimal(1), 0) is None
    assert not is_low(balance, None, None)


@given(st.timedeltas(timedelta(), timedelta(days=400)))
def test_a_week_is_no_longer_than_what_was_seen_of_it(age: timedelta) -> None:
    """Its days are those since the first use, at least one and at most seven; if there was none, one."""
    days = days_of_week(NOW - age, NOW)
    assert days == max(1, min(WEEK, age) / timedelta(days=1))
    assert days_of_week(None, NOW) == 1


@pytest.mark.parametrize(
    ("amount", "limit", "lasts", "low"),
    [
        ("50", "50", None, False),
        ("49.99", "50", None, True),
        ("49.99", None, None, False),
        ("1000", "50", LASTS_TOO_SHORT, False),
        ("1000", "50", 1.99, True),
        ("1000", None, 1.99, True),
        ("0", "0", 0.0, True),
        ("-1", "0", None, True),
    ],
)
def test_it_is_low_below_the_limit_or_two_days(amount: str, limit: str | None, lasts: float | None, low: bool) -> None:
    """Either is enough, and what is not known is no reason."""
    assert is_low(Decimal(amount), Decimal(limit) if limit else None, lasts) is low


@given(AMOUNTS, AMOUNTS, st.booleans())
def test_a_low_begins_by_its_bounds_and_ends_by_a_rise(before: Decimal, amount: Decimal, looks_low: bool) -> None:
    """One that stands is not begun again; it ends above the bounds, and above the lowest; never as it sinks."""
    low = Low(1, NOW, before, None, None, None)
    assert low_changes(None, amount, looks_low=looks_low) is looks_low
    assert low_changes(low, amount, looks_low=looks_low) is (amount > before and not looks_low)
    assert sinks(low, amount) is (amount < before)
    assert not sinks(None, amount)
