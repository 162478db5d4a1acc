"""The gate: an update passes if an admin, in person, wrote a message or pressed a button. All else stops here."""

from collections.abc import Awaitable, Callable
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import BaseMiddleware
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, InaccessibleMessage, Message, TelegramObject, Update

from bot.i18n import Translator
from bot.services.admit import Admit, Languages
from bot.services.compose import Place

ALLOWED_UPDATES = ["message", "callback_query"]
"""What Telegram is asked for; the gate refuses the rest even if it comes."""
_CHATS = (ChatType.PRIVATE, ChatType.GROUP, ChatType.SUPERGROUP)


class Gate(BaseMiddleware):
    """Outer middleware on every update. What passes carries `t` (texts in the admin's language) and `place`.

    `knocked` is called when somebody passes.
    """

    def __init__(
        self, admit: Admit, languages: Languages, zone: ZoneInfo, knocked: Callable[[], None] = lambda: None
    ) -> None:
        self._admit = admit
        self._knocked = knocked
        self._languages = languages
        self._zone = zone

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Let the update through, or drop it."""
        place = _place(event) if isinstance(event, Update) else None
        if place is None or not isinstance(event, Update):
            return None
        if not self._admit.is_admin(place.actor_id):
            return await self._turn_away(event.message, place)
        self._knocked()
        data["place"] = place
        data["t"] = await self.translator(place.actor_id)
        return await handler(event, data)

    async def translator(self, user_id: int) -> Translator:
        """Texts for this person."""
        return Translator(await self._languages.of(user_id), self._zone)

    def default_translator(self) -> Translator:
        """Texts for when the database cannot tell whose language is what."""
        return Translator(self._languages.default, self._zone)

    async def _turn_away(self, message: Message | None, place: Place) -> None:
        """Tell a stranger who says /start in private who he is, once a day; else keep silent."""
        if message is None or message.chat.type != ChatType.PRIVATE:
            return
        if not (message.text or "").casefold().startswith("/start"):
            return
        if await self._admit.may_tell_stranger(place.actor_id):
            t = await self.translator(place.actor_id)
            await message.answer(t("stranger", user_id=str(place.actor_id)))


def _place(update: Update) -> Place | None:
    """Where and by whom, if it is a person's own message or press; None for anything else.

    An anonymous group admin, and whoever writes as a channel, has a `sender_chat`: nobody can tell who it is.
    """
    match update.message or update.callback_query:
        case Message() as message if message.from_user and not message.sender_chat and not message.from_user.is_bot:
            chat, user, message_id = message.chat, message.from_user, message.message_id
        case CallbackQuery(message=Message() | InaccessibleMessage() as message) as press if not press.from_user.is_bot:
            chat, user, message_id = message.chat, press.from_user, message.message_id
        case _:
            return None
    return Place(chat.id, user.id, message_id) if chat.type in _CHATS else None
