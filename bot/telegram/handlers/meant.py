"""Which message an admin means: by its #number, or by a reply to what shows it, a card or a line of a list."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiogram.types import Message

from bot.domain.card import Subject
from bot.i18n import Translator
from bot.services.compose import Place
from bot.services.look_up import LookUp
from bot.telegram.handlers.addressed import our_message
from bot.telegram.keyboards import Verb, button, keyboard
from bot.telegram.views.picker import in_rows

_MOST = 10
_IN_A_ROW = 4
_HASH = "[#№][ \u00a0]?([0-9]{1,18})(?![0-9])"
_ICON = "[^\\w\\s!-~]\ufe0f?"
"""No letter, digit or sign of a keyboard."""
_TYPED = re.compile(rf"(?<!\w){_HASH}")
_LINE = re.compile(rf"^{_ICON} {_HASH}", re.MULTILINE)
_TITLE = re.compile(rf"\A{_ICON} [^\n#№]+ · {_HASH}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Meant:
    """What is meant: one message, one of several, a campaign, or nothing that could be made out."""

    messages: tuple[int, ...] = ()
    campaign: int | None = None


async def find_meant(message: Message, words: str, place: Place, look_up: LookUp) -> Meant:
    """What `message`, a command with these words behind it, is about. Only what we wrote ourselves is read for it."""
    if words:
        return Meant(_some(typed(words)))
    replied = our_message(message)
    if replied is None:
        return Meant()
    card = await look_up.card(place.chat_id, replied.message_id)
    if card is None:
        listed = shown(replied.text or replied.caption or "")
        quoted = [number for number in typed(message.quote.text) if number in listed] if message.quote else []
        return Meant(_some(quoted or listed))
    if card.subject is Subject.CAMPAIGN:
        return Meant(campaign=card.subject_id)
    return Meant((card.subject_id,) if card.subject is Subject.MESSAGE else ())


def _some(found: Sequence[int]) -> tuple[int, ...]:
    return tuple(found[:_MOST])


def typed(text: str) -> tuple[int, ...]:
    """The #numbers that somebody wrote, each once."""
    return _once(_TYPED.findall(text))


def shown(text: str) -> tuple[int, ...]:
    """The messages that a text of ours shows: the one in its title, as a card has it, or those of a list's lines.

    No other #number in it is one: it may be a campaign's, an example's, or stand in the text of an SMS.
    """
    return _once(_TITLE.findall(text) or _LINE.findall(text))


def _once(found: Sequence[str]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(map(int, found)))


async def ask_which(message: Message, t: Translator, meant: Meant, verb: Verb) -> None:
    """Several may be meant: a button for each does what was asked."""
    buttons = [button(f"#{number}", verb, number) for number in meant.messages]
    await message.reply(t("meant.which"), reply_markup=keyboard(in_rows(buttons, _IN_A_ROW)))
