"""Lists of phones as stories send them, and the ways to a campaign that many stories begin with."""

import csv
import io

from tests.support.chat import Chat, Message
from tests.support.world import OWNER, until


def phones(count: int, first: int = 1) -> list[str]:
    """So many phones that bring about no fate of their own, as the gateway has them."""
    return [f"99290000{number:04}" for number in range(first, first + count)]


def column(count: int, first: int = 1) -> bytes:
    """A file of them, without a header."""
    return "".join(f"{phone}\n" for phone in phones(count, first)).encode()


async def drafted(
    chat: Chat, file: bytes, text: str = "Salom", name: str = "list.csv", user: int = OWNER, seconds: float = 10
) -> Message:
    """Send a file with its text; gives the preview."""
    await chat.sends_file(user, name, file, text)
    return await chat.wait_for_button("Send (", seconds)


async def ordered(chat: Chat, file: bytes, text: str = "Salom", *, button: str = "Send (", user: int = OWNER) -> None:
    """Send a file with its text, and confirm it."""
    preview = await drafted(chat, file, text, user=user)
    await chat.presses(user, preview, button)


async def finished(chat: Chat, words: str, seconds: float = 15) -> Message:
    """The card of a campaign that is done, with these words on it; the one further up has given way to it."""
    card = await chat.wait_for(lambda card: "🏁" in card["content"] and words in card["content"], seconds, since=0)
    title = card["content"].partition("\n")[0]

    async def is_alone() -> bool:
        shown = [message for message in await chat.history() if str(message["content"]).startswith(title)]
        return len(shown) == 1

    await until(is_alone)
    return card


async def result(chat: Chat, card: Message, user: int = OWNER) -> list[dict[str, str]]:
    """The rows of the result file that a campaign's card hands out; phones as the gateway has them."""
    rows = await handed_out(chat, card, "Result", user)
    return [row | {"phone": row["phone"].replace(" ", "")} for row in rows]


async def handed_out(chat: Chat, card: Message, button: str, user: int = OWNER) -> list[dict[str, str]]:
    """The rows of a CSV that a button hands out."""
    await chat.presses(user, card, button)
    file = await chat.wait_for(lambda message: bool(message.get("document")))
    return read_csv(await chat.downloads(file))


def read_csv(raw: bytes) -> list[dict[str, str]]:
    """The rows of a CSV as Excel in Russian has it."""
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";"))
