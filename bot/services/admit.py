"""Who may use the bot: the admins. Everybody else is turned away at the gate."""

from collections.abc import Sequence
from datetime import timedelta

from bot.services.ports import Clock, Store

_ONCE = timedelta(days=1)


class Admit:
    """Knows the admins."""

    def __init__(self, store: Store, clock: Clock, admins: Sequence[int]) -> None:
        self._store = store
        self._clock = clock
        self._admins = frozenset(admins)

    def is_admin(self, user_id: int | None) -> bool:
        """Whether this person may act."""
        return user_id in self._admins

    async def may_tell_stranger(self, user_id: int) -> bool:
        """Whether a stranger is to be told his id: once a day, so that nobody can make the bot chatter."""
        now = self._clock()
        async with self._store.write() as log:
            return await log.may_tell(user_id, now - _ONCE, now)


class Languages:
    """Who reads what: a person's own choice, else the bot's default."""

    def __init__(self, store: Store, default: str) -> None:
        self._store = store
        self.default = default

    async def of(self, user_id: int) -> str:
        """The language to speak to this person in."""
        async with self._store.read() as log:
            return await log.language(user_id) or self.default

    async def choose(self, user_id: int, language: str) -> None:
        """Remember a choice."""
        async with self._store.write() as log:
            await log.set_language(user_id, language)
