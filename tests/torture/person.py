"""The person who begins the campaign: sends the list, looks at what the bot shows, presses; again if unheard."""

from tests.support.chat import Chat, Message
from tests.support.world import OWNER
from tests.torture.plan import Plan

_PATIENCE = 300.0
_PRESS = 3.0
"""Seconds until a person takes a press for lost."""


async def by_file(chat: Chat, plan: Plan) -> None:
    """A CSV file with the text as its caption."""
    rows = "".join(f"{person.phone};{person.name}\n" for person in plan.recipients)
    await chat.sends_file(OWNER, "people.csv", f"phone;name\n{rows}".encode(), caption=plan.caption)
    await _confirm(chat)


async def by_command(chat: Chat, plan: Plan) -> None:
    """/send with several phones, a hundred at most."""
    phones = ", ".join(person.phone for person in plan.recipients)
    await chat.says(OWNER, f"/send {phones} {plan.caption}")
    await _confirm(chat)


async def _confirm(chat: Chat) -> None:
    """Press until the bot answers, or shows by itself that the campaign is there."""
    while True:
        card = await chat.wait_for(lambda message: bool(_sending(message)) or is_card(message), _PATIENCE, since=0)
        if is_card(card) or await _is_heard(chat, card):
            return


async def _is_heard(chat: Chat, preview: Message) -> bool:
    press = {"user": OWNER, "message_id": preview["message_id"], "data": _sending(preview), "wait": _PRESS}
    try:
        return (await chat.control("press", json=press))["answer"] is not None
    except ValueError:  # the button went before the finger came
        return False


def _sending(message: Message) -> str | None:
    """What the button that sends carries."""
    found = [button.get("callback_data", "") for row in message["buttons"] for button in row]
    return next((data for data in found if data.startswith("p:send:")), None)


def is_card(message: Message) -> bool:
    """Whether it is the bot's card of a campaign."""
    return bool(message["from_bot"]) and message["content"].startswith("Campaign ")
