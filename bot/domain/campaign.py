"""A campaign: one text to many recipients, the two ways it can go, and the stages it goes through.

waiting ──its time──▶ running ──all have an outcome──▶ finished
   │                   ▲  │
   │       somebody's word │ a reason to ask
   │                   │  ▼
   │                  paused ──▶ cancelling ──▶ clearing ──▶ cancelled
   └──▶ back to a draft
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.gateway import Channel
from bot.domain.message import Settlement, State, settlement_of
from bot.domain.wording import Wording

CANARY = 10
"""«First 10, then ask»."""
REFUSAL_SAMPLE = 100
REFUSAL_SHARE = 0.2
"""When more than this share of the first messages is refused, the campaign stops and asks."""
FEWEST_REFUSALS = 5
"""Fewer are no pattern: a short list may well have a wrong phone or two."""


class Way(StrEnum):
    """How a campaign goes out."""

    TRACKED = "tracked"
    """A message of its own to each recipient; the delivery of each is known."""
    BULK = "bulk"
    """The gateway's own bulk call; it tells nothing of any single recipient."""


class Stage(StrEnum):
    """Where a campaign stands."""

    WAITING = "waiting"
    """Confirmed; it may still be taken back. Its time is `starts_at`."""
    RUNNING = "running"
    PAUSED = "paused"
    """It asks, or waits for money: `hold` says why."""
    CANCELLING = "cancelling"
    """What has not left is being cancelled, piece by piece."""
    CLEARING = "clearing"
    """Cancelled; what may have left is repeated under its txn_id until its fate is known."""
    CANCELLED = "cancelled"
    FINISHED = "finished"
    """Every recipient has an outcome; delivery reports may still come."""


SENDING_STAGES = (Stage.RUNNING, Stage.CLEARING)
"""Stages whose messages may be sent."""


class Hold(StrEnum):
    """Why a campaign is paused."""

    BY_HAND = "by_hand"
    SENDER = "sender"
    """The gateway refused the sender."""
    REFUSALS = "refusals"
    """Too many of the first messages were refused."""
    CANARY = "canary"
    """The first few have gone out: shall the rest follow?"""
    OVERDUE = "overdue"
    """Its time passed more than a quarter of an hour ago: shall it go out now?"""
    BALANCE = "balance"
    """It costs more than there is; it goes on by itself after a top-up."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """One text to many recipients."""

    id: int
    way: Way
    text: str | None = field(repr=False)
    """None once a confidential text has left."""
    sender: str
    channel: Channel
    confidential: bool
    latin: bool
    plain: bool
    """As in `Wording`."""
    file_name: str | None
    recipients: int
    parts: int
    """In all, as we counted them."""
    stage: Stage
    hold: Hold | None
    actor_id: int
    created_at: datetime
    starts_at: datetime
    send_at: datetime | None
    """When it was ordered to go out; None: at once."""
    started_at: datetime | None
    ended_at: datetime | None
    draft_id: int | None
    """The draft whose pieces hold its recipients; None: its messages were all ordered at once."""
    columns: tuple[str, ...]
    """Names of the columns of its list."""
    rows: int
    """Rows in the pieces of its recipients."""
    taken: int
    """How many of them have become messages, or were left out for want of a value."""
    ask_after: int | None
    """Stop and ask after so many messages."""
    checked: bool
    """Whether somebody has looked at its refusals."""
    again_of: int | None
    """The campaign whose failed messages it sends again."""
    again_by: int | None
    """The campaign that sends its failed messages again."""

    @property
    def wording(self) -> Wording:
        """What recipients are told."""
        return Wording(self.text or "", self.latin, self.plain)


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

    @property
    def settlement(self) -> Settlement | None:
        """What somebody has decided about it."""
        return settlement_of(self.reason)

    @property
    def is_unsettled(self) -> bool:
        """Whether nobody knows if it went, and nobody has decided about it."""
        return self.state is State.UNCERTAIN and self.settlement is None


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """A campaign and where its messages or its bulk calls stand."""

    campaign: Campaign
    states: Mapping[State, int]
    """How many messages stand in each state (tracked)."""
    bulks: tuple[Bulk, ...]
    """The bulk calls (bulk)."""

    @property
    def ordered(self) -> int:
        """Messages in the log."""
        return sum(self.states.values())

    @property
    def to_leave(self) -> int:
        """Messages and bulk calls that have no outcome yet."""
        waiting = (State.QUEUED, State.SENDING)
        return sum(self.states.get(state, 0) for state in waiting) + sum(bulk.state in waiting for bulk in self.bulks)

    @property
    def decided(self) -> int:
        """Messages that have an outcome."""
        return self.ordered - self.to_leave

    @property
    def is_taken(self) -> bool:
        """Whether every row of its list has become a message, or was left out."""
        return self.campaign.taken >= self.campaign.rows

    @property
    def is_under_way(self) -> bool:
        """Whether anything of it has still to leave."""
        return self.campaign.stage not in (Stage.CANCELLED, Stage.FINISHED)


def refusals_ask(report: CampaignReport, news: int) -> bool:
    """Whether so many of the first messages are refused that somebody should look, after `news` more outcomes."""
    campaign = report.campaign
    sample = min(REFUSAL_SAMPLE, campaign.recipients)
    if campaign.checked or campaign.stage is not Stage.RUNNING or report.decided - news >= sample:
        return False
    failed = report.states.get(State.FAILED, 0)
    return failed >= FEWEST_REFUSALS and failed > REFUSAL_SHARE * max(sample, report.decided)
