"""The buttons of a list of messages."""

from datetime import UTC, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from bot.domain.lookback import PERIODS, Glance, Kind, Wanted
from bot.i18n import LANGUAGES, Translator
from bot.services.look_back import Listing
from bot.telegram.views.history import Reader, choices_view, history_view

DUSHANBE = ZoneInfo("Asia/Dushanbe")
ME, OTHER = 123456789, 9876543210
READER = Reader(ME, (ME, OTHER), DUSHANBE, datetime(2026, 11, 25, 12, tzinfo=UTC))
WANTED = [
    Wanted(kind=kind, period=period, actor_id=actor)
    for kind, period, actor in product([None, *Kind], [None, *PERIODS, "2026-11-24"], [None, ME, OTHER])
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_button_is_cut_off_on_a_telephone(language: str) -> None:
    """Whatever a list is narrowed to, and whatever is chosen among: two stand in a row only where both are short."""
    t = Translator(language, DUSHANBE)
    views = [history_view(t, Listing(1, wanted, Glance((), None, None)), READER) for wanted in WANTED]
    views += [choices_view(t, 1, wanted, by, READER) for wanted in WANTED for by in ("kind", "period", "actor")]
    for row in (row for view in views for row in view.rows):
        longest = max(len(button.text) for button in row)
        assert longest <= (34 if len(row) == 1 else 17), [button.text for button in row]
        assert len(row) <= 2


@pytest.mark.parametrize("wanted", WANTED)
def test_what_stands_is_marked(wanted: Wanted) -> None:
    """In each of the questions, and only that."""
    t = Translator("en", DUSHANBE)
    for by, stands in (("kind", wanted.kind), ("period", wanted.period), ("actor", wanted.actor_id)):
        marked = [
            button.callback_data
            for row in choices_view(t, 1, wanted, by, READER).rows
            for button in row
            if button.text.startswith("✓")
        ]
        assert marked == [f"narrow:1:{by}:{'' if stands is None else stands}"]
