"""What an admin does with a confirmed campaign: take it back, stop it, let it go on, cancel it, send again."""

from collections import Counter
from datetime import datetime
from typing import Any

from bot.domain.campaign import CampaignReport, Hold, Stage, Way
from bot.domain.card import Subject
from bot.domain.draft import Order, PhoneList, Step
from bot.domain.message import Message, State
from bot.domain.operators import operator_of
from bot.services.compose import Place
from bot.services.order_campaign import pieces_of, take_back
from bot.services.ports import Clock, Log, Ring, Store

_PAGE = 500
_SAMPLES = 5


class ManageCampaign:
    """A campaign once it is confirmed. Any admin may: a campaign under way is everybody's."""

    def __init__(self, store: Store, clock: Clock, ring: Ring) -> None:
        self._store = store
        self._clock = clock
        self._ring = ring

    async def take_back(self, campaign_id: int) -> bool:
        """Let it be a draft again; False if it has begun."""
        async with self._store.write() as log:
            taken = await take_back(log, campaign_id, self._clock())
        self._ring()
        return taken

    async def pause(self, campaign_id: int) -> bool:
        """Stop it; what has left has left. False if it is not running."""
        async with self._store.write() as log:
            paused = await log.move_campaign(campaign_id, [Stage.RUNNING], Stage.PAUSED, self._clock(), Hold.BY_HAND)
        self._ring()
        return paused

    async def resume(self, campaign_id: int) -> bool:
        """Let it go on, whatever it had asked; False if it is not paused."""
        now = self._clock()
        async with self._store.write() as log:
            report = await log.campaign(campaign_id, lock=True)
            if report is None or report.campaign.stage is not Stage.PAUSED:
                return False
            stage, values = _going_on(report, now)
            await log.delay_bulks(campaign_id, now)
            resumed = await log.move_campaign(campaign_id, [Stage.PAUSED], stage, now, **values)
        self._ring()
        return resumed

    async def cancel(self, campaign_id: int) -> int | None:
        """Cancel what has not left and cannot have left; return how many those are, None if it is over."""
        now = self._clock()
        async with self._store.write() as log:
            report = await log.campaign(campaign_id, lock=True)
            sources = [Stage.WAITING, Stage.RUNNING, Stage.PAUSED]
            if report is None or not await log.move_campaign(
                campaign_id, sources, Stage.CANCELLING, now, starts_at=now
            ):
                return None
            await log.cancel_bulks(campaign_id, now)
            if report.campaign.draft_id:
                await log.settle_draft(report.campaign.draft_id)
            if report.campaign.again_of and not report.ordered:
                await log.free_again(campaign_id, now)
        self._ring()
        return _held_back(report)

    async def again(self, campaign_id: int, place: Place) -> int:
        """Make a draft of those that failed for a reason that may have passed; return how many they are.

        They certainly did not go: what may have arrived is uncertain, not failed. So each gets a new txn_id.
        """
        now = self._clock()
        async with self._store.write() as log:
            report = await log.campaign(campaign_id, lock=True)
            failures = await _failures(log, campaign_id)
            if report is None or report.campaign.again_by or not failures:
                return 0
            blocked = await log.blocked(message.phone for message in failures)
            order = _again(report, failures, len(blocked))
            origin = f"again:{campaign_id}:{place.origin}:{now.timestamp()}"
            draft_id = await log.add_draft(origin, place.chat_id, place.actor_id, Step.CONFIRM, order, now)
            if draft_id:
                await log.add_pieces(draft_id, pieces_of([(message.phone, message.text or "") for message in failures]))
                await log.add_card(place.chat_id, place.actor_id, Subject.DRAFT, draft_id, now, place.reply_to)
        self._ring()
        return len(failures)


def _held_back(report: CampaignReport) -> int:
    """Recipients of whom it is sure that nothing has left."""
    if report.campaign.way is Way.BULK:
        return 0 if any(bulk.attempts for bulk in report.bulks) else report.campaign.recipients
    return report.states.get(State.QUEUED, 0) + report.campaign.rows - report.campaign.taken


def _going_on(report: CampaignReport, now: datetime) -> tuple[Stage, dict[str, Any]]:
    """Where a paused campaign goes on, and what of it is settled by that."""
    campaign = report.campaign
    values: dict[str, Any] = {
        "checked": campaign.checked or campaign.hold in (Hold.REFUSALS, Hold.SENDER),
        "ask_after": None if campaign.hold is Hold.CANARY else campaign.ask_after,
    }
    if campaign.started_at is None:  # it has still to begin; if money held it, that was looked at now
        settled = Hold.BALANCE if campaign.hold is Hold.BALANCE else None
        missed = campaign.send_at is not None and campaign.send_at < now  # its hour is past: it goes now
        return Stage.WAITING, values | {
            "starts_at": now,
            "hold": settled,
            "send_at": now if missed else campaign.send_at,
        }
    return Stage.RUNNING, values


async def _failures(log: Log, campaign_id: int) -> list[Message]:
    failures: list[Message] = []
    while page := await log.passing_failures(campaign_id, failures[-1].id if failures else 0, _PAGE):
        failures += page
    return failures


def _again(report: CampaignReport, failures: list[Message], blocked: int) -> Order:
    """The order of a draft in which each has his own text, as it was to go."""
    campaign = report.campaign
    parts = [message.parts for message in failures]
    encodings = {message.encoding for message in failures}
    listed = PhoneList(
        file_name=campaign.file_name or "",
        rows=len(failures),
        recipients=len(failures),
        duplicates=0,
        faults={},
        fault_rows=(),
        columns=("phone", "text"),
        samples=tuple((message.phone, message.text or "") for message in failures[:_SAMPLES]),
        parts=(min(parts), max(parts), sum(parts)),
        encoding="mixed" if len(encodings) > 1 else encodings.pop(),
        operators=dict(Counter(operator_of(message.phone) for message in failures)),
        blocked=blocked,
    )
    return Order(
        text="{text}",
        sender=campaign.sender,
        channel=campaign.channel,
        file_name=campaign.file_name or "",
        phone_list=listed,
        again_of=campaign.id,
    )
