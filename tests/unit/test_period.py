"""A period as people type it."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lookback import PERIODS, bounds
from bot.services.sheets import Form
from bot.telegram.handlers.export import read_words
from bot.telegram.period import PeriodError, parse_period

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("words", "period"),
    [
        *((period, period) for period in PERIODS),
        *((words, "today") for words in ("Today", " сегодня ", "За сегодня", "имрӯз", "ИМРӮЗ", "имруз", "1 day")),
        *((words, "week") for words in ("last week", "неделя", "за неделю", "ҳафта", "хафта", "ҳафтаи охир", "7 days")),
        *((words, "week") for words in ("the last 7 days", "за последние 7 дней", "7 рӯз", "за последнюю неделю")),
        *((words, "month") for words in ("МЕСЯЦ", "за месяц", "моҳ", "мох", "моҳи охир", "30  дней", "30 рӯз")),
        *((words, "year") for words in ("год", "за год", "сол", "як сол", "365 days")),
        *(
            (words, "2026-11-24")
            for words in ("yesterday", "вчера", "дирӯз", "24.11", "за 24.11", "24.11.2026", "24/11")
        ),
        *((words, "2026-11-24") for words in ("2026-11-24", "24—11—2026", "24-11", "24/11/2026")),
        ("25.11", "2026-11-25"),
        ("26.11", "2025-11-26"),
        ("1.1", "2026-01-01"),
        ("2026-1-5", "2026-01-05"),
        ("29.02.2024", "2024-02-29"),
    ],
)
def test_periods_as_people_write_them(words: str, period: str) -> None:
    """In three languages, also without Tajik letters; a day without a year is the last such day."""
    assert parse_period(words, TODAY) == period


@pytest.mark.parametrize(
    "words",
    [
        "",
        "  ",
        "за",
        "soon",
        "8 days",
        "week week",
        "31.02",
        "29.02",
        "25.13",
        "00.00",
        "26.11.2026",
        "31.12.9999",
        "01.01.0001",
        "0001-01-01",
        "31.12.1999",
        "25",
    ],
)
def test_what_is_no_period(words: str) -> None:
    """Nonsense, a day that there is not, one that has not come, one before there was SMS."""
    with pytest.raises(PeriodError):
        parse_period(words, TODAY)


@given(st.one_of(st.text(max_size=20), st.from_regex(r"[0-9]{1,4}[./-][0-9]{1,2}([./-][0-9]{1,4})?", fullmatch=True)))
def test_any_words_are_a_period_that_has_bounds_or_refused(words: str) -> None:
    """Whatever is read is what `bounds` takes, begins before now, and is read again as itself."""
    try:
        period = parse_period(words, TODAY)
    except PeriodError:
        return
    now = datetime.combine(TODAY, time(12), UTC)
    since, _ = bounds(period, ZoneInfo("Asia/Dushanbe"), now)
    assert since
    assert since < now
    assert parse_period(period, TODAY) == period


@pytest.mark.parametrize(
    ("words", "period", "form"),
    [
        ("", None, None),
        ("excel", None, Form.XLSX),
        ("XLSX", None, Form.XLSX),
        ("csv", None, Form.CSV),
        ("week", "week", None),
        ("excel week", "week", Form.XLSX),
        ("за неделю эксель", "week", Form.XLSX),
        ("25.11 csv", "2026-11-25", Form.CSV),
        ("all", "all", None),
        ("всё xlsx", "all", Form.XLSX),
        ("ҳама", "all", None),
    ],
)
def test_the_words_of_an_export(words: str, period: str | None, form: Form | None) -> None:
    """The period and the form in any order, either of them left out."""
    assert read_words(words, TODAY) == (period, form)


@pytest.mark.parametrize("words", ["pdf", "excel soon", "all week", "week 25.11"])
def test_other_words_are_no_export(words: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(PeriodError):
        read_words(words, TODAY)
