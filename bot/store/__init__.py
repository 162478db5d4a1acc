"""The SQL room: the txn log and all that must outlive a restart."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.store.answers import Answers
from bot.store.attempts import Attempts
from bot.store.bulks import Bulks
from bot.store.campaigns import Campaigns
from bot.store.cards import Cards
from bot.store.database import Database
from bot.store.drafts import Drafts
from bot.store.inbox import Inbox
from bot.store.lookback import LookBack
from bot.store.messages import Messages
from bot.store.migrate import migrate
from bot.store.money import Money
from bot.store.pauses import Pauses
from bot.store.people import People
from bot.store.pieces import Pieces
from bot.store.search import Search
from bot.store.stops import Stops


class Transaction(
    Messages,
    Attempts,
    Answers,
    Search,
    LookBack,
    Inbox,
    Stops,
    Money,
    Campaigns,
    Bulks,
    Cards,
    Drafts,
    Pieces,
    Pauses,
    People,
):
    """Every statement there is, on one transaction."""


class Store:
    """The database as the services use it."""

    def __init__(self, url: str) -> None:
        self._database = Database(url)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """One transaction: all of it is committed when the block ends, none of it if the block raises."""
        async with self._database.write() as connection:
            yield Transaction(connection, self._database.erase_after_commit)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """A look at what is committed."""
        async with self._database.read() as connection:
            yield Transaction(connection)

    async def migrate(self) -> None:
        """Bring the tables up to date."""
        await migrate(self._database)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._database.close()
