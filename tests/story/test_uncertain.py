"""Stories of the uncertain: an admin looks them through and decides, and nobody gets an SMS twice for it."""

import asyncio
from dataclasses import replace

import pytest

from tests.story.lists import column, drafted, ordered
from tests.story.uncertain import is_notice, notices, uncertain
from tests.support.chat import Chat, Message, offers
from tests.support.timing import QUICK
from tests.support.world import ADMIN, OWNER, World, running_bot, until

CHOICES = ["Mark as sent", "🔁 Send again…", "Close"]


async def alert(chat: Chat, user: int, message: Message, button: str) -> str:
    """What a press answers."""
    answer = await chat.presses(user, message, button)
    assert answer is not None
    return str(answer["text"])


@pytest.mark.usefixtures("bot")
async def test_what_is_uncertain_waits_in_the_inbox(world: World, chat: Chat) -> None:
    """First the bot asks by itself; then all admins are told, and find it in /uncertain with what is known of it."""
    await chat.says(ADMIN, "/uncertain")
    await chat.wait_for("Nothing waits for your decision")
    await world.fault("duplicate", call="send")
    await chat.says(OWNER, "/send 900000001 did it go")
    asking = await chat.wait_for("I am asking OsonSMS by myself")
    assert Chat.buttons(asking)[2:] == CHOICES
    await chat.wait_for("Do not send again before you have checked", since=0)
    assert len(await world.requests("query")) == 4
    for user in (OWNER, ADMIN):
        chat.user = user
        notice = await chat.wait_for("1 SMS or list waits for your decision", since=0)
        await chat.presses(user, notice, "Open the list")
        listed = await chat.wait_for("#1 +992 90 000 00 01")
        assert "OsonSMS knows its txn_id: most likely it went" in listed["content"]
        await chat.presses(user, listed, "#1")
        assert Chat.buttons(await chat.wait_for("did it go"))[2:] == CHOICES
    assert await world.arrived() == []


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("button", "toast", "state", "said", "history"),
    [
        ("Mark as sent", "Marked as sent", "Accepted by OsonSMS", "Marked as sent by hand", "marked as sent · by"),
        ("Close", "Closed", "Not known whether it went", "nothing more is done about it", "closed · by"),
    ],
)
async def test_a_decision_is_told_with_who_took_it(
    world: World, chat: Chat, button: str, toast: str, state: str, said: str, history: str
) -> None:
    """The card says what was decided, by whom and when; the inbox is empty, and the notice says so in its place."""
    card = await uncertain(world, chat)
    notice = await chat.wait_for(is_notice, since=0)
    assert await alert(chat, OWNER, card, button) == toast
    decided = await chat.wait_for(said, since=0)
    assert state in decided["content"]
    assert f"{history} you" in decided["content"]
    assert not any(offers(decided, choice) for choice in CHOICES)
    settled = await chat.wait_for("All is settled", since=0)
    assert settled["message_id"] == notice["message_id"]
    await chat.says(ADMIN, "/uncertain")
    await chat.wait_for("Nothing waits for your decision")
    await chat.says(ADMIN, "/status #1")
    assert f"{history} {OWNER}" in (await chat.wait_for(said))["content"]
    assert await world.arrived() == []


@pytest.mark.usefixtures("bot")
async def test_check_on_a_closed_one_still_learns_the_truth(world: World, chat: Chat) -> None:
    """Closed is no state of delivery: what the gateway knows after all holds."""
    await world.gateway("options", query_style="contract")
    await world.fault("http_500_after", times=None, call="send")
    await chat.says(OWNER, "/send 900000001 did it go")
    await until(lambda: _has_taken(world))
    await world.fault("http_500", times=None)
    card = await chat.wait_for("Do not send again before you have checked", since=0)
    await chat.presses(OWNER, card, "Close")
    await chat.wait_for("nothing more is done about it", since=0)
    await world.fault("none", times=None)
    assert await alert(chat, OWNER, card, "Check") == "delivered"
    await chat.wait_for("✅ Delivered", since=0)


async def _has_taken(world: World) -> bool:
    return bool(await world.taken())


async def test_send_again_asks_first_and_outlives_a_restart(world: World, chat: Chat) -> None:
    """It names the risk; confirmed after a restart, one SMS goes under a txn_id of its own, and the old is settled."""
    async with running_bot(world):
        card = await uncertain(world, chat)
        assert await alert(chat, OWNER, card, "Send again") == "See below"
        question = await chat.wait_for("may have it already; then it arrives twice")
        assert await world.arrived() == []
    async with running_bot(world):
        await chat.presses(OWNER, question, "Send")
        new = await chat.wait_for("✅ Delivered")
        assert new["message_id"] == question["message_id"], "its card stands where the question stood"
        old = await chat.wait_for("sent again · by you", since=0)
        assert "Whether this one went is not known" in old["content"]
        await chat.wait_for("All is settled", since=0)
    assert [sms["text"] for sms in await world.arrived()] == ["did it go"]
    assert len({send["txn_id"] for send in await world.requests("send")}) == 2


@pytest.mark.usefixtures("bot")
async def test_two_admins_who_send_again_send_once(world: World, chat: Chat) -> None:
    """Both have the question before them and both press Send, at once: one SMS, and the other is told."""
    questions: list[tuple[int, Message]] = []
    await uncertain(world, chat)
    for user in (OWNER, ADMIN):
        await chat.says(user, "/resend #1")
        questions.append((user, await chat.wait_for("may have it already")))
    async with Chat(f"{world.address}/telegram") as other:
        presses = [
            alert(who, user, question, "Send") for who, (user, question) in zip((chat, other), questions, strict=True)
        ]
        said = await asyncio.gather(*presses)
    assert sorted("settled already" in word for word in said) == [False, True]
    assert "Sending" in said
    await until(lambda: _has_arrived(world))
    assert len(await world.requests("send")) == 2
    assert len(await world.arrived()) == 1


async def _has_arrived(world: World) -> bool:
    return bool(await world.arrived())


@pytest.mark.usefixtures("bot")
async def test_two_admins_who_decide_at_once_decide_once(world: World, chat: Chat) -> None:
    """The second is told that it is settled; the history has one decision."""
    cards = {OWNER: await uncertain(world, chat)}
    await chat.says(ADMIN, "/status #1")
    cards[ADMIN] = await chat.wait_for("did it go")
    async with Chat(f"{world.address}/telegram") as other:
        said = await asyncio.gather(
            alert(chat, OWNER, cards[OWNER], "Mark as sent"), alert(other, ADMIN, cards[ADMIN], "Close")
        )
    assert sum("settled already" in word for word in said) == 1
    chat.user = OWNER
    decided = await chat.wait_for("· by ", since=0)
    assert decided["content"].count("· by ") == 1


@pytest.mark.usefixtures("bot")
async def test_an_erased_text_cannot_be_sent_again(world: World, chat: Chat) -> None:
    """A confidential text is gone: the card says so and has no button for it, and /resend says so."""
    await world.fault("duplicate", call="send")
    await chat.says(OWNER, "/send confidential 900000001 secret")
    card = await chat.wait_for("Do not send again before you have checked")
    assert "I cannot send it again" in card["content"]
    assert not offers(card, "Send again")
    await chat.says(OWNER, "/resend", reply_to=card["message_id"])
    await chat.wait_for("is erased: it cannot be sent again")
    assert len(await world.requests("send")) == 1


@pytest.mark.usefixtures("bot")
async def test_a_blocked_number_is_not_sent_to_again(world: World, chat: Chat) -> None:
    """Neither is the question asked for it, nor is one that was asked before answered."""
    card = await uncertain(world, chat)
    await chat.presses(OWNER, card, "Send again")
    question = await chat.wait_for("may have it already")
    await chat.says(ADMIN, "/block 900000001")
    await chat.wait_for("is on the stop list")
    assert "On the stop list" in await alert(chat, OWNER, question, "Send")
    assert "On the stop list" in await alert(chat, OWNER, card, "Send again")
    assert len(await world.requests("send")) == 1


async def test_one_notice_counts_hundreds(world: World, chat: Chat) -> None:
    """A campaign whose messages are all uncertain makes one card in each chat; its number falls as they are decided."""
    await world.fault("duplicate", times=None, call="send")
    async with running_bot(world):
        await chat.says(ADMIN, "/help")
        await ordered(chat, column(25))
        await chat.wait_for("25 SMS or lists wait for your decision", 20, since=0)
        for user in (OWNER, ADMIN):
            chat.user = user
            await chat.wait_for("25 SMS or lists wait for your decision", since=0)
            assert len(await notices(chat, user)) == 1
        await chat.says(ADMIN, "/uncertain")
        pages = [await chat.wait_for("25 wait for your decision")]
        assert Chat.buttons(pages[0]) == [*(f"#{number}" for number in range(25, 15, -1)), "Older ▶"]
        for _ in range(2):
            await chat.presses(ADMIN, pages[-1], "Older")
            pages.append(await chat.wait_for("25 wait for your decision"))
        assert Chat.buttons(pages[2]) == ["#5", "#4", "#3", "#2", "#1", "◀ Newer"]
        await chat.presses(ADMIN, pages[2], "Newer")
        assert Chat.buttons(await chat.wait_for("25 wait"))[:2] == ["#15", "#14"]
        await chat.says(ADMIN, "/status #25")
        await chat.presses(ADMIN, await chat.wait_for_button("Close"), "Close")
        await chat.wait_for("24 SMS or lists wait for your decision")
        assert len(await notices(chat, OWNER)) == 1


@pytest.mark.parametrize("sounds", [True, False])
async def test_the_notice_makes_a_sound_now_and_then(world: World, chat: Chat, *, sounds: bool) -> None:
    """What comes to wait later shows it anew at the end of the chat, but only once in a while: else it counts on."""
    async with running_bot(world, replace(QUICK, inbox=0.0 if sounds else 60.0)):
        await uncertain(world, chat, "first")
        first = await chat.wait_for("1 SMS or list waits for your decision", since=0)
        await uncertain(world, chat, "second", "900000002")
        later = await chat.wait_for("2 SMS or lists wait for your decision", since=0)
        assert (later["message_id"] > first["message_id"]) == sounds

        async def is_alone() -> bool:
            return [one["message_id"] for one in await notices(chat, OWNER)] == [later["message_id"]]

        await until(is_alone)


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("button", "said"),
    [
        ("Mark as sent", "marked as sent · by you"),
        ("Close", "closed · by you"),
    ],
)
async def test_an_uncertain_bulk_call_is_decided_on_its_campaigns_card(
    world: World, chat: Chat, button: str, said: str
) -> None:
    """It stands in the inbox; its campaign's card has the buttons, never «send again», and says what was decided."""
    await chat.says(ADMIN, "/help")  # nobody may be written to who never wrote himself
    await world.fault("duplicate", call="bulk")
    preview = await drafted(chat, column(2))
    await chat.presses(OWNER, preview, "As a list")
    await chat.presses(OWNER, await chat.wait_for_button("One by one"), "Send (")
    await chat.wait_for(is_notice, since=0)
    await chat.says(ADMIN, "/uncertain")
    listed = await chat.wait_for("Campaign 1: 1 list handed to OsonSMS, without a clear answer")
    assert Chat.buttons(listed) == ["📦 Campaign 1"]
    await chat.presses(ADMIN, listed, "Campaign 1")
    decisions = ["Copy txn_id", "Mark as sent", "Close"]  # without «Stop», once the campaign is over
    card = await chat.wait_for(lambda message: Chat.buttons(message) == decisions)
    assert "Not known whether OsonSMS took the list" in card["content"]
    await chat.presses(ADMIN, card, button)
    decided = await chat.wait_for(said, since=0)
    assert Chat.buttons(decided) == ["Copy txn_id"]
    await chat.wait_for("All is settled", since=0)
    assert "settled already" in await alert_of_forged(chat, card)


async def alert_of_forged(chat: Chat, card: Message) -> str:
    """What a press on a button that stands there no more answers."""
    answer = await chat.presses(ADMIN, card["message_id"], "p:bulk_close:1", forged=True)
    assert answer is not None
    return str(answer["text"])
