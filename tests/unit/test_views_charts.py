"""What the pictures say of times."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.figures import Figures
from bot.i18n import Translator
from bot.telegram.balance import times_shown
from bot.telegram.views.stats import stats_chart

DUSHANBE = ZoneInfo("Asia/Dushanbe")
T = Translator("en", DUSHANBE)
NOW = datetime.now(UTC).replace(hour=10, minute=37, second=0, microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("span", [DAY + HOUR, 30 * DAY])
def test_the_ends_of_the_balance_are_days(span: timedelta) -> None:
    """More than a day: a time at one end and a date at the other would read as an hour."""
    assert times_shown(T, NOW - span, NOW) == tuple(
        f"{moment.astimezone(DUSHANBE):%d.%m}" for moment in (NOW - span, NOW)
    )


def test_the_ends_of_a_few_hours_are_times() -> None:
    """A date would be the same twice."""
    assert times_shown(T, NOW - 3 * HOUR, NOW) == ("12:37", "15:37")


@pytest.mark.parametrize(("bars", "first"), [(1, "14:00"), (8, "14:00"), (9, "14"), (24, "14")])
def test_an_hour_does_not_pass_for_a_count(bars: int, first: str) -> None:
    """Where there is room for it; a day of 24 bars is plain enough."""
    begin = datetime(2026, 11, 25, 14, tzinfo=DUSHANBE)
    chart = stats_chart(T, "title", [(begin + place * HOUR, Figures()) for place in range(bars)])
    assert chart.bars[0].label == first


def test_days_are_days() -> None:
    """However few."""
    begin = datetime(2026, 11, 25, tzinfo=DUSHANBE)
    chart = stats_chart(T, "title", [(begin + place * DAY, Figures()) for place in range(2)])
    assert [bar.label for bar in chart.bars] == ["25.11", "26.11"]


@pytest.mark.parametrize(("language", "written"), [("en", "1,000"), ("ru", "1\u00a0000"), ("tg", "1\u00a0000")])
def test_a_picture_writes_counts_as_its_caption_does(language: str, written: str) -> None:
    """Thousands apart, as the language has it."""
    chart = stats_chart(Translator(language, DUSHANBE), "title", [(NOW, Figures())])
    assert chart.number(1000) == written
