"""Stories of /status: what the log and the gateway know of a message."""

import asyncio

import pytest

from bot.domain.gateway import DeliveryStatus
from tests.support.chat import Chat
from tests.support.world import ADMIN, OWNER, World

pytestmark = pytest.mark.usefixtures("bot")

PLAIN_WORDS = {
    DeliveryStatus.ENROUTE: "has routed it",
    DeliveryStatus.ACCEPTED: "no delivery report yet",
    DeliveryStatus.DELIVERED: "confirmed delivery",
    DeliveryStatus.EXPIRED: "out of reach until the time ran out",
    DeliveryStatus.DELETED: "cancelled at OsonSMS",
    DeliveryStatus.UNDELIVERABLE: "does not exist",
    DeliveryStatus.UNKNOWN: "unknown error",
    DeliveryStatus.REJECTED: "turned it away",
}


def test_every_status_is_in_the_table() -> None:
    """The table below covers the contract's eight statuses."""
    assert PLAIN_WORDS.keys() == set(DeliveryStatus)


@pytest.mark.parametrize("status", list(DeliveryStatus))
async def test_every_status_in_plain_words(world: World, chat: Chat, status: DeliveryStatus) -> None:
    """What the gateway reports reaches the card by itself, in words that say what to do."""
    await world.gateway("options", delivered_seconds=60)
    await chat.says(OWNER, "/send 900000001 hello")
    await chat.wait_for("Accepted by OsonSMS")
    [taken] = await world.taken()
    await world.gateway("status", txn_id=taken["txn_id"], status=status)
    await chat.wait_for(PLAIN_WORDS[status], since=0)


async def test_the_vendors_other_spelling_is_understood(world: World, chat: Chat) -> None:
    """The reply with message_state counts as the one with status."""
    await world.gateway("options", query_style="vendor")
    await chat.says(OWNER, "/send 900000001 hello")
    await chat.wait_for("✅ Delivered")


async def test_a_message_is_found_by_all_that_names_it(world: World, chat: Chat) -> None:
    """txn_id, msg_id, #number, phone, a reply to the card, and nothing at all lead to it, with its history."""
    await chat.says(OWNER, "/send 900000001 where are you")
    card = await chat.wait_for("✅ Delivered")
    [taken] = await world.taken()
    found = card
    asked = [
        taken["txn_id"],
        taken["txn_id"].lower(),
        str(taken["msg_id"]),
        "#1",
        "№ 1",
        "90 000 00 01",
        "+992900000001",
        "",
    ]
    for words in asked:
        await chat.says(OWNER, f"/status {words}".strip())
        found = await chat.wait_for("where are you")
        assert "queued" in found["content"]
        assert "accepted" in found["content"]
        assert taken["txn_id"] in found["content"]
    assert card["message_id"] not in [message["message_id"] for message in await chat.history()], "one card is enough"
    await chat.says(OWNER, "/status", reply_to=found["message_id"])
    await chat.wait_for("where are you")


async def test_what_is_not_there_is_not_found(chat: Chat) -> None:
    """Nothing sent yet, and nothing that fits, are said as such."""
    await chat.says(OWNER, "/status")
    await chat.wait_for("Nothing was sent so far")
    for words in ("#7", "900000009", "01M8833WJJM5D2Z3T14NXK45CV", "what?", "999999999999999999"):
        await chat.says(OWNER, f"/status {words}")
        await chat.wait_for("I found nothing")


async def test_several_are_listed_newest_first_and_opened_by_a_button(chat: Chat) -> None:
    """/status alone lists the latest five; a button opens one as a card."""
    for number in range(6):
        await chat.says(OWNER, f"/send 90000000{number} text {number}")
        await chat.wait_for("✅ Delivered")
    await chat.says(OWNER, "/status")
    listed = await chat.wait_for("The latest messages")
    assert chat.buttons(listed) == ["#6", "#5", "#4", "#3", "#2"]
    await chat.presses(OWNER, listed, "#3")
    await chat.wait_for("text 2")


async def test_refresh_asks_the_gateway_and_says_what_it_said(world: World, chat: Chat) -> None:
    """The refresh button asks now; a gateway that does not answer is told as such, and the card stays true."""
    await world.gateway("options", delivered_seconds=60)
    await chat.says(OWNER, "/send 900000001 fresh")
    card = await chat.wait_for("Accepted by OsonSMS")
    await world.fault("http_500", times=None, call="query")
    answer = await chat.presses(OWNER, card, "Refresh")
    assert answer is not None
    assert "did not tell the status" in answer["text"]
    await world.fault("none", times=None)
    [taken] = await world.taken()
    await world.gateway("status", txn_id=taken["txn_id"], status="DELIVERED")
    await chat.presses(OWNER, card, "Refresh")
    await chat.wait_for("✅ Delivered", since=0)


async def test_checking_an_uncertain_one_finds_that_it_went(world: World, chat: Chat) -> None:
    """The gateway took it, and every repeat and question met a fault: uncertain. Check learns that it was delivered."""
    await world.fault("timeout_after", call="send", delay=3)
    await chat.says(ADMIN, "/send 900000001 did it go")
    async with asyncio.timeout(10):
        while not await world.taken():
            await asyncio.sleep(0.02)
    await world.fault("http_500", times=None)
    card = await chat.wait_for("Do not send again before you have checked")
    assert "Delivered" not in card["content"]
    await world.fault("none", times=None)
    answer = await chat.presses(ADMIN, card, "Check")
    assert answer is not None
    assert answer["text"] == "delivered"
    await chat.wait_for("✅ Delivered", since=0)
    assert len(await world.taken()) == 1
