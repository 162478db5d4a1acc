"""Bring campaigns forward: begin them in time, turn lists into messages, see when they have to ask or are done."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import structlog

from bot.domain.campaign import Campaign, CampaignReport, Hold, Stage, Way
from bot.domain.card import Subject
from bot.domain.draft import PieceKind
from bot.domain.errors import GatewayError
from bot.domain.message import NewText, State, new_txn_id, new_txn_ids
from bot.domain.template import placeholders
from bot.domain.text import measure
from bot.domain.timing import Timing
from bot.intake import bulk_files, written
from bot.logs import where
from bot.services.balance import AskBalance
from bot.services.ports import Clock, Log, Ring, Store
from bot.services.tell import Tell

logger = structlog.get_logger()
_AT_ONCE = 1000
"""Messages cancelled in one commit."""
_BALANCE_WITHIN = 5.0
"""Seconds: other campaigns wait meanwhile."""
_LEAD = 5000
"""With so many queued, the next pieces can wait a moment: an admin's own order is to be written meanwhile."""
_PIECES = 4
"""Pieces of a list that become messages in one commit."""
_OPEN = (Stage.WAITING, Stage.RUNNING, Stage.PAUSED, Stage.CANCELLING, Stage.CLEARING)


class RunCampaigns:
    """One step for each campaign that is not over.

    `price` is that of a part, in TJS, if it is known; `ended` is rung when a campaign has come to its end.
    """

    def __init__(
        self,
        store: Store,
        ask_balance: AskBalance,
        clock: Clock,
        timing: Timing,
        ring: Ring,
        ended: Ring,
        price: Decimal | None,
        tell: Tell,
    ) -> None:
        self._tell = tell
        self._store = store
        self._ask_balance = ask_balance
        self._clock = clock
        self._timing = timing
        self._ring = ring
        self._ended = ended
        self._price = price
        self._looked_at: dict[int, datetime] = {}
        """When the balance was asked for, for campaigns that wait for money."""

    async def __call__(self) -> bool:
        """Take a step with each; False if none has another one to take at once."""
        async with self._store.read() as log:
            reports = await log.campaigns_at_work(_OPEN, self._clock())
            stopped = bool(reports) and await log.current_pause() is not None
        more = [await self._step_safely(report, stopped=stopped) for report in reports]
        return any(more)

    async def _step_safely(self, report: CampaignReport, *, stopped: bool) -> bool:
        """Take a step; what goes wrong with one campaign holds up no other."""
        try:
            return await self._step(report, stopped=stopped)
        except Exception as error:
            logger.error("campaign not advanced", id=report.campaign.id, error=type(error).__name__, where=where(error))  # noqa: TRY400 (a traceback may quote values)
            return False

    async def _step(self, report: CampaignReport, *, stopped: bool) -> bool:
        match report.campaign.stage:
            case Stage.WAITING if not stopped:  # else it might fall due at night, long after it was to go
                await self._begin(report.campaign)
                return True
            case Stage.RUNNING if not report.is_taken and not _is_enough(report):
                taken = await self._take_pieces(report.campaign.id)
                return taken and report.states.get(State.QUEUED, 0) < _LEAD
            case Stage.RUNNING if not report.to_leave:
                await self._end(report)
            case Stage.RUNNING if self._is_too_late(report) and not stopped:
                await self._move(report.campaign.id, Stage.RUNNING, Stage.PAUSED, Hold.OVERDUE)
            case Stage.PAUSED if report.campaign.hold is Hold.BALANCE:
                await self._look_at_balance(report.campaign)
            case Stage.CANCELLING:
                return await self._cancel_some(report.campaign.id)
            case Stage.CLEARING if not report.to_leave:
                await self._move(report.campaign.id, Stage.CLEARING, Stage.CANCELLED)
            case Stage.CLEARING:
                return await self._cancel_some(report.campaign.id)
        return False

    async def _begin(self, campaign: Campaign) -> None:
        now = self._clock()
        ordered_for = campaign.send_at if campaign.way is Way.BULK and campaign.send_at else campaign.starts_at
        if now - ordered_for > timedelta(seconds=self._timing.overdue):
            await self._move(campaign.id, Stage.WAITING, Stage.PAUSED, Hold.OVERDUE)
        elif campaign.hold is not Hold.BALANCE and await self._lacks_money(campaign):
            await self._move(campaign.id, Stage.WAITING, Stage.PAUSED, Hold.BALANCE)
        else:
            files = await self._bulk_files(campaign)
            async with self._store.write() as log:
                report = await log.campaign(campaign.id, lock=True)
                begun = report is not None and report.campaign.started_at is not None
                if not begun and await log.move_campaign(
                    campaign.id, [Stage.WAITING], Stage.RUNNING, now, started_at=now
                ):
                    await _begun(log, campaign, files, now)
            self._ring()

    def _is_too_late(self, report: CampaignReport) -> bool:
        """Whether a list that never left bears a time that is long past."""
        latest = self._clock() - timedelta(seconds=self._timing.overdue)
        never = (bulk for bulk in report.bulks if bulk.state is State.QUEUED and not bulk.may_have_arrived)
        return any(bulk.send_at < latest for bulk in never)

    async def _bulk_files(self, campaign: Campaign) -> list[bytes]:
        if campaign.way is Way.TRACKED or campaign.draft_id is None:
            return []
        async with self._store.read() as log:
            pieces = await log.pieces(campaign.draft_id, PieceKind.RECIPIENTS)
        return await asyncio.to_thread(bulk_files, campaign.columns, [piece.data for piece in pieces], campaign.wording)

    async def _lacks_money(self, campaign: Campaign) -> bool | None:
        """Whether it costs more than there is; None where that is not known: then the gateway will say."""
        if self._price is None:
            return None
        self._looked_at[campaign.id] = self._clock()
        try:
            balance = (await self._ask_balance(_BALANCE_WITHIN)).amount
        except (GatewayError, TimeoutError):
            return None
        return self._price * campaign.parts > balance

    async def _look_at_balance(self, campaign: Campaign) -> None:
        """Let it go on once there is enough; asked for every so often."""
        looked_at = self._looked_at.get(campaign.id)
        if looked_at and self._clock() - looked_at < timedelta(seconds=self._timing.balance_probe):
            return
        if await self._lacks_money(campaign) is False:
            async with self._store.write() as log:
                now = self._clock()
                report = await log.campaign(campaign.id, lock=True)  # somebody may have decided otherwise meanwhile
                if report and report.campaign.hold is Hold.BALANCE:
                    await log.move_campaign(campaign.id, [Stage.PAUSED], Stage.WAITING, now, starts_at=now)
            self._ring()

    async def _take_pieces(self, campaign_id: int) -> bool:
        """Turn the next pieces of its list into messages; they and the place in the list are one commit."""
        now = self._clock()
        async with self._store.write() as log:
            report = await log.campaign(campaign_id, lock=True)
            if report is None or report.campaign.stage is not Stage.RUNNING or _is_enough(report):
                return False
            taken = report.campaign.taken
            for _ in range(_PIECES):
                taken = await _take_piece(log, report, taken, now)
                if taken >= report.campaign.rows or report.campaign.ask_after is not None:
                    break
            await log.rows_taken(campaign_id, taken, now)
            if taken >= report.campaign.rows:
                await log.erase_campaign_text(campaign_id)
        self._ring()
        return True

    async def _cancel_some(self, campaign_id: int) -> bool:
        async with self._store.write() as log:
            cancelled = await log.cancel_some(campaign_id, self._clock(), _AT_ONCE)
            await log.cancel_bulks(campaign_id, self._clock())
            if not cancelled:
                await log.move_campaign(campaign_id, [Stage.CANCELLING], Stage.CLEARING, self._clock())
        if cancelled:
            self._ring()
        return bool(cancelled)

    async def _end(self, report: CampaignReport) -> None:
        if report.is_taken:
            await self._move(report.campaign.id, Stage.RUNNING, Stage.FINISHED)
        else:
            await self._move(report.campaign.id, Stage.RUNNING, Stage.PAUSED, Hold.CANARY)

    async def _move(self, campaign_id: int, source: Stage, stage: Stage, hold: Hold | None = None) -> None:
        """Move it on to where an admin should look: its card comes anew."""
        now = self._clock()
        async with self._store.write() as log:
            if await log.move_campaign(campaign_id, [source], stage, now, hold):
                await log.repost(Subject.CAMPAIGN, campaign_id, now)
                if stage in (Stage.FINISHED, Stage.CANCELLED):
                    await log.forget_list(campaign_id)
                    await self._tell_all(log, campaign_id, now)
        self._ring()
        if stage in (Stage.FINISHED, Stage.CANCELLED):
            self._ended()

    async def _tell_all(self, log: Log, campaign_id: int, now: datetime) -> None:
        report = await log.campaign(campaign_id)
        if report:
            await self._tell.campaign(log, report, now)


def _is_enough(report: CampaignReport) -> bool:
    """Whether so many were ordered that somebody is to be asked before the rest."""
    return report.campaign.ask_after is not None and report.ordered >= report.campaign.ask_after


async def _take_piece(log: Log, report: CampaignReport, taken: int, now: datetime) -> int:
    """Queue the messages of one piece, or of what is left of it; return how many rows are taken by then."""
    campaign = report.campaign
    piece = await log.piece(campaign.draft_id, PieceKind.RECIPIENTS, taken) if campaign.draft_id else None
    if piece is None:  # cannot be: pieces and their count were one commit
        raise RuntimeError(f"campaign {campaign.id} lacks a piece of its list")
    rows = written(campaign.columns, piece.data, campaign.wording)
    more, messages = _taken(report, rows[taken - piece.first :])
    blocked = await log.blocked((message.phone for message in messages), hold=True)
    await log.add_campaign_messages(campaign, messages, now)
    if blocked:
        await log.withhold(blocked, None, now)
    return taken + more


async def _begun(log: Log, campaign: Campaign, files: Sequence[bytes], now: datetime) -> None:
    with_params = bool(placeholders(campaign.text or ""))
    for file in files:  # the time is fixed here: a repeat must be the same request to the letter
        send_at = max(campaign.send_at or now, now)
        await log.add_bulk(campaign.id, new_txn_id(), file, send_at, with_params=with_params, now=now)
    if campaign.way is Way.BULK:
        await log.rows_taken(campaign.id, campaign.rows, now)
    if campaign.draft_id:
        await log.settle_draft(campaign.draft_id)


def _taken(report: CampaignReport, rows: Sequence[tuple[int, str, str] | None]) -> tuple[int, list[NewText]]:
    """How many of these rows are taken now, and their messages: no more than the campaign may send before it asks."""
    room = len(rows) if report.campaign.ask_after is None else report.campaign.ask_after - report.ordered
    if room <= 0:
        return 0, []
    filled = [place for place, row in enumerate(rows) if row]
    taken = len(rows) if len(filled) <= room else filled[room - 1] + 1
    return taken, _messages([row for row in rows[:taken] if row])


def _messages(rows: Sequence[tuple[int, str, str]]) -> list[NewText]:
    sizes = {text: measure(text) for text in {text for _, _, text in rows}}  # most campaigns tell everybody the same
    return [
        NewText(txn_id, phone, text, sizes[text].encoding, sizes[text].parts)
        for txn_id, (_, phone, text) in zip(new_txn_ids(len(rows)), rows, strict=True)
    ]
