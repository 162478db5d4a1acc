"""What /find makes of a question: by number and by words together, and never a part that passes for the whole."""

from zoneinfo import ZoneInfo

import pytest

from bot.i18n import Translator
from bot.services.look_up import Found, LookUp
from bot.store import Store
from bot.store.database import Database
from bot.telegram.views.history import found_view
from tests.support.log import NOW, PHONE, campaign, everything, fill

ZONE = ZoneInfo("Asia/Dushanbe")
OTHER = "992900045012"


async def _find(store: Store, asked: str, most: int = 3) -> Found:
    return await LookUp(store, lambda: NOW, lambda: None).find(asked, most)


async def _places(database: Database, found: Found) -> list[int]:
    """Which messages were found: 1 is the first of the log."""
    ids = [message.id for message in await everything(database)]
    return [1 + ids.index(message.id) for message in found.messages]


def _said(found: Found) -> str:
    return found_view(Translator("en", ZONE), found).text


async def test_digits_are_looked_for_in_numbers_and_in_texts(store: Store, database: Database) -> None:
    """The end of a phone, a msg_id, an order's number in a text: all newest first, each once."""
    texts = ["заказ 45012", "привет", "45012 готов", "ваш 45012", "привет"]
    phones = [PHONE, OTHER, PHONE, OTHER, PHONE]
    msg_ids = [None, None, None, None, 45012]
    rows = zip(texts, phones, msg_ids, strict=True)
    await fill(database, [{"text": text, "phone": phone, "msg_id": msg_id} for text, phone, msg_id in rows])
    found = await _find(store, "45012", most=5)
    assert await _places(database, found) == [5, 4, 3, 2, 1]
    assert (found.more, found.cut) == (False, False)


@pytest.mark.parametrize("asked", ["45012", OTHER])
async def test_what_was_asked_for_by_number_has_room_before_words(store: Store, database: Database, asked: str) -> None:
    """However many newer texts hold the number, too; and that there are more is said."""
    await fill(database, [{"text": "привет", "phone": OTHER}, *[{"text": f"код {asked}"} for _ in range(9)]])
    found = await _find(store, asked)
    assert await _places(database, found) == [10, 9, 1]
    assert "These are the latest; there are more." in _said(found)


@pytest.mark.parametrize("count", [3, 4])
@pytest.mark.parametrize("asked", [OTHER, "90 004 50 12", "5012", "салом"])
async def test_more_than_is_shown_is_said(store: Store, database: Database, asked: str, count: int) -> None:
    """A page that is all says nothing; one of a phone's messages says how to see the rest."""
    await fill(database, [{"text": "салом", "phone": OTHER} for _ in range(count)])
    found = await _find(store, asked)
    assert await _places(database, found) == list(range(count, count - 3, -1))
    whole = f"/history {OTHER}" if asked in (OTHER, "90 004 50 12") else "These are the latest"
    assert (whole in _said(found)) is (count > 3)
    assert ("more" in _said(found)) is (count > 3)


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches for words end soon."""
    for name, value in (("_RECENT", 0), ("_FIRST", 2), ("_MOST", 4)):
        monkeypatch.setattr(f"bot.store.search.{name}", value)


@pytest.mark.usefixtures("_soon")
async def test_a_search_that_ends_early_says_so(store: Store, database: Database) -> None:
    """That fewer than a page were found is not that there are no more."""
    await fill(database, [{"text": "раз два"}, *[{"text": "раз"} for _ in range(4)]])
    found = await _find(store, "раз")
    assert (await _places(database, found), found.more, found.cut) == ([5, 4, 3], True, False)
    found = await _find(store, "раз", most=4)
    assert (await _places(database, found), found.more, found.cut) == ([5, 4, 3, 2], False, True)
    assert "not looked through" in _said(found)
    found = await _find(store, "два раз")
    assert (await _places(database, found), found.cut) == ([1], False), "only one holds both"


@pytest.mark.usefixtures("_soon")
@pytest.mark.parametrize("count", [4, 5])
async def test_a_search_that_comes_to_the_end_says_nothing(store: Store, database: Database, count: int) -> None:
    """Common words that never stand together in a text, only in bundles: with one bundle more, not all were seen."""
    for owner in [await campaign(store) for _ in range(count)]:
        await fill(database, [{"text": text, "campaign_id": owner} for text in ("раз", "два", "раз")])
    assert await _find(store, "раз два") == Found(cut=count > 4)
