"""Find messages by what an admin has at hand: a txn_id, a msg_id, a #number, a phone or its end, words of the text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.campaign import CampaignReport
from bot.domain.card import Card, Subject
from bot.domain.lookback import Hits, words_of
from bot.domain.message import Message
from bot.domain.phone import PhoneError, parse_phone
from bot.services.compose import Place
from bot.services.ports import Clock, Log, Ring, Store

LATEST = 5
LATEST_CAMPAIGNS = 8
_NUMBER = re.compile(r"[#№]\s*(\d{1,18})")
_TXN_ID = re.compile(r"[A-Za-z0-9-]{10,36}")
_MSG_ID = re.compile(r"\d{1,18}")
_PHONE_END = re.compile(r"[\s\-.()]*(?:\d[\s\-.()]*){4,12}")
"""The last digits of a phone, as people write them. Fewer than four would be a tenth of all phones."""
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: messages, newest first, or the campaign whose bulk call it is."""

    messages: tuple[Message, ...] = ()
    campaign_id: int | None = None
    phone: str | None = None
    """The phone to which more messages went than are shown."""
    more: bool = False
    """Whether there are more than are shown."""
    cut: bool = False
    """Whether the search for words ended before it had gone through all of the log."""


class LookUp:
    """Looks into the log."""

    def __init__(self, store: Store, clock: Clock, ring: Ring) -> None:
        self._store = store
        self._clock = clock
        self._ring = ring

    MOST = 10
    """As many are shown at most where everything is searched."""

    async def find(self, asked: str, most: int = LATEST) -> Found:
        """The messages that `asked` may mean; the latest ones if it is empty. `most`, newest first."""
        asked = asked.strip()
        async with self._store.read() as log:
            if not asked:
                return Found(tuple(await log.latest_messages(most)))
            if number := _NUMBER.fullmatch(asked):
                message = await log.message(int(number[1]))
                return Found((message,) if message else ())
            found: list[Message] = []
            if _TXN_ID.fullmatch(asked):
                found += await log.messages_by_txn_id(asked.upper())
                if not found and (campaign_id := await log.campaign_by_txn_id(asked.upper())):
                    return Found(campaign_id=campaign_id)
            found += await _by_number(log, asked, most + 1)
            hits = Hits()
            if len(found) <= most and (words := words_of(asked)):
                hits = await log.messages_by_words(words[:_MOST_WORDS], most + 1)
        return _first(found, hits, most, _phone(asked))

    async def message(self, message_id: int) -> Message | None:
        """The message of this number."""
        async with self._store.read() as log:
            return await log.message(message_id)

    async def card(self, chat_id: int, telegram_id: int) -> Card | None:
        """The card that is this message of the chat."""
        async with self._store.read() as log:
            return await log.card_in_chat(chat_id, telegram_id)

    async def campaign(self, campaign_id: int) -> CampaignReport | None:
        """The campaign of this number."""
        async with self._store.read() as log:
            return await log.campaign(campaign_id)

    async def campaigns(self) -> list[CampaignReport]:
        """The campaigns that are not over, and the last ones that are."""
        async with self._store.read() as log:
            return await log.latest_campaigns(LATEST_CAMPAIGNS)

    async def show(self, place: Place, subject: Subject, subject_id: int) -> None:
        """Put its card at the end of the chat; it stays true from then on."""
        async with self._store.write() as log:
            now = self._clock()
            if not await log.repost(subject, subject_id, now, place.chat_id):
                await log.add_card(place.chat_id, place.actor_id, subject, subject_id, now, place.reply_to)
        self._ring()


async def _by_number(log: Log, asked: str, limit: int) -> list[Message]:
    """The latest messages of this msg_id, or to this phone or those that end so; each once."""
    found = await log.messages_by_msg_id(int(asked), limit) if _MSG_ID.fullmatch(asked) else []
    if phone := _phone(asked):
        found += await log.messages_by_phone(phone, limit)
    elif end := _phone_end(asked):
        found += await log.messages_by_phone_end(end, limit)
    return list({message.id: message for message in found}.values())


def _first(found: list[Message], hits: Hits, most: int, phone: str | None) -> Found:
    """As many as are shown. What was found by number comes before what merely has the words, if not all have room."""
    unique = {message.id: message for message in [*_newest(found), *hits.messages]}
    shown = _newest(list(unique.values())[:most])
    return Found(tuple(shown), phone=phone if len(found) > most else None, more=len(unique) > most, cut=hits.cut)


def _newest(some: Iterable[Message]) -> list[Message]:
    return sorted(some, key=lambda message: -message.id)


def _phone(asked: str) -> str | None:
    try:
        return parse_phone(asked)
    except PhoneError:
        return None


def _phone_end(asked: str) -> str | None:
    if not _PHONE_END.fullmatch(asked):
        return None
    return re.sub(r"\D", "", asked)
