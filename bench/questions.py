"""What is asked of a log of ten million messages: each kind of question, with two hundred keys."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from bench import ten_million as there
from bench.lists import phone
from bot.domain.lookback import Glance, Kind, Wanted, bounds, words_of
from bot.store import Transaction

KEYS, FOUND = 200, 10
BY_KEY_MS, BY_WORD_MS = 5.0, 50.0
_ZONE = ZoneInfo("Asia/Dushanbe")

Ask = Callable[[Transaction, Any], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of question, its keys, and how many milliseconds an answer may take."""

    name: str
    ask: Ask
    keys: Sequence[Any]
    bar: float


def questions(now: datetime) -> list[Question]:
    """All kinds."""
    return [*_by_key(), *_by_words(), *filters(now)]


def _keys(some: Sequence[Any]) -> list[Any]:
    return list(islice(cycle(some), KEYS))


def _numbers() -> list[int]:
    """Messages all over the log."""
    return [1 + each * (there.MESSAGES // KEYS - 1) for each in range(KEYS)]


def _by_key() -> list[Question]:
    numbers = _numbers()
    phones = [there.phone_of(number) for number in numbers]
    ends = [f"{number * 37 % 10_000:04d}" for number in range(KEYS)]
    kinds: dict[str, tuple[Ask, Sequence[Any]]] = {
        "txn_id": (lambda log, key: log.messages_by_txn_id(key), [there.txn_id(number) for number in numbers]),
        "msg_id": (lambda log, key: log.messages_by_msg_id(key, FOUND), [there.msg_id(number) for number in numbers]),
        "phone": (lambda log, key: log.messages_by_phone(key, FOUND), phones),
        "the busiest phone": (lambda log, key: log.messages_by_phone(key, FOUND), [phone(0)]),
        "last four digits": (lambda log, key: log.messages_by_phone_end(key, FOUND), ends),
    }
    return [Question(name, ask, _keys(keys), BY_KEY_MS) for name, (ask, keys) in kinds.items()]


def _by_words() -> list[Question]:
    big, names = there.own_word(there.BIG), [there.name(each * 10) for each in range(KEYS)]
    fixed = [words_of(" ".join(opening)) for opening in there.OPENINGS]
    bodies = [words_of(body) for body in there.BODIES]
    common = [word for words in (*fixed, *bodies) for word in words if len(word) > 3]
    kinds: dict[str, list[tuple[str, ...]]] = {
        "a common word": [(word,) for word in common],
        "its first four letters": [(word[:4],) for word in common],
        "a word of the largest, old campaign": [(big,)],
        "its beginning": [(big[:-1],), (big[:-3],)],
        "a word of one campaign": [(there.own_word(each * 9 + 1),) for each in range(KEYS)],
        "a name": [(name,) for name in names],
        "a word of one message": [(there.code(number // 10 * 10 + 7),) for number in _numbers()],
        "two common words": [(one[-1], body[0]) for one in fixed for body in bodies],
        "two, never together": [(one[0], other[0]) for one in fixed for other in fixed if one is not other],
        "a name in the largest campaign": [(big, name) for name in names],
        "two rare names, never together": [(name, other) for name, other in pairwise(names[2:])],
        "two of the commonest names, never together": [
            (there.NAMES[each], there.NAMES[each - 1]) for each in range(10)
        ],
        "a word that is nowhere": [(f"нестанд{each}",) for each in range(KEYS)],
        "that and a common one": [(f"нестанд{each}", common[each % len(common)]) for each in range(KEYS)],
        "digits that are nowhere": [(f"{each * 7919 % 10_000:04d}",) for each in range(KEYS)],
    }
    return [Question(name, _by_word, _keys(keys), BY_WORD_MS) for name, keys in kinds.items()]


async def _by_word(log: Transaction, words: tuple[str, ...]) -> object:
    return await log.messages_by_words(words, FOUND)


def filters(now: datetime) -> list[Question]:
    """Lists of /history, at their first page."""
    actors, campaigns = there.ACTORS[:4], [each * 9 + 1 for each in range(KEYS)]
    busy, day = phone(0), (now - timedelta(days=365)).astimezone(_ZONE).date().isoformat()
    kinds: dict[str, list[Wanted]] = {
        "all": [Wanted()],
        "an actor": [Wanted(actor_id=actor) for actor in actors],
        "an actor who seldom sent": [Wanted(actor_id=there.RARE_ACTOR)],
        "a campaign": [Wanted(campaign_id=number) for number in campaigns],
        "the busiest phone": [Wanted(phone=busy)],
        **{kind.value: [Wanted(kind=kind)] for kind in Kind},
        **{f"campaign, {kind}": [Wanted(campaign_id=number, kind=kind) for number in campaigns] for kind in Kind},
        **{f"largest campaign, {kind}": [Wanted(campaign_id=there.BIG, kind=kind)] for kind in Kind},
        **{f"busiest phone, {kind}": [Wanted(phone=busy, kind=kind)] for kind in Kind},
        **{f"actor, {kind}": [Wanted(actor_id=actor, kind=kind) for actor in actors] for kind in Kind},
        **{f"period {period}": [Wanted(period=period)] for period in ("today", "week", "month", "year", day)},
        **{
            f"actor, {kind}, {name}": [Wanted(actor_id=actor, kind=kind, period=period) for actor in actors]
            for kind in Kind
            for name, period in (("week", "week"), ("a day a year ago", day))
        },
        "rare actor, delivered, year": [Wanted(actor_id=there.RARE_ACTOR, kind=Kind.DELIVERED, period="year")],
    }
    return [Question(f"history: {name}", look, _keys(keys), BY_WORD_MS) for name, keys in kinds.items()]


async def look(log: Transaction, wanted: Wanted, edge: int | None = None) -> Glance:
    """A page of /history."""
    time = bounds(wanted.period, _ZONE, datetime.now(UTC))
    return await log.look_back(wanted, time, edge, newer=False, limit=FOUND)


FINDS = (
    *(there.txn_id(number) for number in range(1, 10)),
    *(
        "160000001",
        "+992 90 000 00 07",
        "0007",
        "7777777",
        "салом фирдавс",
        "қарз",
        "R00000017",
        "нестанд",
        "омода ҳаст",
    ),
)
"""What is typed after /find: keys, phones and their ends, words, and things that are not there."""
