"""What a log of ten million messages holds, as years of use would leave it; `BENCH_MESSAGES` makes it smaller.

Two thousand campaigns of 700 to a million recipients, one after the other; every fiftieth message is a single one. A
million of the newest are open, due within an hour before or after now.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from bench.lists import phone
from bot.domain.message import State

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "10_000_000"))
CAMPAIGNS, PEOPLE, SINGLE = 2_000, 1_500_000, 50
YEARS_MICROS = 2 * 365 * 24 * 3600 * 1_000_000
BIG = CAMPAIGNS // 5
"""The place of the largest campaign: an old one."""
ACTORS = (101, 102, 103, 104, 105)
RARE_ACTOR = ACTORS[-1]
"""One message in ten thousand, all of them long ago."""
_EXPONENT = 0.95
_OPEN_WINDOW, _OPEN_SHARE = 0.118, 85
_PAUSE, _HOUR = 10_000, 3600 * 1_000_000
_CHANCES = [int.from_bytes(blake2b(b"%d" % place, digest_size=4).digest(), "big") for place in range(65_521)]
"""The same each time, and as if thrown."""

OPENINGS = (
    ("Салом, ", "! "),
    ("Ассалому алайкум, ", "! Хабари хуш: "),
    ("Мухтарам ", ", огоҳ мекунем: "),
    ("Здравствуйте, ", "! "),
    ("Уважаемый клиент ", ", сообщаем: "),
    ("Добрый день, ", "! Напоминаем: "),
    ("Hello ", ", dear customer: "),
    ("Дӯсти азиз ", ", лутфан бихонед: "),
    ("", ", барои шумо хабар: "),
    ("Внимание, ", ". Новость: "),
)
BODIES = (
    "фармоиши шумо омода аст, то соати 18 биёед",
    "ваш заказ собран и ждёт вас в магазине на улице Рудаки",
    "скидка 20 процентов на все товары до конца недели",
    "қарзи шумо то охири моҳ бояд пардохт шавад",
    "платёж получен, спасибо за покупку",
    "рӯзи шанбе дар бозори марказӣ тахфифи калон мешавад",
    "приём врача перенесён на понедельник, подтвердите запись",
    "your parcel has arrived, please bring your passport",
    "дарсҳои нав аз душанбе сар мешаванд, ҷойҳо маҳдуданд",
    "счёт за интернет выставлен, оплатите вовремя",
)
"""Ten openings and ten bodies make a hundred templates."""
NAMES = ("Фирдавс", "Мадина", "Ҷамшед", "Ғайрат", "Нигора", "Рустам", "Зарина", "Далер", "Шаҳноза", "Комрон")
_SYLLABLES = [
    "ба",
    "хор",
    "нав",
    "руз",
    "са",
    "дил",
    "ша",
    "мех",
    "зар",
    "гул",
    "пар",
    "кӯҳ",
    "дар",
    "ёр",
    "меҳ",
    "соз",
]


def name(number: int) -> str:
    """The name of this number, of two thousand: some of them are those of every tenth, most are rare."""
    return NAMES[number] if number < len(NAMES) else _syllables(number).capitalize() + "шоҳ"


def own_word(campaign: int) -> str:
    """A word that stands in the texts of this campaign alone."""
    return _syllables(campaign) + "она"


def code(number: int) -> str:
    """A word that one message alone has."""
    return f"R{number:08d}"


def _syllables(number: int) -> str:
    return "".join(_SYLLABLES[number >> shift & 15] for shift in (0, 4, 8))


def txn_id(number: int) -> str:
    """The txn_id of the message of this number."""
    return f"BENCH{number:021d}"


def msg_id(number: int) -> int:
    """What the gateway called it, if it took it."""
    return 160_000_000 + number


def sizes(count: int) -> list[int]:
    """How many recipients each campaign has, in their order: the largest long ago, the three next to it of late."""
    weights = [(rank + 1) ** -_EXPONENT for rank in range(CAMPAIGNS)]
    share = count * (1 - 1 / SINGLE) / sum(weights)
    ranks = sorted(range(4, CAMPAIGNS), key=lambda rank: rank * 1237 % 2003)
    ranks.insert(BIG - 1, 0)
    ranks[-1:-1] = (1, 2, 3)
    return [int(share * weights[rank]) + 1 for rank in ranks]


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the messages of a campaign share; single ones have no campaign."""

    campaign: int | None
    head: str
    tail: str
    actor: int


def _campaign(number: int) -> Ordered:
    opening, body = OPENINGS[number % 10], BODIES[number // 10 % 10]
    share = number * 61 % 100
    actor = ACTORS[0 if share < 60 else 1 if share < 90 else 2 if share < 99 else 3]
    return Ordered(number, opening[0], f"{opening[1]}{body}. Аксия {own_word(number)}", actor)


def _single(number: int, count: int) -> Ordered:
    opening, body = OPENINGS[number // 50 % 10], BODIES[number // 500 % 10]
    is_rare = number < count // 4 and number // SINGLE % 50 == 0
    return Ordered(None, opening[0], f"{opening[1]}{body}", RARE_ACTOR if is_rare else ACTORS[number // SINGLE % 3])


def rows(count: int, now: int) -> Iterator[tuple[Any, ...]]:
    """The messages, oldest first; `now` in microseconds."""
    place = in_campaign = 0
    planned = sizes(count)
    ordered = _campaign(1)
    for number in range(1, count + 1):
        created = now - YEARS_MICROS * (CAMPAIGNS - place) // CAMPAIGNS + in_campaign * _PAUSE
        if number % SINGLE == 0:
            yield _row(number, count, now, created, _single(number, count))
            continue
        yield _row(number, count, now, created, ordered)
        in_campaign += 1
        if in_campaign == planned[place] and place < CAMPAIGNS - 1:
            place, in_campaign = place + 1, 0
            ordered = _campaign(place + 1)


COLUMNS = (
    *("id", "txn_id", "campaign_id", "phone", "text", "sender", "channel", "confidential", "length", "encoding"),
    *("parts", "actor_id", "created_at", "state", "due_at", "attempts", "retries", "may_have_arrived", "reason"),
    *("accepted_at", "msg_id", "gateway_parts", "status", "status_at", "polls", "final_at"),
)


def _row(number: int, count: int, now: int, created: int, ordered: Ordered) -> tuple[Any, ...]:
    chance = _CHANCES[number % 65_521] ^ _CHANCES[number // 65_521]
    text = f"{ordered.head}{name(int(2000 * (chance / 2**32) ** 3))}{ordered.tail}"
    if number % 10 == 7:
        text = f"{text}. Рамз {code(number)}"
    secret = number % 5000 == 0
    state = _state(chance, is_new=number > count * (1 - _OPEN_WINDOW))
    accepted = None if state in _NEVER_TAKEN else created + 2_000_000
    status = None if state in _NO_STATUS else "ENROUTE" if state == "accepted" else state.upper()
    is_open = state == "accepted"
    due_at = now + (chance >> 8) % 7200 * 1_000_000 - _HOUR if is_open else None
    final_at = None if is_open or (state == "uncertain" and chance % 50 == 0) else created + (chance >> 6) % 90_000_000
    return (
        *(number, txn_id(number), ordered.campaign, _phone(number, chance), None if secret else text, "BENCH", "sms"),
        *(secret, len(text), "Unicode", 2, ordered.actor, created, state, due_at, 1, 0, False, state),
        *(accepted, accepted and msg_id(number), accepted and 2, status, accepted, 2, final_at),
    )


_STATES = (
    *((9300, "delivered"), (9550, "undeliverable"), (9700, "expired"), (9760, "rejected"), (9780, "deleted")),
    *((9800, "unknown"), (9900, "failed"), (9905, "uncertain"), (10_000, "cancelled")),
)
_NEVER_TAKEN = ("failed", "uncertain", "cancelled")
_NO_STATUS = (*_NEVER_TAKEN, "unknown")


def _state(chance: int, *, is_new: bool) -> str:
    if is_new and chance // 10_000 % 100 < _OPEN_SHARE:
        return "accepted"
    share = chance % 10_000
    return next(state for limit, state in _STATES if share < limit)


def _phone(number: int, chance: int) -> str:
    """Made up: campaigns go through one book of phones; some single ones go to the same phone again and again."""
    if number % SINGLE == 0 and chance % 100 == 0:
        return phone(0)
    return phone_of(number)


def phone_of(number: int) -> str:
    """Whom most messages of this number are for."""
    return phone(number * 7 % PEOPLE)


_HISTORY = (
    "INSERT INTO events (message_id, at, from_state, to_state, why) "
    "SELECT id, coalesce(final_at, created_at), 'accepted', state, coalesce(status, reason) FROM messages "
    "WHERE state NOT IN ('accepted', 'failed', 'uncertain', 'cancelled')"
)
_TALLIES = (
    "INSERT INTO tallies (campaign_id, {names}) SELECT campaign_id, {sums} FROM messages "
    "WHERE campaign_id IS NOT NULL GROUP BY campaign_id"
)
_SPENT = (
    "INSERT INTO spent (quarter, messages, parts) SELECT accepted_at - accepted_at % 900000000, count(*), "
    "sum(gateway_parts) FROM messages WHERE accepted_at IS NOT NULL GROUP BY 1"
)
AFTERWARDS = (_HISTORY, _TALLIES, _SPENT)
"""What the bot would have kept by the way. Most messages have one line of history: that they were delivered."""


def afterwards() -> list[str]:
    """Those statements, spelled out."""
    names = ", ".join(state.value for state in State)
    sums = ", ".join(f"sum(CASE WHEN state = '{state.value}' THEN 1 ELSE 0 END)" for state in State)
    return [statement.format(names=names, sums=sums) for statement in AFTERWARDS]


CAMPAIGN_COLUMNS = (
    *("id", "way", "text", "sender", "confidential", "recipients", "parts", "actor_id", "created_at", "stage"),
    *("starts_at", "rows", "taken"),
)


def campaign_rows(count: int, now: int) -> Iterator[tuple[Any, ...]]:
    """The campaigns, all of them over."""
    for number, size in enumerate(sizes(count), 1):
        ordered, began = _campaign(number), now - YEARS_MICROS * (CAMPAIGNS + 1 - number) // CAMPAIGNS
        text = f"{ordered.head}{{name}}{ordered.tail}"
        yield (
            *(number, "tracked", text, "BENCH", False, size, 2 * size, ordered.actor, began, "finished"),
            *(began, size, size),
        )
