"""Who has spoken to the bot: languages, phones, wishes for notices, and when a stranger was told."""

import asyncio
from datetime import timedelta
from itertools import product

import pytest

from bot.domain.notices import What, Whose, Wishes
from bot.store import Store
from tests.support.log import NOW, PHONE, SECOND

USUAL = Wishes()
WISHES = [Wishes(whose, what, hour) for whose, what, hour in product(Whose, What, (None, 0, 23))]


async def test_languages(store: Store) -> None:
    """A person's choice, the last one; none until it was made, also for one who was only told off."""
    async with store.write() as tx:
        assert await tx.language(7) is None
        await tx.set_language(7, "tg")
        await tx.set_language(7, "en")
        await tx.set_language(2**40, "ru")
        assert await tx.may_tell(8, NOW, NOW)
        assert [await tx.language(user) for user in (7, 2**40, 8)] == ["en", "ru", None]


async def test_a_stranger_is_told_once_in_a_while(store: Store) -> None:
    """Then not until the time is over; each stranger for himself, and a known person too."""
    day = timedelta(days=1)
    async with store.write() as tx:
        assert await tx.may_tell(7, NOW - day, NOW)
        assert not await tx.may_tell(7, NOW - day, NOW)
        assert not await tx.may_tell(7, NOW, NOW + day)
        assert await tx.may_tell(8, NOW - day, NOW)
        assert await tx.may_tell(7, NOW + SECOND, NOW + day + SECOND)
        assert not await tx.may_tell(7, NOW + SECOND, NOW + day + SECOND)


async def test_a_stranger_who_writes_twice_at_once_is_told_once(store: Store, other: Store) -> None:
    """The first two messages of a stranger meet in the table; neither fails."""

    async def tell(own: Store) -> bool:
        async with own.write() as tx:
            return await tx.may_tell(7, NOW - SECOND, NOW)

    async with store.write() as tx:
        assert await tx.may_tell(7, NOW - SECOND, NOW)
        theirs = asyncio.create_task(tell(other))
        await asyncio.wait({theirs}, timeout=0.1)
    assert await theirs is False


@pytest.mark.parametrize("wishes", WISHES)
async def test_wishes_are_remembered(store: Store, wishes: Wishes) -> None:
    """The last ones of each admin; what is usual until he has said something, and for whoever only spoke."""
    async with store.write() as tx:
        assert await tx.wishes(7) == USUAL
        assert await tx.all_wishes() == {}
        await tx.set_wishes(7, Wishes(Whose.ALL, What.EVERYTHING, 9))
        await tx.set_wishes(7, wishes)
        await tx.set_language(8, "tg")
        assert [await tx.wishes(user) for user in (7, 8, 9)] == [wishes, USUAL, USUAL]
        assert await tx.all_wishes() == {7: wishes, 8: USUAL}


async def test_wishes_leave_the_rest(store: Store) -> None:
    """Neither language nor phone is forgotten with them, nor are they with these."""
    wishes = Wishes(Whose.ALL, What.EVERYTHING, 9)
    async with store.write() as tx:
        await tx.set_language(7, "tg")
        await tx.set_test_phone(7, PHONE)
        await tx.set_wishes(7, wishes)
        assert (await tx.language(7), await tx.test_phone(7)) == ("tg", PHONE)
        await tx.set_language(7, "en")
        assert await tx.wishes(7) == wishes


async def test_a_digest_is_given_once_a_day(store: Store) -> None:
    """Of each day once to each, never of a day before; of nobody who has never spoken."""
    async with store.write() as tx:
        for user in (7, 8):
            await tx.set_wishes(user, Wishes(digest_hour=9))
        assert [await tx.take_digest(7, day) for day in (100, 100, 99, 101, 101)] == [True, False, False, True, False]
        assert await tx.take_digest(8, 100)
        assert not await tx.take_digest(9, 100)


async def test_of_two_that_give_a_digest_at_once_one_does(store: Store, other: Store) -> None:
    """Two workers find the hour come: the admin hears it once."""

    async def take(own: Store) -> bool:
        async with own.write() as tx:
            return await tx.take_digest(7, 100)

    async with store.write() as tx:
        await tx.set_wishes(7, Wishes(digest_hour=9))
    async with store.write() as tx:
        assert await tx.take_digest(7, 100)
        theirs = asyncio.create_task(take(other))
        await asyncio.wait({theirs}, timeout=0.1)
    assert await theirs is False
