"""The balance on a real log: each one seen is kept, and a low one is told once, whoever sees it."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.domain.campaign import Stage
from bot.domain.card import Card, Subject
from bot.domain.errors import NotConnected
from bot.domain.gateway import Accepted, Balance, BulkAccepted, BulkOrder, Delivery, Sms
from bot.domain.money import Agreement, Low, Reading
from bot.services.account import Account, LookAtAccount
from bot.services.balance import AskBalance, watch_balance
from bot.store import Store
from bot.store.database import Database
from bot.store.schema import spent
from tests.support.log import NOW, SECOND, campaign

DUSHANBE = ZoneInfo("Asia/Dushanbe")
PRICE, LIMIT = Decimal("0.25"), Decimal(50)
DAY = timedelta(days=1)
ADMINS = (5, 6)


@dataclass
class Purse:
    """A gateway that knows nothing but its balance; None: it does not answer."""

    amount: str | None = "100"

    async def send(self, sms: Sms) -> Accepted:
        raise AssertionError("nothing is sent here")

    async def query(self, txn_id: str, msg_id: int | None) -> Delivery:
        raise AssertionError("nothing is asked here")

    async def balance(self, txn_id: str) -> Balance:
        await asyncio.sleep(0)
        if self.amount is None:
            raise NotConnected
        return Balance(Decimal(self.amount), None)

    async def create_bulk(self, order: BulkOrder) -> BulkAccepted:
        raise AssertionError("nothing is sent here")


@dataclass
class Desk:
    """Who asks, at a time that is set by hand, and counts when the workers are woken."""

    store: Store
    price: Decimal | None = PRICE
    limit: Decimal | None = LIMIT
    now: datetime = NOW
    purse: Purse = field(default_factory=Purse)
    rings: int = 0

    async def sees(self, amount: str | None, now: datetime | None = None) -> None:
        """Ask when there is so much."""
        self.purse.amount, self.now = amount, now or self.now
        await self.asker()()

    async def looks(self, amount: str) -> Account:
        """Look at the account when there is so much."""
        self.purse.amount = amount
        return await LookAtAccount(self.store, self.asker(), lambda: self.now, DUSHANBE, self.price)()

    def asker(self) -> AskBalance:
        return AskBalance(
            self.store, self.purse, lambda: self.now, self._ring, ADMINS, price=self.price, limit=self.limit
        )

    def _ring(self) -> None:
        self.rings += 1


@pytest.fixture
def desk(store: Store) -> Desk:
    """At work on an empty log."""
    return Desk(store)


async def _spend(database: Database, parts: int, at: datetime) -> None:
    async with database.write() as connection:
        await connection.execute(sa.insert(spent).values(quarter=at, messages=parts, parts=parts))


async def _cards(store: Store) -> list[Card]:
    async with store.read() as tx:
        return [card for card in await tx.due_cards(NOW + 99 * DAY, 100) if card.subject is Subject.LOW]


async def _told(store: Store) -> list[tuple[int, int]]:
    """(chat, changes by then) of each card of a low balance that is to be shown."""
    return [(card.chat_id, card.wanted) for card in await _cards(store)]


async def _low(store: Store) -> Low:
    """The low balance of which there are cards to be shown."""
    [id_] = {card.subject_id for card in await _cards(store)}
    async with store.read() as tx:
        low = await tx.low(id_)
    assert low
    return low


async def _show_all(store: Store, telegram_id: int) -> None:
    """Let Telegram take what is due."""
    async with store.write() as tx:
        for card in await tx.due_cards(NOW + 99 * DAY, 100):
            await tx.card_shown(card, telegram_id, NOW, None)
            await tx.old_card_gone(card, NOW)


async def test_each_balance_that_is_seen_is_kept(store: Store, desk: Desk) -> None:
    """One after the other, with the time at which it was seen; one that was not seen leaves no trace."""
    await desk.sees("100")
    await desk.sees("99.75", NOW + SECOND)
    with pytest.raises(NotConnected):
        await desk.sees(None, NOW + 2 * SECOND)
    await watch_balance(desk.asker())
    async with store.read() as tx:
        readings = await tx.readings(NOW)
        assert await tx.last_reading() == readings[-1]
        assert await tx.current_low() is None
    assert [(reading.at, reading.amount) for reading in readings] == [
        (NOW, Decimal(100)),
        (NOW + SECOND, Decimal("99.75")),
    ]
    assert desk.rings == 0


async def test_who_does_not_wait_for_long_is_told_so(store: Store, desk: Desk) -> None:
    """A gateway that takes longer than one can wait: nothing is kept, and the caller goes on."""
    with pytest.raises(TimeoutError):
        await desk.asker()(0)
    async with store.read() as tx:
        assert await tx.last_reading() is None


async def test_a_low_balance_is_told_once_and_once_when_it_is_back(store: Store, desk: Desk) -> None:
    """All admins, at the first sight; not again while it lasts; a top-up beyond the limit ends it, until the next."""
    await desk.sees("50")
    assert await _told(store) == []
    for amount in ("49.99", "12", "49", "0"):
        await desk.sees(amount)
        assert await _told(store) == [(5, 1), (6, 1)]
    assert desk.rings == 1
    await _show_all(store, 77)
    await desk.sees("50", NOW + DAY)
    assert await _told(store) == [(5, 3), (6, 3)], "they come anew, at the end of their chats"
    assert desk.rings == 2
    low = await _low(store)
    assert (low.amount, low.back_at, low.back_amount) == (Decimal(0), NOW + DAY, Decimal(50))
    await _show_all(store, 78)
    await desk.sees("100")
    assert await _told(store) == []
    await desk.sees("40")
    assert await _told(store) == [(5, 1), (6, 1)]
    assert (await _low(store)).id > low.id


async def test_a_notice_that_nobody_could_see_yet_is_of_what_is_so_by_then(store: Store, desk: Desk) -> None:
    """Back before Telegram took the notice: the card, due once more, tells of the end."""
    await desk.sees("40")
    async with store.read() as tx:
        being_shown = await tx.due_cards(NOW, 100)
    await desk.sees("90")
    async with store.write() as tx:
        for card in being_shown:
            await tx.card_shown(card, 77, NOW, None)
    assert await _told(store) == [(5, 2), (6, 2)]


async def test_of_two_workers_that_see_it_at_once_one_tells(store: Store, other: Store) -> None:
    """Both keep what they saw; each admin has one card."""
    desks = [Desk(own, purse=Purse("10")) for own in (store, other)]
    await asyncio.gather(*[desk.asker()() for desk in desks for _ in range(3)])
    assert await _told(store) == [(5, 1), (6, 1)]
    assert sum(desk.rings for desk in desks) == 1
    for desk in desks:
        desk.purse.amount = "60"
    await _show_all(store, 77)
    await asyncio.gather(*[desk.asker()() for desk in desks for _ in range(3)])
    assert await _told(store) == [(5, 3), (6, 3)]
    assert sum(desk.rings for desk in desks) == 2


async def test_two_days_use_is_low_without_a_limit(store: Store, database: Database) -> None:
    """At the pace of seven days; a week that fades brings nothing back, only a top-up does."""
    desk = Desk(store, limit=None)
    await _spend(database, 1, NOW - 30 * DAY)
    await _spend(database, 2800, NOW - 6 * DAY)  # 100 TJS a day
    await desk.sees("200")
    assert await _told(store) == []
    await desk.sees("199.99")
    assert await _told(store) == [(5, 1), (6, 1)]
    assert (await _low(store)).days == pytest.approx(1.9999)
    await _show_all(store, 77)
    await desk.sees("199.99", NOW + 2 * DAY)
    assert await _told(store) == []
    await desk.sees("200", NOW + 2 * DAY)
    assert await _told(store) == [(5, 3), (6, 3)]


async def test_a_top_up_need_not_bring_back_what_the_low_began_at(store: Store, database: Database, desk: Desk) -> None:
    """Low by pace at 5000, then at 30: 4000 are enough by now, and told as back; so the next fall is told again."""
    await _spend(database, 1, NOW - 30 * DAY)
    await _spend(database, 84_000, NOW - 6 * DAY)  # 3000 TJS a day
    await desk.sees("5000")
    first = await _low(store)
    await _show_all(store, 77)
    for amount in ("30", "31", "30.50", "29", "29.50", "30"):
        await desk.sees(amount, NOW + DAY / 2)
    assert await _told(store) == [], "up and down while it is low is no news"
    await desk.sees("4000", NOW + DAY / 2)
    assert await _told(store) == [], "a rise that does not last two days brings nothing back"
    await desk.sees("4000", NOW + 2 * DAY)
    assert await _told(store) == [(5, 3), (6, 3)]
    low = await _low(store)
    assert (low.id, low.amount, low.back_amount) == (first.id, Decimal(29), Decimal(4000))
    await _show_all(store, 78)
    await desk.sees("40", NOW + 3 * DAY)
    assert await _told(store) == [(5, 1), (6, 1)]
    assert (await _low(store)).id > first.id


async def test_back_is_above_both_bounds(store: Store, database: Database) -> None:
    """A top-up above the limit that does not last two days ends nothing, and so does one that lasts but is below it."""
    desk = Desk(store)
    await _spend(database, 400, NOW)  # 100 TJS on its first day
    await desk.sees("10")
    await _show_all(store, 77)
    await desk.sees("60")
    assert await _told(store) == []
    await desk.sees("49", NOW + 20 * DAY)
    assert await _told(store) == []
    await desk.sees("50", NOW + 20 * DAY)
    assert len(await _told(store)) == 2


@pytest.mark.parametrize(("age", "lasts"), [(0, 1.0), (0.5, 1.0), (2, 2.0), (7, 7.0), (300, 7.0)])
async def test_the_pace_is_that_of_the_week_or_of_what_there_was_of_it(
    desk: Desk, database: Database, age: float, lasts: float
) -> None:
    """100 TJS are spent and 100 left: they last as many days, if the first spending is so old."""
    await _spend(database, 0, NOW - timedelta(days=age) - SECOND)
    await _spend(database, 400, NOW)
    assert (await desk.looks("100")).lasts == pytest.approx(lasts, rel=1e-3)


@pytest.mark.parametrize(("age", "lasts"), [(0.5, 1.0), (2, 2.0), (6.5, 6.5), (300, 7.0)])
async def test_without_a_price_the_fall_of_the_balance_is_the_pace(store: Store, age: float, lasts: float) -> None:
    """It fell by 100 within the week, a top-up between, and 100 are left; long rest before makes a week no shorter."""
    desk = Desk(store, price=None, limit=None)
    await desk.sees("60", NOW - timedelta(days=age))
    for amount in ("60", "60", "10", "150"):
        await desk.sees(amount, NOW)
    assert (await desk.looks("100")).lasts == pytest.approx(lasts)


async def test_what_was_spent_is_told_by_days_of_the_zone(store: Store, desk: Desk, database: Database) -> None:
    """Today begins at midnight in Dushanbe (19:00 UTC); seven and thirty days count today."""
    midnight = datetime(2026, 2, 28, 19, tzinfo=NOW.tzinfo)
    before = timedelta(minutes=15)
    for number, at in enumerate([midnight, midnight - 6 * DAY, midnight - 29 * DAY]):
        await _spend(database, 10**number, at)
        await _spend(database, 5 * 10**number, at - before)
    assert (await desk.looks("100")).parts == [1, 16, 166]
    async with store.read() as tx:
        moments = [NOW, midnight, midnight - 3 * DAY]
        assert await tx.parts_since(moments) == [0, 1, 6, 666]


async def test_a_look_keeps_nothing_until_it_is_told_to(store: Store, database: Database, desk: Desk) -> None:
    """Who waits is answered first: the balance just seen stands among the others, with the parts taken by then."""
    await desk.sees("100", NOW - DAY)
    await _spend(database, 40, NOW - DAY / 2)
    desk.now = NOW
    account = await desk.looks("90")
    assert account.readings == [Reading(NOW - DAY, Decimal(100), 0), Reading(NOW, Decimal(90), 40)]
    assert account.agreement == Agreement(Decimal(10), 40)
    async with store.read() as tx:
        assert await tx.readings(NOW - 2 * DAY) == account.readings[:1]
    await desk.asker().keep(Decimal(90))
    async with store.read() as tx:
        assert await tx.readings(NOW - 2 * DAY) == account.readings


async def test_nothing_is_reconciled_while_a_campaign_is_sent(store: Store, desk: Desk) -> None:
    """What the gateway has taken by then is not all counted: it would look as if somebody else sent."""
    await desk.sees("100")
    await desk.sees("80")
    assert (await desk.looks("75")).agreement == Agreement(Decimal(25), 0)
    id_ = await campaign(store)
    account = await desk.looks("75")
    assert account.agreement is None
    assert [reading.amount for reading in account.readings] == [100, 80, 75]
    async with store.write() as tx:
        await tx.move_campaign(id_, [Stage.RUNNING], Stage.FINISHED, NOW)
    assert (await desk.looks("75")).agreement


async def test_when_money_began_is_remembered(store: Store, database: Database, desk: Desk) -> None:
    """The first of what was spent and the first balance that was seen; None before there is one."""
    async with store.read() as tx:
        assert await tx.money_began() == (None, None)
    first = NOW.replace(minute=0, second=0, microsecond=0)
    for at in (first + DAY, first, first + 2 * DAY):
        await _spend(database, 1, at)
    await desk.sees("100", NOW + SECOND)
    await desk.sees("99", NOW + DAY)
    async with store.read() as tx:
        assert await tx.money_began() == (first, NOW + SECOND)
