"""Stories of /status, /resend, /block and /unblock as a reply: to a card, to a line of a list, and to neither."""

import asyncio

import httpx
import pytest

from tests.story.lists import column, finished, ordered
from tests.support.chat import Chat, Message, offers
from tests.support.world import ADMIN, BOT_TOKEN, OWNER, World

pytestmark = pytest.mark.usefixtures("bot")

FAILS = "900009107"
"""OsonSMS refuses the sender for this phone."""


async def sent(chat: Chat, count: int, user: int = OWNER) -> None:
    """So many delivered SMS, each to a phone of its own."""
    for number in range(1, count + 1):
        await chat.says(user, f"/send 90000000{number} text {number}")
        await chat.wait_for("✅ Delivered")


async def listed(chat: Chat) -> Message:
    """The list of what was sent last."""
    await chat.says(OWNER, "/status")
    return await chat.wait_for("The latest messages")


async def test_a_reply_to_a_card_works_on_its_message(world: World, chat: Chat) -> None:
    """All four verbs, from any admin; and to the card that stands for a campaign, where that makes sense."""
    await sent(chat, 1)
    card = await chat.last()
    await chat.says(OWNER, "/status", reply_to=card["message_id"])
    card = await chat.wait_for("text 1")
    await chat.says(OWNER, "/resend", reply_to=card["message_id"])
    await chat.wait_for("It was delivered. The recipient gets the same once more")
    await chat.says(OWNER, "/block", reply_to=card["message_id"])
    await chat.wait_for("+992 90 000 00 01 is on the stop list")
    await chat.says(OWNER, "/unblock", reply_to=card["message_id"])
    await chat.wait_for("+992 90 000 00 01 may be sent to again")
    await ordered(chat, column(1, 5))
    campaign = await finished(chat, "delivered: 1")
    await chat.says(OWNER, "/status", reply_to=campaign["message_id"])
    campaign = await chat.wait_for("Campaign 1")
    await chat.says(OWNER, "/resend", reply_to=campaign["message_id"])
    await chat.wait_for("On its card press “🔁 Send the failed ones again”")
    await chat.says(OWNER, "/block", reply_to=campaign["message_id"])
    await chat.wait_for("Write whom:")
    assert len(await world.requests("send")) == 2


async def test_a_campaigns_figures_are_no_message(world: World, chat: Chat) -> None:
    """The number in their title is the campaign's: no verb takes the message of the same number for it."""
    await chat.says(OWNER, f"/send {FAILS} no")
    await chat.wait_for("Not sent")
    await ordered(chat, column(1, 5))
    card = await finished(chat, "delivered: 1")
    await chat.presses(OWNER, card, "Figures")
    figures = await chat.wait_for("Campaign #1: 1 sent, 1 delivered")
    assert figures["photo"]
    sends = len(await world.requests("send"))
    for verb, how in (("/resend", "Reply with /resend"), ("/block", "Write whom"), ("/unblock", "Write whom")):
        await chat.says(OWNER, verb, reply_to=figures["message_id"])
        await chat.wait_for(how)
    assert len(await world.requests("send")) == sends


async def test_a_quoted_line_of_a_list_is_the_one_meant(chat: Chat) -> None:
    """Its #number counts for all four verbs; the rest of the list does not."""
    await sent(chat, 3)
    line = "#2 +992 90 000 00 02"
    for verb, said in (
        ("/status", "text 2"),
        ("/resend", "It was delivered"),
        ("/block", "90 000 00 02 is on the stop list"),
        ("/unblock", "90 000 00 02 may be sent to again"),
    ):
        list_ = await listed(chat)
        await chat.says(OWNER, verb, reply_to=list_["message_id"], quote=line)
        await chat.wait_for(said)


async def test_a_list_of_which_nothing_is_quoted_asks_which(world: World, chat: Chat) -> None:
    """A button for each number does what was asked; so does a quote of several lines, or of none that has a number."""
    await sent(chat, 3)
    for verb, said in (
        ("/status", "text 2"),
        ("/resend", "It was delivered"),
        ("/block", "90 000 00 02 is on the stop list"),
        ("/unblock", "90 000 00 02 may be sent to again"),
    ):
        list_ = await listed(chat)
        await chat.says(OWNER, verb, reply_to=list_["message_id"])
        question = await chat.wait_for("Which one?")
        assert Chat.buttons(question) == ["#3", "#2", "#1"]
        await chat.presses(OWNER, question, "#2")
        await chat.wait_for(said)
    list_ = await listed(chat)
    await chat.says(OWNER, "/status", reply_to=list_["message_id"], quote="The latest messages")
    await chat.wait_for("Which one?")
    lines = "\n".join(list_["text"].split("\n")[1:3])
    await chat.says(OWNER, "/block", reply_to=list_["message_id"], quote=lines)
    assert Chat.buttons(await chat.wait_for("Which one?")) == ["#3", "#2"]
    assert len(await world.requests("send")) == 3


async def test_a_list_of_one_line_needs_no_quote(world: World, chat: Chat) -> None:
    """The only #number that stands there is meant."""
    await world.fault("duplicate", call="send")
    await chat.says(OWNER, "/send 900000001 alone")
    await chat.wait_for("Do not send again before you have checked")
    await chat.says(OWNER, "/uncertain")
    inbox = await chat.wait_for("waits for your decision: nobody knows")
    await chat.says(OWNER, "/status", reply_to=inbox["message_id"])
    await chat.wait_for("alone")


@pytest.mark.parametrize(
    ("verb", "how"), [("/resend", "Reply with /resend"), ("/block", "Write whom"), ("/unblock", "Write whom")]
)
async def test_without_anything_it_says_how(world: World, chat: Chat, verb: str, how: str) -> None:
    """Alone; with words that are no number; as a reply to what is no card and no list, or not ours at all."""
    await sent(chat, 1)
    own = await chat.says(OWNER, "#1 is what I mean")
    await chat.wait_for("I do not follow")
    said = await chat.last()
    for words, reply_to in ((verb, None), (f"{verb} what?", None), (verb, own), (verb, said["message_id"])):
        await chat.says(OWNER, words, reply_to=reply_to)
        await chat.wait_for(how)
    await chat.says(OWNER, f"{verb} #99")
    await chat.wait_for("There is no message #99")
    assert len(await world.requests("send")) == 1


async def test_in_a_group_a_strangers_words_are_not_read(world: World, chat: Chat) -> None:
    """A #number that somebody else wrote means nothing, whoever replies to it."""
    await chat.says(OWNER, f"/send {FAILS} no")
    await chat.wait_for("Not sent")
    bait = await chat.says("stranger", "✅ #1 +992 90 000 00 01", chat="group")
    await chat.says(OWNER, "/resend", reply_to=bait, chat="group")
    await chat.wait_for("Reply with /resend")
    assert len(await world.requests("send")) == 1


async def test_what_failed_goes_again_at_once(world: World, chat: Chat) -> None:
    """By reply and by number, each under a txn_id of its own; the same again is then asked about."""
    await world.fault("bad_sender", call="send")
    await chat.says(OWNER, "/send 900000001 second try")
    failed = await chat.wait_for("Not sent")
    await chat.says(ADMIN, "/resend", reply_to=None)
    await chat.wait_for("Reply with /resend")
    await chat.says(OWNER, "/resend", reply_to=failed["message_id"])
    new = await chat.wait_for("✅ Delivered")
    assert "second try" in new["content"]
    assert "#2" in new["content"]
    await chat.says(OWNER, "/resend #1")
    question = await chat.wait_for("was sent to this phone since then")
    await chat.presses(OWNER, question, "Send")
    await chat.wait_for("#3", since=0)
    async with asyncio.timeout(10):
        while len(await world.arrived()) < 2:
            await asyncio.sleep(0.02)
    assert len({send["txn_id"] for send in await world.requests("send")}) == 3
    assert [sms["text"] for sms in await world.arrived()] == ["second try"] * 2


async def test_a_card_that_was_shown_anew_is_still_known_by_its_number(world: World, chat: Chat) -> None:
    """What stands in the chat and is no card any more is read as a list is: by the number in its title."""
    await sent(chat, 1)
    async with httpx.AsyncClient(base_url=f"{world.address}/telegram/bot{BOT_TOKEN}/") as http:
        words = {"chat_id": OWNER, "text": "✅ Delivered · #1\n+992 90 000 00 01"}
        old = (await http.post("sendMessage", json=words)).raise_for_status().json()["result"]["message_id"]
    await chat.says(OWNER, "/block", reply_to=old)
    done = await chat.wait_for("+992 90 000 00 01 is on the stop list")
    assert offers(done, "Allow it again")
