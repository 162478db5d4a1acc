"""A campaign: one text to many recipients, and the two ways it can go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.message import State


class Way(StrEnum):
    """How a campaign goes out."""

    TRACKED = "tracked"
    """A message of its own to each recipient; the delivery of each is known."""
    BULK = "bulk"
    """The gateway's own bulk call; it tells nothing of any single recipient."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """One text to many recipients."""

    id: int
    way: Way
    text: str | None = field(repr=False)
    """None once a confidential text has left."""
    sender: str
    confidential: bool
    file_name: str | None
    recipients: int
    parts: int
    """In all, as we counted them."""
    paused: bool
    actor_id: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Bulk:
    """One bulk call of a campaign: a file of at most 5 MB under a txn_id of its own. It moves as a message does."""

    id: int
    campaign_id: int
    txn_id: str
    state: State
    send_at: datetime
    with_params: bool
    attempts: int
    retries: int
    may_have_arrived: bool
    name: str | None
    """`sms_bulk_name`, the gateway's name for it."""
    reason: str | None
    code: int | None
    gateway_text: str | None


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """A campaign and where its messages or its bulk calls stand."""

    campaign: Campaign
    states: Mapping[State, int]
    """How many messages stand in each state (tracked)."""
    bulks: tuple[Bulk, ...]
    """The bulk calls (bulk)."""

    @property
    def is_under_way(self) -> bool:
        """Whether anything of it has still to leave."""
        return bool(self.states.get(State.QUEUED) or self.states.get(State.SENDING))
