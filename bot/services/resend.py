"""Send a message again: another one, under a txn_id of its own. It asks first where the first may have arrived."""

from bot.domain.draft import Order
from bot.domain.message import Message, State
from bot.domain.retry import PASSING
from bot.services.compose import Compose, OrderError, OrderFault, Place
from bot.services.ports import Log, Store

QUESTIONS: dict[State, str | None] = {
    State.QUEUED: "again_on_way",
    State.SENDING: "again_on_way",
    State.ACCEPTED: "again_on_way",
    State.DELIVERED: "again_delivered",
    State.UNDELIVERABLE: "again_undelivered",
    State.EXPIRED: "again_undelivered",
    State.REJECTED: "again_undelivered",
    State.DELETED: "again_undelivered",
    State.UNKNOWN: "again_uncertain",
    State.UNCERTAIN: "again_uncertain",
    State.FAILED: None,
    State.CANCELLED: None,
}
"""What is asked before a message in this state is sent again; None: it has certainly not left, so nothing is."""
SENT_SINCE = "again_sent"
"""The same has been sent to this phone since, or another campaign sends it."""


class Resend:
    """Sends again what an admin means."""

    def __init__(self, store: Store, compose: Compose) -> None:
        self._store = store
        self._compose = compose

    async def __call__(self, place: Place, message_id: int) -> bool:
        """Send it, or ask; the card appears in the chat. False if there is no such message. Said again, it counts once.

        Raises:
            OrderError: its text is erased, or its phone is on the stop list.
        """
        async with self._store.read() as log:
            message = await log.message(message_id)
            if message is None:
                return False
            if message.text is None:
                raise OrderError(OrderFault.TEXT_ERASED)
            latest = await log.sent_since(message.phone, message.text, message.created_at)
            is_sent = (latest is not None and latest.id > message.id) or await _is_repeated(log, message)
        asked = (QUESTIONS[message.state], SENT_SINCE if is_sent else None)
        await self._compose.begin(place, _again(message, message.text), tuple(filter(None, asked)))
        return True


async def _is_repeated(log: Log, message: Message) -> bool:
    """Whether another campaign sends it again, or will: what waits there may not be in the log yet."""
    if message.campaign_id is None or message.state is not State.FAILED or message.reason not in PASSING:
        return False
    report = await log.campaign(message.campaign_id)
    return report is not None and report.campaign.again_by is not None


def _again(message: Message, text: str) -> Order:
    return Order(
        phones=(message.phone,),
        text=text,
        sender=message.sender,
        channel=message.channel,
        confidential=message.confidential,
        settles=message.id if message.is_unsettled else None,
    )
