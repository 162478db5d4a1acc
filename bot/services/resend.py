"""Send a message again: another one, under a txn_id of its own. It asks first where the first may have arrived."""

from bot.domain.draft import Order
from bot.domain.message import Message, State
from bot.services.compose import Compose, OrderError, OrderFault, Place
from bot.services.ports import Store

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
"""The same has been sent to this phone since."""


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
        is_sent = latest is not None and latest.id > message.id
        asked = (QUESTIONS[message.state], SENT_SINCE if is_sent else None)
        await self._compose.begin(place, _again(message, message.text), tuple(filter(None, asked)))
        return True


def _again(message: Message, text: str) -> Order:
    return Order(
        phones=(message.phone,),
        text=text,
        sender=message.sender,
        channel=message.channel,
        confidential=message.confidential,
        settles=message.id if message.is_unsettled else None,
    )
