"""What can be set about the gateway, at the start and (through the control API) while it runs."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

QueryStyle = Literal["contract", "vendor"]


@dataclass(slots=True)
class Options:
    """One account, and how the gateway behaves towards it."""

    login: str = "demo"
    token: str = field(default="demo-token", repr=False)
    senders: tuple[str, ...] = ("Demo", "OsonSMS", "fason.tj")
    balance: Decimal = Decimal("100.00")
    """In somoni (TJS)."""
    price: Decimal = Decimal("0.25")
    """Of one part, in somoni (TJS)."""
    active: bool = True
    whitelisted: bool = True
    enroute_seconds: float = 2.0
    """From the acceptance of a message until its status is ACCEPTED."""
    delivered_seconds: float = 4.0
    """From the acceptance of a message until its final status."""
    query_style: QueryStyle = "contract"
    """`contract`: {"status"}; `vendor`: the fields that the vendor's own client reads."""
    allow_txn_only: bool = True
    """Whether a query may name a message by its txn_id alone."""
    magic: bool = True
    """Whether magic numbers act; off for loads that use every phone of the range."""
    hold_seconds: float = 25.0
    """How long a time-out fault keeps the connection without a reply."""
    slow_seconds: float = 3.0
    """How long the fault `slow` keeps a good reply back."""
    clock: Callable[[], float] = field(default=time.time, repr=False)
    """Seconds since 1970; a test passes its own to move time."""

    def __post_init__(self) -> None:
        self.balance, self.price = Decimal(self.balance), Decimal(self.price)
        self.senders = tuple(self.senders)
