"""What was spent, what is left, and whether the two agree. Amounts are in TJS."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
LASTS_TOO_SHORT = 2.0
"""Days of use under which the balance is low."""
TOLERANCE = Decimal("0.01")
"""Share by which the fall of the balance may differ from what the parts cost, before it is worth a word."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The balance as it was seen once."""

    at: datetime
    amount: Decimal
    parts: int
    """Parts that the gateway had taken by then, in all."""


@dataclass(frozen=True, slots=True)
class Low:
    """A time at which the balance was low."""

    id: int
    since: datetime
    amount: Decimal
    """The lowest that was seen of it."""
    days: float | None
    """How long it would have lasted then; None where that is not known."""
    back_at: datetime | None
    back_amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """By how much the balance fell, and the parts that were taken in the same time."""

    fell: Decimal
    parts: int

    @property
    def price(self) -> Decimal | None:
        """What a part seems to cost; None without any."""
        return self.fell / self.parts if self.parts else None

    def difference(self, price: Decimal) -> Decimal | None:
        """What fell beyond what the parts cost; None if it is within the tolerance."""
        cost = price * self.parts
        difference = self.fell - cost
        return difference if abs(difference) > max(TOLERANCE * cost, price) else None


def reconcile(readings: Sequence[Reading]) -> Agreement:
    """Compare readings, oldest first. Where the balance rose, somebody topped it up: that stretch tells nothing."""
    fell, parts = Decimal(0), 0
    for before, after in pairwise(readings):
        if after.amount <= before.amount:
            fell += before.amount - after.amount
            parts += after.parts - before.parts
    return Agreement(fell, parts)


def lasts_at_week_pace(
    balance: Decimal,
    price: Decimal | None,
    parts: int,
    readings: Sequence[Reading],
    began: tuple[datetime | None, datetime | None],
    now: datetime,
) -> float | None:
    """How many days the balance lasts at the last week's pace: what its parts cost, or else by how much it fell.

    `price` is that of a part, if it is known, `parts` are those of the week; `began` says when the first part was taken
    and when the first balance was seen. None if nothing was spent.
    """
    took, saw = began
    if price is not None:
        return days_left(balance, price * parts, days_of_week(took, now))
    fell = reconcile([reading for reading in readings if reading.at >= now - WEEK]).fell
    return days_left(balance, fell, days_of_week(saw, now))


def days_of_week(first: datetime | None, now: datetime) -> float:
    """Over how many days a week's use is spread, if the first of it was seen then: seven at most, one at least."""
    return max(1.0, min(WEEK, now - (first or now)) / _DAY)


def days_left(balance: Decimal, spent: Decimal, days: float) -> float | None:
    """How long the balance lasts if it goes on like this: `spent` in so many `days`. None if nothing was spent."""
    if spent <= 0 or days <= 0:
        return None
    return float(max(balance, Decimal(0)) / spent) * days


def low_changes(low: Low | None, amount: Decimal, *, looks_low: bool) -> bool:
    """Whether a low begins or, if this one stands, ends: by a rise, for a slower pace alone brings nothing back.

    The rise is one above the lowest that was seen: a top-up need not bring back what there was when the low began.
    """
    return looks_low if low is None else amount > low.amount and not looks_low


def sinks(low: Low | None, amount: Decimal) -> bool:
    """Whether the balance is lower than it was seen in this low."""
    return low is not None and amount < low.amount


def is_low(amount: Decimal, limit: Decimal | None, lasts: float | None) -> bool:
    """Whether it is time to top up."""
    return (limit is not None and amount < limit) or (lasts is not None and lasts < LASTS_TOO_SHORT)
