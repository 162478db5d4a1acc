"""Stories of /balance, /language, /help and the command menu."""

import pytest

from bot.i18n import LANGUAGES
from bot.telegram.menu import COMMANDS
from tests.support.chat import Chat
from tests.support.timing import HASTY, QUICK
from tests.support.world import ADMIN, OWNER, World, running_bot


async def test_the_balance_with_its_time_and_what_it_buys(world: World, chat: Chat) -> None:
    """/balance tells the balance, its time and the parts it buys; the button asks again in place."""
    async with running_bot(world, PRICE_PER_PART="0.25", LOW_BALANCE="50"):
        await chat.says(OWNER, "/balance")
        first = await chat.wait_for("100.00 TJS")
        assert "Enough for about 400 SMS parts" in first["content"]
        assert "OsonSMS's clock" in first["content"]
        assert "Low" not in first["content"]
        await world.gateway("balance", balance="6.07")
        await chat.presses(OWNER, first, "Refresh")
        again = await chat.wait_for("💰 6.07 TJS")
        assert again["message_id"] == first["message_id"]
        assert "Low. Time to top up." in again["content"]


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("http_500", "out of order"),
        ("html_200", "could not be understood"),
        ("empty_200", "could not be understood"),
        ("error_in_200", "OsonSMS"),
        ("timeout_before", "did not answer within 20 seconds"),
        ("reset_before", "connection to OsonSMS broke"),
        ("bad_authorization", "Check OSONSMS_TOKEN"),
        ("inactive_account", "OSONSMS_LOGIN"),
    ],
)
async def test_a_balance_that_is_not_known_is_an_error_never_a_zero(
    world: World, chat: Chat, mode: str, said: str
) -> None:
    """A failed call is told as a failure, with the cure; no figure appears."""
    silent = mode.startswith("timeout")
    async with running_bot(world, HASTY if silent else QUICK):
        await world.fault(mode, times=None, call="balance", delay=2 if silent else None)
        await chat.says(OWNER, "/balance")
        card = await chat.wait_for("The balance could not be checked")
    assert said in card["content"]
    assert "TJS" not in card["content"]


@pytest.mark.usefixtures("bot")
async def test_each_admin_has_a_language_of_his_own(chat: Chat) -> None:
    """/language changes the texts and the menu of who chose, and nobody else's; a restart keeps it."""
    await chat.says(OWNER, "/language")
    asked = await chat.wait_for("Which language")
    await chat.presses(OWNER, asked, "Тоҷикӣ")
    await chat.wait_for("тоҷикӣ гап мезанам")
    await chat.says(OWNER, "/help")
    await chat.wait_for("Фиристодани SMS тавассути OsonSMS")
    await chat.says(ADMIN, "/help")
    await chat.wait_for("SMS through OsonSMS")


@pytest.mark.usefixtures("bot")
async def test_the_menu_is_set_for_every_language(chat: Chat) -> None:
    """The command menu holds every command, in each language, and a default."""
    await chat.says(OWNER, "/help")
    await chat.wait_for("SMS through OsonSMS")
    calls = await chat.calls("setMyCommands")
    assert len(calls) >= len(LANGUAGES) + 1
    menus = (await chat.reads("commands", user=OWNER))["commands"]
    assert [command["command"] for command in menus] == list(COMMANDS)


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("/start", "SMS through OsonSMS"),
        ("/help", "SMS through OsonSMS"),
        ("/nonsense", "There is no such command"),
        ("hello bot", "I do not follow"),
        ("/cancel", "nothing to cancel"),
        ("/resume", "Sending was not stopped"),
    ],
)
async def test_every_word_gets_an_answer(chat: Chat, words: str, said: str) -> None:
    """Whatever an admin writes in private is answered with what to do next."""
    await chat.says(OWNER, words)
    await chat.wait_for(said)


@pytest.mark.usefixtures("bot")
async def test_a_command_in_a_dialogue_is_never_the_text(world: World, chat: Chat) -> None:
    """/balance in the middle of a dialogue is a command; the dialogue goes on; /cancel leaves it."""
    await chat.says(OWNER, "/send 900000001")
    await chat.wait_for("What shall it say?")
    await chat.says(OWNER, "/balance")
    await chat.wait_for("TJS")
    await chat.says(OWNER, "/oops")
    await chat.wait_for("There is no such command")
    await chat.says(OWNER, "/cancel")
    await chat.wait_for("Dropped. Nothing was sent.")
    await chat.says(OWNER, "hello")
    await chat.wait_for("I do not follow")
    assert await world.taken() == []
