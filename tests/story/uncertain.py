"""Ways to a message that nobody knows the fate of, which many stories begin with."""

from tests.support.chat import Chat, Message
from tests.support.world import OWNER, World

WAITS = "wait for your decision"
"""On the notice, and over the list, where there are several."""


async def uncertain(world: World, chat: Chat, text: str = "did it go", phone: str = "900000001") -> Message:
    """An SMS of the owner's that OsonSMS says to know at the first attempt, and then does not: gives its card.

    By then it is asked for no more, and waits for a decision.
    """
    await world.fault("duplicate", call="send")
    await chat.says(OWNER, f"/send {phone} {text}")
    return await chat.wait_for("Do not send again before you have checked")


def is_notice(message: Message) -> bool:
    """Whether it is the notice that something waits."""
    return bool(message["from_bot"]) and (
        "OsonSMS did not tell" in message["content"] or "All is settled" in message["content"]
    )


async def notices(chat: Chat, user: int) -> list[Message]:
    """The notices that stand in this person's chat."""
    chat.user, chat.chat = user, None
    return [message for message in await chat.history() if is_notice(message)]
