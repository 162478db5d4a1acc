"""Stories of /send: what an admin writes, what the customer gets, what the card says."""

import asyncio

import pytest

from tests.support.chat import Chat
from tests.support.world import ADMIN, OWNER, World

pytestmark = pytest.mark.usefixtures("bot")


async def test_one_sms_goes_at_once_and_its_card_turns_to_delivered(world: World, chat: Chat) -> None:
    """/send with phone and text sends without a question; one card is edited in place until it is delivered."""
    await chat.says(OWNER, "/send +992 (92) 700-00-01 Салом!\nSecond line")
    card = await chat.wait_for("✅ Delivered")
    [sms] = await world.arrived()
    assert (sms["phone"], sms["from"], sms["text"]) == ("992927000001", "Demo", "Салом!\nSecond line")
    assert "1 part · Unicode" in card["content"]
    said = [message for message in await chat.history() if message["from_bot"]]
    assert len(said) == 1
    [taken] = await world.taken()
    assert taken["txn_id"] in card["content"]
    assert "Copy txn_id" in chat.buttons(card)


@pytest.mark.parametrize(
    "phone", ["992900000001", "+992900000001", "00992 90 000 00 01", "900000001", "90-000-00-01", "(90) 000 00 01"]
)
async def test_phones_as_people_write_them(world: World, chat: Chat, phone: str) -> None:
    """Every usual way to write a phone reaches the same phone, and a figure after it stays text."""
    await chat.says(OWNER, f"/send {phone} 5 somoni")
    await chat.wait_for("Delivered")
    assert [(sms["phone"], sms["text"]) for sms in await world.arrived()] == [("992900000001", "5 somoni")]


async def test_options_before_the_phone(world: World, chat: Chat) -> None:
    """from, channel and confidential are obeyed, with the curly quotes and dashes that phones type."""
    await chat.says(OWNER, "/send from=“OsonSMS” channel=telegram —confidential 900000001 code 1234")
    card = await chat.wait_for("Delivered")
    [taken] = await world.taken()
    assert (taken["from"], taken["channel"], taken["confidential"], taken["text"]) == (
        "OsonSMS",
        "telegram",
        True,
        None,
    )
    assert "1234" not in card["content"]
    assert "hidden" in card["content"]


async def test_step_by_step(world: World, chat: Chat) -> None:
    """/send alone asks for the phone, then for the text; a wrong phone is asked for again, and nothing is lost."""
    await chat.says(OWNER, "/send")
    await chat.wait_for("To whom?")
    await chat.says(OWNER, "12345")
    await chat.wait_for("lacks digits")
    await chat.says(OWNER, "90 000 00 01")
    await chat.wait_for("What shall it say?")
    await chat.says(OWNER, "by steps")
    await chat.wait_for("Delivered")
    assert [sms["text"] for sms in await world.arrived()] == ["by steps"]


async def test_a_reply_lends_its_text(world: World, chat: Chat) -> None:
    """/send with a phone, as a reply, takes the text replied to."""
    said = await chat.says(OWNER, "the text to lend")
    await chat.says(OWNER, "/send 900000001", reply_to=said)
    await chat.wait_for("Delivered")
    assert [sms["text"] for sms in await world.arrived()] == ["the text to lend"]


async def test_a_shared_contact_is_asked_for_its_text(world: World, chat: Chat) -> None:
    """A contact card offers to send to it."""
    await chat.shares_contact(OWNER, "+992900000001", "Gulnora")
    await chat.wait_for("What shall it say?")
    await chat.says(OWNER, "to a contact")
    await chat.wait_for("Delivered")
    assert [sms["phone"] for sms in await world.arrived()] == ["992900000001"]


async def test_several_phones_are_shown_before_they_are_sent_to(world: World, chat: Chat) -> None:
    """Several phones make a preview and one confirmation; two presses of the button send once."""
    await chat.says(OWNER, "/send 900000001, 900000002; 900000001 hi")
    draft = await chat.wait_for("Send to 2 phones?")
    assert await world.taken() == []
    await asyncio.gather(chat.presses(OWNER, draft, "Send"), chat.presses(OWNER, draft, "Send"))
    await chat.wait_for("delivered: 2", since=0)
    assert sorted(sms["phone"] for sms in await world.arrived()) == ["992900000001", "992900000002"]


async def test_a_draft_is_its_own_admins(world: World, chat: Chat) -> None:
    """Another admin cannot confirm a draft; its owner can drop it, and then nothing is sent."""
    await chat.says(OWNER, "/send 900000001, 900000002 hi", chat="group")
    draft = await chat.wait_for("Send to 2 phones?")
    answer = await chat.presses(ADMIN, draft, "Send", chat="group")
    assert answer is not None
    assert "not yours" in answer["text"]
    await chat.presses(OWNER, draft, "Drop", chat="group")
    await chat.wait_for("Dropped. Nothing was sent.", since=0)
    assert await world.taken() == []


async def test_the_same_text_again_asks_first(world: World, chat: Chat) -> None:
    """The same text to the same phone within ten minutes is asked about; yes sends it."""
    await chat.says(OWNER, "/send 900000001 twice?")
    await chat.wait_for("Delivered")
    await chat.says(OWNER, "/send 900000001 twice?")
    draft = await chat.wait_for("The same text to this phone was ordered")
    assert len(await world.taken()) == 1
    await chat.presses(OWNER, draft, "Send")
    await chat.wait_for("Delivered")
    assert len(await world.taken()) == 2


async def test_a_long_text_asks_first(world: World, chat: Chat) -> None:
    """More than three parts are asked about, with what they cost in parts."""
    await chat.says(OWNER, "/send 900000001 " + "я" * 250)
    draft = await chat.wait_for("A long text.")
    assert "4 parts" in draft["content"]
    assert await world.taken() == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("hello 900000001", "First the phone, then the text."),
        ("+7 900 000 00 01 hi", "another country"),
        ("90000000 hi", "lacks digits"),
        ("900000001, 90000000 hi", "lacks digits"),
        ("300000000000 hi", "too many digits"),
        ("600000001 hi", "no such mobile phone"),
        ("from=ThisIsTooLongAName 900000001 hi", "does not fit"),
        ("channel=viber 900000001 hi", "no channel"),
        ("900000001 " + "я" * 700, "too long"),
    ],
)
async def test_what_cannot_be_sent_is_refused_with_a_cure(world: World, chat: Chat, words: str, said: str) -> None:
    """Bad input gets one clear sentence, and nothing leaves."""
    await chat.says(OWNER, f"/send {words}")
    await chat.wait_for(said)
    assert await world.taken() == []


async def test_an_edited_command_sends_nothing_more(world: World, chat: Chat) -> None:
    """Who corrects his own /send in the chat does not send it twice."""
    said = await chat.says(OWNER, "/send 900000001 first")
    await chat.wait_for("Delivered")
    await chat.edits(OWNER, said, "/send 900000001 second")
    await chat.says(OWNER, "/help")
    await chat.wait_for("SMS through OsonSMS")
    assert [sms["text"] for sms in await world.arrived()] == ["first"]


async def test_phones_and_options_typed_in_a_dialogue_hold(world: World, chat: Chat) -> None:
    """Answering «To whom?» with options and a phone twice: one SMS, confidential, under that sender."""
    await chat.says(OWNER, "/send")
    await chat.wait_for("To whom?")
    await chat.says(OWNER, "confidential from=OsonSMS 900000001, 900000001 code 1234")
    await chat.wait_for("Delivered")
    [taken] = await world.taken()
    assert (taken["confidential"], taken["from"], taken["text"]) == (True, "OsonSMS", None)


async def test_what_people_say_in_a_group_is_not_sent(world: World, chat: Chat) -> None:
    """In a group only a reply to the bot answers its question; and its own question is never lent as a text."""
    await chat.says(OWNER, "/send 900000001", chat="group")
    asked = await chat.wait_for("What shall it say?")
    await chat.says(OWNER, "wait a minute, colleagues", chat="group")
    await chat.says(OWNER, "/send 900000001", chat="group", reply_to=asked["message_id"])
    again = await chat.wait_for("What shall it say?")
    assert await world.taken() == []
    await chat.says(OWNER, "the text", chat="group", reply_to=again["message_id"])
    await chat.wait_for("Delivered")
    assert [sms["text"] for sms in await world.arrived()] == ["the text"]


async def test_a_whole_order_ends_an_older_question(world: World, chat: Chat) -> None:
    """Asked for a text, the admin orders something else: what he says then is no answer to the older question."""
    await chat.says(OWNER, "/send 900000001")
    await chat.wait_for("What shall it say?")
    await chat.says(OWNER, "/send 900000002 hello")
    await chat.wait_for("Delivered")
    await chat.says(OWNER, "thanks")
    await chat.wait_for("I do not follow")
    assert [sms["phone"] for sms in await world.arrived()] == ["992900000002"]


async def test_cancel_drops_a_preview(world: World, chat: Chat) -> None:
    """/cancel drops what was begun last, a preview too; its button is dead then."""
    await chat.says(OWNER, "/send 900000001, 900000002 hi")
    draft = await chat.wait_for("Send to 2 phones?")
    await chat.says(OWNER, "/cancel")
    await chat.wait_for("Dropped. Nothing was sent.")
    answer = await chat.presses(OWNER, draft["message_id"], "p:send:1", forged=True)
    assert answer is not None
    assert "closed already" in answer["text"]
    assert await world.taken() == []
