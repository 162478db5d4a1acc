"""Tell the admins what became of messages and campaigns, as each wishes: in the commit that moves them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.campaign import CampaignReport
from bot.domain.card import Subject
from bot.domain.lookback import STATES, Kind
from bot.domain.message import State
from bot.domain.notices import What, Whose, Wishes
from bot.domain.timing import Timing
from bot.services.ports import Log

_UNDELIVERED = frozenset(STATES[Kind.UNDELIVERED])
_NOT_WELL = _UNDELIVERED | {State.FAILED, State.UNCERTAIN}


class Tell:
    """A notice is the card itself, shown anew at the end of the chat: an edit further up makes no sound."""

    def __init__(self, admins: Sequence[int], timing: Timing) -> None:
        self._admins = admins
        self._timing = timing
        self._seen = timedelta(seconds=timing.watched)

    async def inbox(self, log: Log, now: datetime) -> None:
        """Something has come to wait for a decision: tell every admin in private.

        The card is shown anew, with a sound, once in `Timing.inbox`; in between it only counts on. A campaign may have
        hundreds that are uncertain.
        """
        await log.bump(Subject.INBOX, 0, now)
        for admin in self._admins:
            if await log.may_tell(admin, now - timedelta(seconds=self._timing.inbox), now):
                await log.tell(Subject.INBOX, 0, admin, now)

    async def outcomes(self, log: Log, ids: Sequence[int], now: datetime, spared: int | None = None) -> None:
        """Tell of those of these messages that have come to their end now; of a campaign's once all have.

        Who ordered one a moment ago still looks at its card, and so does who asked for it just now (`spared`).
        """
        ended = [message for message in await log.single_messages(ids) if message.final_at == now] if ids else []
        wishes = await log.all_wishes() if ended else {}
        for message in ended:
            looks_on = message.actor_id if now - message.created_at < self._seen else None
            for admin in self._admins:
                if admin not in (looks_on, spared) and wishes.get(admin, Wishes()).want(message, admin):
                    await log.tell(Subject.MESSAGE, message.id, admin, now)
        for report in await log.decided_campaigns(ids) if ids else []:
            if _states(report) & _UNDELIVERED:  # when it ended nobody knew
                await self.campaign(log, report, now)

    async def campaign(self, log: Log, report: CampaignReport, now: datetime) -> None:
        """Tell of a campaign that has ended: who ordered it sees it anyway, others if they wish to."""
        wishes = await log.all_wishes()
        for admin in self._admins:
            wish = wishes.get(admin, Wishes())
            is_meant = wish.whose is Whose.ALL and admin != report.campaign.actor_id
            if is_meant and (wish.what is What.EVERYTHING or _states(report) & _NOT_WELL):
                await log.tell(Subject.CAMPAIGN, report.campaign.id, admin, now)


def _states(report: CampaignReport) -> set[State]:
    """Those in which any of its messages, or of its bulk calls, stands."""
    return {state for state, number in report.states.items() if number} | {bulk.state for bulk in report.bulks}
