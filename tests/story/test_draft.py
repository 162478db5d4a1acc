"""Stories of a draft's card: what can be changed on it before anything leaves, and who may."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.story.lists import column, drafted, finished, handed_out, phones
from tests.support.chat import Chat, Message
from tests.support.world import ADMIN, OWNER, World, until

pytestmark = pytest.mark.usefixtures("bot")

CYRILLIC = "Муштарии гиромӣ, тахфифи 20% то якшанбе дар ҳамаи мағозаҳо"
LATIN = "Mushtarii giromi, takhfifi 20% to yakshanbe dar hamai maghozaho"


async def pressed(chat: Chat, card: Message, button: str, then: str) -> Message:
    """Press a button of a draft; gives the card once it has the button `then`."""
    await chat.presses(OWNER, card, button)
    return await chat.wait_for_button(then)


async def test_latin_letters_are_shown_before_they_are_taken_and_are_what_arrives(world: World, chat: Chat) -> None:
    """The button turns the text to Latin letters and back; what is shown is what arrives, at its lower price."""
    text = f"{CYRILLIC}. {CYRILLIC}"
    preview = await drafted(chat, column(2), text)
    assert "in Cyrillic letters 2 parts per SMS, in Latin letters 1 part" in preview["content"]
    latin = await pressed(chat, preview, "In Latin", "In Cyrillic")
    assert f"{LATIN}. {LATIN}" in latin["content"]
    assert "in all 2 (GSM-7)" in latin["content"]
    back = await pressed(chat, latin, "In Cyrillic", "In Latin")
    assert "in all 4 (Unicode)" in back["content"]
    latin = await pressed(chat, back, "In Latin", "In Cyrillic")
    await chat.presses(OWNER, latin, "Send (")
    card = await finished(chat, "delivered: 2")
    assert LATIN in card["content"]
    assert await world.received() == [(phone, f"{LATIN}. {LATIN}") for phone in phones(2)]


async def test_plain_signs_are_what_arrives(world: World, chat: Chat) -> None:
    """Curly quotes and long dashes that alone force Unicode are offered for replacement."""
    preview = await drafted(chat, column(1), "“Sale” — today…")
    assert "only curly quotes, long dashes or their like force Unicode" in preview["content"]
    plain = await pressed(chat, preview, "Plain signs", "As written")
    assert "(GSM-7)" in plain["content"]
    await chat.presses(OWNER, plain, "Send (")
    await finished(chat, "delivered: 1")
    assert await world.received() == [("992900000001", '"Sale" - today...')]


async def test_latin_letters_hold_for_the_values_and_for_the_bulk_call(world: World, chat: Chat) -> None:
    """By OsonSMS too, text and values arrive as they were shown."""
    preview = await drafted(chat, "телефон;ном\n900000001;Зафар\n".encode(), "Салом, {ном}! Имрӯз тахфиф. " * 3)
    latin = await pressed(chat, preview, "In Latin", "In Cyrillic")
    await chat.presses(OWNER, await pressed(chat, latin, "As a list", "One by one"), "Send (")
    await chat.wait_for("OsonSMS took the list")
    assert await world.received() == [("992900000001", ("Salom, Zafar! Imruz takhfif. " * 3).strip())]


async def test_a_text_is_tried_on_ones_own_phone_first(world: World, chat: Chat) -> None:
    """The test goes to the phone typed, as the first recipient gets it; it is remembered; the draft stays."""
    preview = await drafted(chat, "телефон;ном\n900000001;Зафар\n".encode(), "Салом, {ном}!")
    await chat.presses(OWNER, preview, "Test…")
    asked = await chat.wait_for("On which phone shall I try it?")
    await chat.says(OWNER, "12345")
    await chat.wait_for("lacks digits")
    await chat.says(OWNER, "90 000 00 77")
    await chat.wait_for("Delivered")
    again = await chat.wait_for_button("Test: 90 000 00 77")
    assert asked["message_id"] == preview["message_id"]
    answer = await chat.presses(OWNER, again, "Test: 90 000 00 77")
    assert answer is not None
    assert answer["text"] == "The test SMS is on its way"
    await chat.wait_for("Delivered")
    again = await chat.wait_for_button("Test: 90 000 00 77")  # the card comes anew after a test
    assert await world.received() == [("992900000077", "Салом, Зафар!")] * 2
    await chat.presses(OWNER, again, "Send (")
    await finished(chat, "delivered: 1")
    assert ("992900000001", "Салом, Зафар!") in await world.received()


async def test_every_press_of_test_sends_a_test(world: World, chat: Chat) -> None:
    """A second press on the same card, after the text was changed there, tries the new text: it is not only said so."""
    text = f"{CYRILLIC}. {CYRILLIC}"
    preview = await drafted(chat, column(1), text)
    await chat.presses(OWNER, preview, "Test…")
    await chat.says(OWNER, "90 000 00 77")
    again = await chat.wait_for_button("Test: 90 000 00 77")
    await chat.presses(OWNER, again, "Test: 90 000 00 77")
    latin = await pressed(chat, again, "In Latin", "In Cyrillic")
    answer = await chat.presses(OWNER, latin, "Test: 90 000 00 77")
    assert answer is not None
    assert answer["text"] == "The test SMS is on its way"
    # A press has no message of its own: what tells two of them apart is the id of the press, not that of the card.
    await until(lambda: _has_arrived(world, 3), 5)
    assert [text for _, text in await world.received()] == [f"{LATIN}. {LATIN}", text, text]


async def _has_arrived(world: World, count: int) -> bool:
    return len(await world.arrived()) == count


async def test_sender_and_text_are_changed(world: World, chat: Chat) -> None:
    """What is typed after the button replaces the sender, then the text; a sender that no one has is refused."""
    preview = await drafted(chat, column(2), "first text")
    await chat.presses(OWNER, preview, "Sender…")
    await chat.wait_for("In whose name?")
    await chat.says(OWNER, "much too long a name")
    await chat.wait_for("does not fit")
    await chat.says(OWNER, "OsonSMS")
    changed = await chat.wait_for("From: OsonSMS")
    await chat.presses(OWNER, changed, "Text…")
    await chat.wait_for("What shall it say?")
    await chat.says(OWNER, "second text")
    ready = await chat.wait_for_button("Send (")
    assert "first text" not in ready["content"]
    await chat.presses(OWNER, ready, "Send (")
    await finished(chat, "delivered: 2")
    assert {(sms["from"], sms["text"]) for sms in await world.arrived()} == {("OsonSMS", "second text")}


async def test_back_leaves_everything_as_it_was(world: World, chat: Chat) -> None:
    """Whoever presses Later, Sender, Test or Text by mistake goes back, and what he then writes is no answer."""
    preview = await drafted(chat, column(1), "as it was")
    for button in ("Later…", "Sender…", "Test…", "Text…"):
        preview = await pressed(chat, await pressed(chat, preview, button, "Back"), "Back", "Send (")
    await chat.says(OWNER, "900000002")
    await chat.wait_for("I do not follow")
    assert await world.taken() == []
    await chat.presses(OWNER, preview, "Send (")
    await finished(chat, "delivered: 1")
    assert await world.received() == [("992900000001", "as it was")]


async def test_an_unknown_placeholder_names_the_nearest_column(world: World, chat: Chat) -> None:
    """A text that names no column stops before sending, says which was meant, and takes another text."""
    await chat.sends_file(OWNER, "list.csv", "телефон;Имя клиента\n900000001;Анна\n".encode(), "Салом, {имя клента}!")
    asked = await chat.wait_for("Did you mean “Имя клиента”?")
    assert chat.buttons(asked) == ["Drop"]
    await chat.says(OWNER, "Салом, { ИМЯ  клиента }!")
    await chat.presses(OWNER, await chat.wait_for_button("Send ("), "Send (")
    await finished(chat, "delivered: 1")
    assert await world.received() == [("992900000001", "Салом, Анна!")]


async def test_the_rows_left_out_come_back_to_be_mended_and_sent(world: World, chat: Chat) -> None:
    """They come as a file with their own columns and why; mended and sent back, it is a list like any other."""
    rows = "телефон;ном\n900000001;Анна\n12345;Зафар\n900000003;\n9,92927E+11;Сино\n900000001;Анна\n"
    preview = await drafted(chat, rows.encode("cp1251"), "Салом, {ном}!", "mizojon.csv")
    assert "1 recipient" in preview["content"]
    rest = await handed_out(chat, preview, "Rows left out")
    assert [(row["телефон"], row["ном"], row["why not used"]) for row in rest] == [
        ("12345", "Зафар", "digits are lacking"),
        ("992900000003", "", "a needed column is empty"),
        ("9,92927E+11", "Сино", "Excel wrote phones as 9.9E+11: make that column text and write them anew."),
        ("900000001", "Анна", "phone stands above already"),
    ]
    mended = ["телефон;ном;why not used", "900000002;Зафар;digits are lacking", "900000003;Ҷамшед;empty"]
    again = await drafted(chat, "\r\n".join(mended).encode("utf-8-sig"), "Салом, {ном}!", "mizojon-rest.csv")
    await chat.presses(OWNER, again, "Send (")
    await finished(chat, "delivered: 2")
    assert await world.received() == [("992900000002", "Салом, Зафар!"), ("992900000003", "Салом, Ҷамшед!")]


async def test_a_pasted_list_and_a_text_file_are_lists_too(world: World, chat: Chat) -> None:
    """Phones pasted as a message, and a .txt of them, become drafts that ask for their text."""
    await chat.says(OWNER, "90 000 00 01\n+992 900 00 00 02\n900000002\n12345")
    await chat.wait_for("What shall it say?")
    await chat.says(OWNER, "pasted")
    preview = await chat.wait_for_button("Send (")
    assert "Pasted list" in preview["content"]
    assert "Duplicates: 1" in preview["content"]
    await chat.presses(OWNER, preview, "Send (")
    await finished(chat, "delivered: 2")
    listed = await drafted(chat, b"900000003, 900000004\n", "from a file", "phones.txt")
    await chat.presses(OWNER, listed, "Send (")
    await chat.wait_for("delivered: 2")
    assert [text for _, text in await world.received()] == ["pasted", "pasted", "from a file", "from a file"]


async def test_in_a_group_only_who_made_a_draft_presses_it_but_all_admins_its_campaign(
    world: World, chat: Chat
) -> None:
    """A draft in a group is its author's; a campaign under way is everybody's to stop."""
    await world.fault("slow", times=None, call="send", delay=0.3)
    asked = await addressed(chat)
    await chat.sends_file(OWNER, "list.csv", column(200), "to a group", asked["message_id"], "group")
    preview = await chat.wait_for_button("Send (")
    for button in ("Send (", "First 10", "As a list", "Drop", "Later…"):
        answer = await chat.presses(ADMIN, preview, button, chat="group")
        assert answer is not None
        assert "not yours" in answer["text"], button
    assert await world.taken() == []
    await chat.presses(OWNER, preview, "Send (", chat="group")
    running = await chat.wait_for_button("Stop")
    answer = await chat.presses(ADMIN, running, "Stop", chat="group")
    assert answer is not None
    assert "Stopped" in answer["text"]
    await chat.wait_for_button("Cancel the rest")


async def addressed(chat: Chat) -> Message:
    """Something that the bot says in the group, to be answered."""
    await chat.says(OWNER, "/campaigns", chat="group")
    return await chat.wait_for("no campaign so far")


async def test_in_a_group_a_list_and_its_text_are_replies_to_the_bot(world: World, chat: Chat) -> None:
    """It takes both from replies to it alone: people send each other files there, and talk about them."""
    said = await addressed(chat)
    await chat.sends_file(OWNER, "theirs.csv", column(1, 99), "for you, colleagues", chat="group")
    await chat.sends_file(OWNER, "list.csv", column(2), "", said["message_id"], "group")
    asked = await chat.wait_for("What shall it say?")
    assert not [message for message in await chat.history() if message["from_bot"] and "theirs" in message["content"]]
    await chat.says(OWNER, "look what I have sent, colleagues", chat="group")
    await chat.says(OWNER, "to a group", chat="group", reply_to=asked["message_id"])
    await chat.presses(OWNER, await chat.wait_for_button("Send ("), "Send (", chat="group")
    await finished(chat, "delivered: 2")
    assert await world.received() == [(phone, "to a group") for phone in phones(2)]


async def test_a_time_is_chosen_without_typing(world: World, chat: Chat) -> None:
    """A day, then an hour, each by button; the card says when, and can be put back to at once."""
    preview = await drafted(chat, column(1), "later")
    days = await pressed(chat, preview, "Later…", "Tomorrow")
    assert "Send (" not in str(chat.buttons(days))
    hours = await pressed(chat, days, "Tomorrow", "9:00")
    assert "22:00" in chat.buttons(hours)
    days = await pressed(chat, hours, "Another day", "Tomorrow")
    ready = await pressed(chat, await pressed(chat, days, "Tomorrow", "9:00"), "9:00", "Schedule")
    tomorrow = datetime.now(ZoneInfo("Asia/Dushanbe")) + timedelta(days=1)
    assert f"Schedule {tomorrow:%d.%m} 9:00" in chat.buttons(ready)
    assert f"Goes out {tomorrow:%d.%m} 9:00" in ready["content"]
    at_once = await pressed(chat, ready, "At once", "Send (")
    assert "as soon as you confirm" in at_once["content"]
    assert await world.taken() == []


async def test_words_of_a_file_are_shown_as_words(world: World, chat: Chat) -> None:
    """Tags and braces in a file's name, columns and values change nothing of the card and arrive as they are."""
    value = "</blockquote><b>{ном}</b> & <script>"
    await chat.sends_file(OWNER, "<b>x&y.csv", f"phone;<i>ном</i>\n900000001;{value}\n".encode())
    asked = await chat.wait_for("What shall it say?")
    assert "{<i>ном</i>}" in asked["content"]
    await chat.says(OWNER, "Салом {<i>ном</i>}")
    preview = await chat.wait_for_button("Send (")
    assert "<b>x&y.csv" in preview["content"]
    assert f"Салом {value}" in preview["content"]
    await chat.presses(OWNER, preview, "Send (")
    await finished(chat, "delivered: 1")
    assert await world.received() == [("992900000001", f"Салом {value}")]


async def test_two_lists_that_lack_their_texts_are_asked_one_after_the_other(world: World, chat: Chat) -> None:
    """What is written answers the question that stands last in the chat; then the other list has its turn."""
    await chat.sends_file(OWNER, "first.csv", column(1))
    await chat.wait_for("first.csv")
    await chat.sends_file(OWNER, "second.csv", column(1, 2))
    await chat.wait_for(lambda card: "second.csv" in card["content"] and "What shall it say?" in card["content"])
    for name in ("second", "first"):
        await chat.says(OWNER, f"text of the {name}")
        preview = await chat.wait_for_button("Send (")
        assert f"{name}.csv" in preview["content"]
        assert f"text of the {name}" in preview["content"]
    assert await world.taken() == []
