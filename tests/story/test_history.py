"""Stories of /history and /find: whatever was sent is found again with a few presses."""

from datetime import UTC, datetime

import pytest

from bot.domain.lookback import Kind
from tests.support.chat import Chat
from tests.support.world import ADMIN, OWNER, World

pytestmark = pytest.mark.usefixtures("bot")


async def _send(chat: Chat, number: int, *, actor: int = OWNER, text: str = "text") -> None:
    await chat.says(actor, f"/send 90000{number:04d} {text} {number}")
    await chat.wait_for("✅ Delivered")


async def test_pages_go_back_and_forth(chat: Chat) -> None:
    """Ten to a page, newest first; older and newer meet; a number opens its card."""
    for number in range(1, 13):
        await _send(chat, number)
    await chat.says(OWNER, "/history")
    first = await chat.wait_for("newest first")
    assert [button for button in chat.buttons(first) if button[0] == "#"] == [f"#{n}" for n in range(12, 2, -1)]
    assert not [button for button in chat.buttons(first) if "Newer" in button]
    await chat.presses(OWNER, first, "Older")
    second = await chat.wait_for("#1 ")
    assert second["message_id"] == first["message_id"]
    assert "#3 " not in second["content"]
    assert not [button for button in chat.buttons(second) if "Older" in button]
    await chat.presses(OWNER, second, "Newer")
    again = await chat.wait_for("#12 ")
    assert again["content"] == first["content"]
    await chat.presses(OWNER, again, "#7")
    card = await chat.wait_for("text 7")
    assert "txn_id" in card["content"]
    await chat.says(OWNER, "/find text")
    found = await chat.wait_for("These are the latest; there are more.")
    assert chat.buttons(found) == [f"#{n}" for n in range(12, 2, -1)]


async def test_it_is_narrowed_by_buttons(world: World, chat: Chat) -> None:
    """By state, by time, by who sent; each shows what it stands at, and everything comes back."""
    await world.gateway("options", delivered_seconds=60)
    await chat.says(OWNER, "/send 900000001 one")
    await chat.wait_for("Accepted")
    await world.gateway("options", delivered_seconds=0)
    await _send(chat, 2, actor=ADMIN)
    await chat.says(OWNER, "/history")
    page = await chat.wait_for("newest first")
    await chat.presses(OWNER, page, "any state")
    asked = await chat.wait_for("Which ones?")
    assert len(chat.buttons(asked)) == 1 + len(Kind)
    await chat.presses(OWNER, asked, "on the way")
    narrowed = await chat.wait_for("newest first")
    assert [button for button in chat.buttons(narrowed) if button[0] == "#"] == ["#1"]
    await chat.presses(OWNER, narrowed, "on the way")
    await chat.presses(OWNER, await chat.wait_for("Which ones?"), "any state")
    page = await chat.wait_for("newest first")
    await chat.presses(OWNER, page, "everybody")
    await chat.presses(OWNER, await chat.wait_for("Sent by whom?"), f"by {ADMIN}")
    theirs = await chat.wait_for("newest first")
    assert [button for button in chat.buttons(theirs) if button[0] == "#"] == ["#2"]
    await chat.presses(OWNER, theirs, "any time")
    asked = await chat.wait_for("Of what time?")
    assert len(chat.buttons(asked)) == 11
    assert chat.buttons(asked)[0] == "✓ any time"
    yesterday = chat.buttons(asked)[2]
    await chat.presses(OWNER, asked, yesterday)
    nothing = await chat.wait_for("Nothing here")
    await chat.presses(OWNER, nothing, f"by {ADMIN}")
    asked = await chat.wait_for("Sent by whom?")
    assert [button for button in chat.buttons(asked) if "✓" in button] == [f"✓ by {ADMIN}"]
    await chat.presses(OWNER, asked, f"by {ADMIN}")
    await chat.presses(OWNER, await chat.wait_for("Nothing here"), "All messages")
    page = await chat.wait_for("newest first")
    assert [button for button in chat.buttons(page) if button[0] == "#"] == ["#2", "#1"]
    assert [button for button in chat.buttons(page) if button[0] != "#"] == ["any state ▾", "any time ▾", "everybody ▾"]


async def test_words_behind_the_command_narrow_it_at_once(chat: Chat) -> None:
    """A phone, a period or a day; anything else is told what can be written."""
    await _send(chat, 1)
    await _send(chat, 2)
    for words, numbers in (
        ("90 000 00 01", ["#1"]),
        ("today", ["#2", "#1"]),
        (datetime.now(UTC).date().isoformat(), None),
    ):
        await chat.says(OWNER, f"/history {words}")
        page = await chat.wait_for("newest first")
        if numbers:
            assert [button for button in chat.buttons(page) if button[0] == "#"] == numbers
    await chat.says(OWNER, "/history 90 000 00 01")
    page = await chat.wait_for("to +992 90 000 00 01")
    await chat.presses(OWNER, page, "any state")
    await chat.presses(OWNER, await chat.wait_for("Which ones?"), "delivered")
    await chat.presses(OWNER, await chat.wait_for("to +992 90 000 00 01 · delivered"), "All messages")
    everything = await chat.wait_for("#2 ")
    assert not [button for button in chat.buttons(everything) if "All messages" in button]
    await chat.says(OWNER, "/history what?")
    await chat.wait_for("I did not understand")


async def test_a_list_outlives_a_restart_and_forged_buttons_do_nothing(world: World, chat: Chat) -> None:
    """What a list is narrowed to is in the log; a button that was never offered says that it is old."""
    await _send(chat, 1)
    await chat.says(OWNER, "/history")
    page = await chat.wait_for("newest first")
    for data in ("narrow:1:kind:nonsense", "narrow:1:period:2026-99-99", "narrow:1:actor:x", "narrow:1:nonsense:?"):
        answer = await chat.presses(OWNER, page, data, forged=True)
        assert answer is not None
        assert "no longer works" in answer["text"]
    for data in ("narrow:99:kind:failed", "page:99:0:0"):
        answer = await chat.presses(OWNER, page, data, forged=True)
        assert answer is not None
        assert "no longer works" in answer["text"]


async def test_find_takes_anything(world: World, chat: Chat) -> None:
    """A txn_id, a msg_id, a phone, its last digits, words in any case, the beginning of a word."""
    await _send(chat, 1, text="Салом, Ғайрат! Фармоиш")
    await _send(chat, 2, text="Собрание в субботу")
    [first, _] = await world.taken()
    for asked in (
        first["txn_id"],
        str(first["msg_id"]),
        "#1",
        "90 000 00 01",
        "00 01",
        "900000001",
        "ғайрат",
        "ФАРМОИШ салом",
        "фарм",
        "салом ғай",
    ):
        await chat.says(OWNER, f"/find {asked}")
        found = await chat.wait_for("Ғайрат")
        assert "Собрание" not in found["content"], asked
    for asked in ('"салом', "салом*)", "--салом;"):  # signs are no language of ours
        await chat.says(OWNER, f"/find {asked}")
        await chat.wait_for("Ғайрат")
    for asked in ("салом субботу", "айрат", "0003", "0000", "«»", "' OR 1=1 --", "салом AND NOT"):
        await chat.says(OWNER, f"/find {asked}")
        await chat.wait_for("found nothing")
    await chat.says(OWNER, "/find")
    await chat.wait_for("What shall I look for?")


async def test_a_confidential_text_is_found_by_its_phone_and_not_by_its_words(chat: Chat) -> None:
    """Its words stand nowhere, not in the list either."""
    await chat.says(OWNER, "/send confidential 900000001 parole swordfish")
    await chat.wait_for("✅ Delivered")
    await chat.says(OWNER, "/find swordfish")
    await chat.wait_for("found nothing")
    await chat.says(OWNER, "/history")
    page = await chat.wait_for("#1 ")
    assert "swordfish" not in page["content"]


async def test_a_campaign_opens_its_messages(chat: Chat) -> None:
    """The button under a campaign's card lists its messages alone; all the others are one press away."""
    await _send(chat, 1)
    await chat.sends_file(OWNER, "list.csv", b"phone\n900000002\n900000003\n", caption="to both")
    await chat.presses(OWNER, await chat.wait_for_button("Send (2)"), "Send (2)")
    card = await chat.wait_for(lambda message: "delivered: 2" in message["content"], 20)
    await chat.presses(OWNER, card, "Messages")
    page = await chat.wait_for("campaign #1")
    assert [button for button in chat.buttons(page) if button[0] == "#"] == ["#3", "#2"]
    await chat.presses(OWNER, page, "All messages")
    everything = await chat.wait_for("newest first")
    assert [button for button in chat.buttons(everything) if button[0] == "#"] == ["#3", "#2", "#1"]
