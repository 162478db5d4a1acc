"""A period as people type it."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lookback import PERIODS, bounds
from bot.i18n import LANGUAGES, Translator
from bot.services.sheets import Form
from bot.telegram.handlers.export import read_words
from bot.telegram.period import PeriodError, is_whole, parse_period

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
        *((words, "today") for words in ("сутки", "за сутки", "за день", "рӯз", "«сегодня»", "today.", "this day")),
        *((words, "week") for words in ("эта неделя", "за эту неделю", "на этой неделе", "this week", "ин ҳафта")),
        *((words, "week") for words in ("неделя.", '"week"', "“week”", "‘week’", "«неделя»", "week!", "in the week")),
        *((words, "month") for words in ("этот месяц", "за этот месяц", "this month", "ин моҳ", "'month'", "ин мох.")),
        *((words, "year") for words in ("a year", "этот год", "ин сол")),
        *((words, "2026-11-24") for words in ("24.11.26", "24.11.", "«24.11»", "24/11/26", "24.11.2026 г.")),
        *(
            (words, "2026-11-24")
            for words in ("24 ноября", "24 Ноябрь", "24 ноя.", "за 24-го ноября", "24 ноября 2026")
        ),
        *((words, "2026-11-24") for words in ("24 November", "November 24th", "nov 24, 2026", "24 nov. 26")),
        *(
            (words, "2026-11-24")
            for words in ("24 ноябр", "24 ноябри соли 2026", "24-уми ноябр", "24 ноября 2026 года")
        ),
        ("24 декабря", "2025-12-24"),
        ("1 мая", "2026-05-01"),
        ("1 Майи", "2026-05-01"),
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
        "25 ноя 2027",
        "31 июня",
        "25 брюмера",
        "25 но",
        "ноября",
        "эта",
        "«»",
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
        ("week, csv", "week", Form.CSV),
        ("неделя в excel", "week", Form.XLSX),
        ("«неделя» в Ексель.", "week", Form.XLSX),
        ("ҳафта дар excel", "week", Form.XLSX),
        ("all time", "all", None),
        ("CSV за всё время", "all", Form.CSV),
        ("25 ноября csv", "2026-11-25", Form.CSV),
        ("in csv", None, Form.CSV),
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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_is_known_by_its_name(language: str, month: int) -> None:
    """In full and short, alone and behind a day, in each language that has names for them."""
    names = {format_date(date(2026, month, 3), pattern, locale=language) for pattern in ("LLLL", "MMMM", "LLL", "MMM")}
    for name in names:
        assert parse_period(f"3 {name} 2025", TODAY) == f"2025-{month:02d}-03", name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_our_own_buttons_can_be_typed(language: str) -> None:
    """Each period that a button offers, and the whole log."""
    t = Translator(language, ZoneInfo("Asia/Dushanbe"))
    for period in PERIODS:
        assert parse_period(t.plain(f"period.{period}"), TODAY) == period
    assert is_whole(t.plain("period.all"))
    assert is_whole(t.plain("history.any_time"))
    for form in Form:
        assert read_words(f"{t.plain('period.all')} {t.plain(f'form.{form}')}", TODAY) == ("all", form)
