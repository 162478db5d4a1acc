"""A bulk call's file on its way out: it may be five megabytes, and nobody waits for it meanwhile."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.domain.campaign import Bulk
from bot.domain.message import State
from bot.domain.wording import Wording
from bot.services.bulk_order import bulk_order
from bot.services.ports import Log
from tests.support.log import NOW

MOST = 10_000


class Watched(bytes):
    """A file that knows which thread took it apart."""

    readers: set[int]

    def decode(self, *args: Any, **kwargs: Any) -> str:
        self.readers.add(threading.get_ident())
        return super().decode(*args, **kwargs)


@dataclass
class Desk:
    """A log that holds one bulk call."""

    file: bytes
    stops: frozenset[str]
    asked: list[int] = field(default_factory=list)
    kept: bytes | None = None

    async def campaign(self, id_: int) -> Any:
        return SimpleNamespace(campaign=SimpleNamespace(wording=Wording("hello"), sender="Demo"))

    async def bulk_file(self, id_: int) -> bytes:
        return self.file

    async def blocked(self, phones: Iterable[str], *, hold: bool) -> frozenset[str]:
        assert hold, "nobody may be blocked before the claim is committed"
        phones = list(phones)
        self.asked.append(len(phones))
        return self.stops.intersection(phones)

    async def change_bulk_file(self, id_: int, file: bytes) -> None:
        self.kept = file


def _bulk() -> Bulk:
    return Bulk(1, 1, "x", State.SENDING, NOW, False, 1, 0, False, None, None, None, None)


@pytest.mark.parametrize("number", [1, MOST, MOST + 1, 4 * MOST])
async def test_a_long_list_holds_up_nobody(number: int) -> None:
    """It is read and rewritten in a thread, and looked up piece by piece; the blocked of every piece are left out."""
    phones = [f"992{place:09d}" for place in range(number)]
    file = Watched("\n".join([*phones, ""]).encode())
    file.readers = set()
    stops = {phones[0], phones[-1], phones[number // 2]}
    desk = Desk(file, frozenset(stops))
    order = await bulk_order(cast("Log", desk), _bulk())
    assert order.file.decode().split() == [phone for phone in phones if phone not in stops]
    assert desk.kept == order.file
    assert threading.get_ident() not in file.readers
    assert file.readers
    assert sum(desk.asked) == number
    assert max(desk.asked) <= MOST
