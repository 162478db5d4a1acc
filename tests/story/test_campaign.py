"""Stories of a campaign under way: taken back, asked about, stopped, cancelled, sent again, side by side."""

import asyncio
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from tests.story.lists import column, drafted, finished, ordered, phones, result
from tests.support.chat import Chat, offers
from tests.support.timing import QUICK
from tests.support.world import ADMIN, OWNER, World, running_bot, until

NAMES = ["Аҳмад", "Зарина", "Фаррух", "Ғафур", "Ҷамшед", "Мӯсо", "Қурбон", "Манижа", "Сино", "Дилшод", "Лола", "Умед"]


async def sent_count(world: World) -> int:
    """How many requests to send the gateway has read."""
    return len(await world.requests("send"))


@pytest.mark.usefixtures("bot")
async def test_first_ten_then_the_rest_and_the_result_file_agrees_with_the_gateway(world: World, chat: Chat) -> None:
    """Ten go and the card asks; after Go on the rest; the file names each with his own text, txn_id and msg_id."""
    rows = [f"{phone[3:]};{name}" for phone, name in zip(phones(12), NAMES, strict=True)]
    file = "\r\n".join(["Телефон;Ном", *rows]).encode("utf-8-sig")
    await ordered(chat, file, "Салом, {ном}!", button="First 10")
    asking = await chat.wait_for_button("Go on", since=0)
    assert "The first 10" in asking["content"]
    assert "Shall the rest (2) follow?" in asking["content"]
    assert await sent_count(world) == 10
    await chat.presses(OWNER, asking, "Go on")
    card = await finished(chat, "delivered: 12")
    wanted = [(phone, f"Салом, {name}!") for phone, name in zip(phones(12), NAMES, strict=True)]
    assert await world.received() == sorted(wanted)
    taken = {one["phone"]: one for one in await world.taken()}
    told = await result(chat, card)
    assert [(row["phone"], row["text"]) for row in told] == wanted
    for row in told:
        one = taken[row["phone"]]
        assert (row["txn_id"], row["msg_id"], row["state"]) == (one["txn_id"], str(one["msg_id"]), "delivered")


async def test_undo_brings_the_draft_back_and_nothing_has_left(world: World, chat: Chat) -> None:
    """Within the time the draft is open again, with its text and its buttons; confirmed anew it goes out, once."""
    async with running_bot(world, replace(QUICK, undo=2.0)):
        await ordered(chat, column(3), "not yet")
        waiting = await chat.wait_for_button("Undo")
        assert "“Undo” brings the draft back" in waiting["content"]
        await chat.presses(OWNER, waiting, "Undo")
        draft = await chat.wait_for_button("Send (", since=0)
        assert draft["message_id"] == waiting["message_id"]
        assert "not yet" in draft["content"]
        answer = await chat.presses(OWNER, draft["message_id"], "p:undo:1", forged=True)
        assert answer is not None
        assert answer["show_alert"]
        await asyncio.sleep(2.3)
        assert await sent_count(world) == 0
        await chat.presses(OWNER, draft, "Send (")
        await finished(chat, "delivered: 3")
    assert len(await world.arrived()) == await sent_count(world) == 3


@pytest.mark.usefixtures("bot")
async def test_a_second_press_sends_nothing_twice(world: World, chat: Chat) -> None:
    """Send, pressed twice at once, and all the draft's buttons afterwards: one campaign, one SMS each."""
    preview = await drafted(chat, column(12))
    answers = await asyncio.gather(*[chat.presses(OWNER, preview, "Send (") for _ in range(2)])
    assert sorted(answer["text"].split()[0] for answer in answers if answer) == ["Sending", "This"]
    for verb in ("send", "canary", "schedule", "drop", "way"):
        await chat.presses(OWNER, preview["message_id"], f"p:{verb}:1", forged=True)
    await finished(chat, "delivered: 12")
    assert len(await world.arrived()) == await sent_count(world) == 12


async def test_a_stop_holds_within_a_second_and_going_on_finishes(world: World, chat: Chat) -> None:
    """At a gateway that takes 0.3 s: no request begins later than a second after the press; each gets one SMS."""
    await world.fault("slow", times=None, call="send", delay=0.3)
    async with running_bot(world, SEND_CONCURRENCY="8"):
        await ordered(chat, column(80))
        running = await chat.wait_for_button("Stop", since=0)
        await until(lambda: _has_left(world, 10))
        await chat.presses(OWNER, running, "Stop")
        pressed = datetime.now().astimezone()
        paused = await chat.wait_for_button("Go on")
        assert "What has left has left" in paused["content"]
        await asyncio.sleep(1.3)
        left = [datetime.fromisoformat(request["at"]) for request in await world.requests("send")]
        assert max((at - pressed).total_seconds() for at in left) < 1
        assert len(left) < 80
        await asyncio.sleep(0.5)
        assert await sent_count(world) == len(left)
        await world.fault("none", times=None)
        await chat.presses(OWNER, paused, "Go on")
        await finished(chat, "delivered: 80")
    assert Counter(sms["phone"] for sms in await world.arrived()) == Counter(phones(80))
    assert await sent_count(world) == 80


async def _has_left(world: World, count: int) -> bool:
    return await sent_count(world) >= count


async def test_cancelling_the_rest_leaves_what_had_left_true(world: World, chat: Chat) -> None:
    """Stopped and cancelled: the rest never leaves; the result tells of each whether it went."""
    async with running_bot(world, SEND_RATE="20"):
        await ordered(chat, column(60))
        running = await chat.wait_for_button("Stop", since=0)
        await until(lambda: _has_left(world, 8))
        await chat.presses(OWNER, running, "Stop")
        await chat.presses(OWNER, await chat.wait_for_button("Cancel the rest"), "Cancel the rest")
        card = await chat.wait_for(lambda card: "What had left stays sent" in card["content"], since=0)
        arrived = {sms["phone"] for sms in await world.arrived()}
        rows = await result(chat, card)
        await asyncio.sleep(0.5)
        assert {sms["phone"] for sms in await world.arrived()} == arrived
    assert 8 <= len(arrived) < 60
    assert [row["phone"] for row in rows] == phones(60)
    assert {row["phone"] for row in rows if row["state"] in ("delivered", "accepted")} == arrived
    assert {row["state"] for row in rows if row["phone"] not in arrived} <= {"cancelled", "not begun"}


@pytest.mark.usefixtures("bot")
async def test_what_certainly_failed_can_be_sent_again_once_and_what_is_uncertain_never(
    world: World, chat: Chat
) -> None:
    """429 to the end is failed, and sent again under a new txn_id; 501 to the end is uncertain, and is not."""
    failing, uncertain, good = "992900009519", "992900009112", "992900000001"
    await ordered(chat, f"{failing}\n{uncertain}\n{good}\n".encode())
    card = await finished(chat, "not known whether it went: 1")
    assert "not sent: 1" in card["content"]
    assert "Do not send it again by hand" in card["content"]
    first = {row["phone"]: row for row in await result(chat, card)}
    assert first[failing]["state"] == "not sent"
    assert first[uncertain]["state"] == "not known whether it went"
    await chat.presses(OWNER, card, "Send the failed ones again")
    again = await chat.wait_for_button("Send (")
    assert "what failed in campaign 1" in again["content"]
    assert "1 recipient" in again["content"]
    await chat.presses(OWNER, again, "Send (")
    second = await chat.wait_for(lambda card: "🏁" in card["content"] and "in campaign 1" in card["content"])
    [row] = await result(chat, second)
    assert row["phone"] == failing
    assert row["txn_id"] != first[failing]["txn_id"]
    tried = Counter(send["txn_id"] for send in await world.requests("send"))
    assert tried == {
        first[failing]["txn_id"]: 4,
        first[uncertain]["txn_id"]: 4,
        first[good]["txn_id"]: 1,
        row["txn_id"]: 4,
    }


@pytest.mark.usefixtures("bot")
async def test_what_is_sent_again_is_not_offered_twice(world: World, chat: Chat) -> None:
    """Once the failed ones are confirmed in another campaign, the first card says so and has no button for it."""
    await world.fault("http_429", times=None, call="send")
    await ordered(chat, column(1))
    card = await finished(chat, "not sent: 1")
    await chat.presses(OWNER, card, "Send the failed ones again")
    await chat.presses(OWNER, await chat.wait_for_button("Send ("), "Send (")
    answer = await chat.presses(OWNER, card["message_id"], "p:again:1", forged=True)
    assert answer is not None
    assert "None can be sent again" in answer["text"]
    # Claiming the failed ones has to bring the first campaign's card up to date in the same commit.
    old = await chat.wait_for("The failed ones are sent again in campaign 2", 5, since=0)
    assert not offers(old, "again")


@pytest.mark.usefixtures("bot")
async def test_a_repeat_that_was_overtaken_by_hand_sends_nothing(world: World, chat: Chat) -> None:
    """/resend between the button and the confirmation: nobody gets it twice, and it is said what to do."""
    await world.fault("http_429", times=None, call="send")
    await ordered(chat, column(1))
    card = await finished(chat, "not sent: 1")
    await world.fault("none", times=None)
    await chat.presses(OWNER, card, "Send the failed ones again")
    again = await chat.wait_for_button("Send (")
    await chat.says(OWNER, "/resend #1")
    await chat.wait_for("✅ Delivered")
    answer = await chat.presses(OWNER, again, "Send (")
    assert answer is not None
    assert "sent again meanwhile" in answer["text"]
    assert len(await world.received()) == 1


@pytest.mark.usefixtures("bot")
async def test_a_retry_that_goes_well_gives_each_one_sms(world: World, chat: Chat) -> None:
    """All were turned away at the door; sent again with their own texts once the door is open."""
    await world.fault("http_429", times=None, call="send")
    await ordered(chat, "телефон;ном\n900000001;Анна\n900000002;Сино\n".encode(), 'Салом, {ном}!\n"Дар ду хат", ҳа')
    card = await finished(chat, "not sent: 2")
    await world.fault("none", times=None)
    await chat.presses(OWNER, card, "Send the failed ones again")
    again = await chat.wait_for_button("Send (")
    await chat.presses(OWNER, again, "Send (")
    await finished(chat, "delivered: 2")
    assert await world.received() == [
        ("992900000001", 'Салом, Анна!\n"Дар ду хат", ҳа'),
        ("992900000002", 'Салом, Сино!\n"Дар ду хат", ҳа'),
    ]


async def test_two_campaigns_share_and_a_single_sms_overtakes_both(world: World, chat: Chat) -> None:
    """The second campaign does not wait for the first; /send goes before what is left of either."""
    async with running_bot(world, SEND_RATE="40"):
        first, second, single = phones(160), phones(60, 201), "992900000999"
        await ordered(chat, column(160), "first")
        await until(lambda: _has_left(world, 5))
        await ordered(chat, column(60, 201), "second", user=ADMIN)
        await until(lambda: _has_begun(world, second))
        await chat.says(ADMIN, f"/send {single} single")
        await chat.wait_for(lambda card: "single" in card["content"] and "Delivered" in card["content"])
        await chat.wait_for(lambda card: "🏁" in card["content"] and "delivered: 60" in card["content"], 20, since=0)
        await until(lambda: _has_left(world, 221))
    order = [taken["phone"] for taken in await world.taken()]
    assert Counter(order) == Counter([*first, *second, single])
    ends = max(map(order.index, first))
    assert sum(phone in second for phone in order[:ends]) > 5
    assert order.index(single) < 221 - 20


async def _has_begun(world: World, whose: list[str]) -> bool:
    return any(taken["phone"] in whose for taken in await world.taken())


@pytest.mark.usefixtures("bot")
async def test_campaigns_are_listed_and_opened(chat: Chat) -> None:
    """/campaigns: none so far; then the latest first, and a button brings a card to the end of the chat."""
    await chat.says(OWNER, "/campaigns")
    await chat.wait_for("no campaign so far")
    for number in (1, 2):
        await ordered(chat, column(number), f"text {number}")
        await finished(chat, f"text {number}")
    await chat.says(ADMIN, "/campaigns")
    listed = await chat.wait_for("Campaigns.")
    assert chat.buttons(listed) == ["🏁 2", "🏁 1"]
    assert "list.csv · 👤 2 · 100\N{NO-BREAK SPACE}%" in listed["content"]
    await chat.presses(ADMIN, listed, "🏁 1")
    opened = await chat.wait_for("text 1")
    assert offers(opened, "Result")


@pytest.mark.usefixtures("bot")
async def test_several_phones_in_a_command_can_be_undone_too(world: World, chat: Chat) -> None:
    """/send to several is a campaign: asked about, confirmed, each shown with his outcome."""
    await chat.says(OWNER, "/send confidential 900000001, 900000002 code 1234")
    draft = await chat.wait_for("Send to 2 phones?")
    await chat.presses(OWNER, draft, "Send")
    card = await finished(chat, "delivered: 2")
    assert "1234" not in card["content"]
    assert "+992 90 000 00 02 · delivered" in card["content"]
    assert all(taken["confidential"] for taken in await world.taken())
    assert [row["text"] for row in await result(chat, card)] == ["", ""]


@pytest.mark.usefixtures("bot")
async def test_a_confidential_text_that_is_erased_is_not_sent_again(world: World, chat: Chat) -> None:
    """What failed of a confidential campaign has no text any more: it cannot go again, and is not half sent."""
    await world.fault("http_429", times=None, call="send")
    await chat.says(OWNER, "/send confidential 900000001, 900000002 code 1234")
    await chat.presses(OWNER, await chat.wait_for("Send to 2 phones?"), "Send")
    card = await finished(chat, "not sent: 2")
    answer = await chat.presses(OWNER, card["message_id"], "p:again:1", forged=True)
    assert answer is not None
    assert "None can be sent again" in answer["text"]


async def test_progress_is_shown_and_telegram_is_not_pressed(world: World, chat: Chat) -> None:
    """A bar, counts, pace and time left; the card is edited no oftener than it may be, and a 429 is waited out."""
    async with running_bot(world, SEND_RATE="20"):
        await ordered(chat, column(60))
        running = await chat.wait_for(lambda card: "left" in card["content"] and "▓" in card["content"], since=0)
        assert "SMS a second" in running["content"]
        await chat.control("faults", json={"mode": "429", "method": "editMessageText", "retry_after": 1})
        before = (await chat.calls())[-1]["id"]
        asked = time.monotonic()
        await finished(chat, "delivered: 60")
        edits = await chat.calls("editMessageText", before)
        passed = time.monotonic() - asked
    assert [edit["error_code"] for edit in edits if not edit["ok"]] == [429]
    assert len(edits) <= passed / QUICK.campaign_card + 2
