"""Figures in words, the picker of a day and an hour, and the words of the files that are handed out."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.gateway import Channel, DeliveryStatus
from bot.domain.message import BLOCKED, Settlement, State
from bot.domain.phone import PhoneFault
from bot.domain.retry import ATTEMPTS_RAN_OUT
from bot.i18n import LANGUAGES, Translator
from bot.intake import RowFault
from bot.services.sheets import CELLS
from bot.services.track import NEVER_FINAL, NOT_KNOWN
from bot.services.write_result import NOT_BEGUN
from bot.store.attempts import LEASE_RAN_OUT
from bot.telegram.keyboards import ChooseDay, ChooseTime
from bot.telegram.views.figures import bar, day_and_time, duration, pace, percent, to_the_minute, weekday
from bot.telegram.views.files import column_titles, reason_names, reason_title, sheet_names
from bot.telegram.views.message import ERRORS, WHYS
from bot.telegram.views.picker import hours_of, picker

DUSHANBE = ZoneInfo("Asia/Dushanbe")
T = Translator("en", DUSHANBE)
TODAY = date(2026, 11, 25)


def at(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    """A time of that day in Dushanbe, as the clock of the bot says it."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=DUSHANBE).astimezone(UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "5 s"),
        (12, "10 s"),
        (54, "55 s"),
        (55, "1 min"),
        (170, "3 min"),
        (3569, "59 min"),
        (3599, "1 h"),
        (7800, "2 h 10 min"),
        (86_369, "23 h 59 min"),
        (86_400, "1 d"),
        (100_800, "1 d 4 h"),
        (172_799, "2 d"),
    ],
)
def test_a_duration_is_said_in_its_largest_units(seconds: float, said: str) -> None:
    """Rounded, never in more than two units, and never as sixty of the smaller one."""
    assert duration(T, seconds) == said


@given(st.integers(0, 10**7))
def test_a_longer_time_is_never_said_as_a_shorter_one(seconds: int) -> None:
    """What is said is within a twelfth, or five seconds, of what is so."""
    scale = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
    said = sum(int(count) * scale[unit] for count, unit in re.findall(r"(\d+) (\w+)", duration(T, seconds)))
    assert abs(said - seconds) <= max(5, seconds / 12, 30 if seconds >= 55 else 0)


@pytest.mark.parametrize(
    ("rate", "said"),
    [(110.4, "110 SMS a second"), (2, "2 SMS a second"), (0.5, "30 SMS a minute"), (0.001, "1 SMS a m")],
)
def test_a_pace_is_a_whole_number(rate: float, said: str) -> None:
    """A slow one by the minute, so that it is not nought."""
    assert said in pace(T, rate)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_bar_is_full_only_when_all_is_done(done: int, total: int) -> None:
    """Ten cells; 100 % and a full bar mean that nothing is left."""
    cells, share, _ = bar(done, total).split(" ")
    assert len(cells) == 10
    assert int(share) == percent(done, total)
    assert (share == "100") == ("░" not in cells)
    assert (share == "100") == (done >= max(1, total))


@pytest.mark.parametrize(
    ("done", "total", "said"),
    [(0, 7, "░░░░░░░░░░ 0 %"), (3, 7, "▓▓▓▓░░░░░░ 42 %"), (999, 1000, "▓▓▓▓▓▓▓▓▓░ 99 %"), (7, 7, "▓▓▓▓▓▓▓▓▓▓ 100 %")],
)
def test_the_bar_shows_the_share(done: int, total: int, said: str) -> None:
    """Rounded down, in cells and in per cent."""
    assert bar(done, total) == said


def test_a_time_is_said_on_the_clock_of_the_zone() -> None:
    """Day and time; the year only where it is another one."""
    new_year = datetime(2026, 12, 31, 20, 30, tzinfo=UTC)
    assert day_and_time(at(9), at(8), DUSHANBE) == "25.11 9:00"
    assert day_and_time(new_year, at(8), DUSHANBE) == "01.01.2027 1:30"
    assert day_and_time(new_year, at(8), ZoneInfo("Europe/Moscow")) == "31.12 23:30"


def test_a_time_is_said_to_the_minute() -> None:
    """Today's is the hour and the minute; another day's has its date."""
    now = datetime.now(DUSHANBE)
    assert to_the_minute(T, now.replace(hour=9, minute=0, second=7)) == "09:00"
    assert to_the_minute(T, at(9, 0, date(2026, 1, 25))) == "25.01.2026 09:00"


def test_weekdays_are_named_in_each_language() -> None:
    """Each language names the seven days of its own."""
    days = [TODAY + timedelta(days=count) for count in range(7)]
    named = {language: [weekday(Translator(language, DUSHANBE), day) for day in days] for language in LANGUAGES}
    assert (named["ru"][0], named["tg"][0], named["en"][0]) == ("ср 25.11", "Чшб 25.11", "Wed 25.11")
    assert all(len(set(names)) == 7 for names in named.values())


def test_seven_days_are_offered_from_today_in_the_zone() -> None:
    """Today and tomorrow by name, then weekdays; «today» is that of the zone, not of UTC."""
    now = datetime(2026, 11, 25, 20, tzinfo=UTC)  # one in the morning of the 26th in Dushanbe
    lines, rows = picker(T, 7, None, now, DUSHANBE)
    assert "18:30" in lines[0]
    assert [len(row) for row in rows] == [2, 3, 2]
    buttons = [button for row in rows for button in row]
    assert [button.text for button in buttons][:3] == ["Today", "Tomorrow", "Sat 28.11"]
    chosen = [ChooseDay.unpack(button.callback_data or "") for button in buttons]
    assert [choice.ordinal for choice in chosen] == [date(2026, 11, 26).toordinal() + count for count in range(7)]
    assert {choice.id for choice in chosen} == {7}


@pytest.mark.parametrize(
    ("now", "day", "hours"),
    [
        (at(12), TODAY + timedelta(days=1), [f"{hour}:00" for hour in range(6, 23)]),
        (at(3), TODAY, [f"{hour}:00" for hour in range(6, 23)]),
        (at(10, 20), TODAY, [f"{hour}:00" for hour in range(11, 23)]),
        (at(19, 50), TODAY, ["20:00", "20:30", "21:00", "21:30", "22:00"]),
        (at(21, 50), TODAY, ["22:00"]),
        (at(21, 55), TODAY, ["22:00"]),
        (at(21, 56), TODAY, []),
        (at(12), TODAY - timedelta(days=1), []),
    ],
)
def test_the_hours_still_to_come_are_offered(now: datetime, day: date, hours: list[str]) -> None:
    """From 6:00 to 22:00, five minutes ahead at least; half hours only where they are few. Each carries its minute."""
    lines, rows = picker(T, 7, day, now, DUSHANBE)
    buttons = [button for row in rows for button in row]
    assert [button.text for button in buttons] == hours
    assert max(map(len, rows), default=0) <= 4
    assert ("No hour of this day is left" in lines[-1]) == (not hours)
    for button in buttons:
        chosen = ChooseTime.unpack(button.callback_data or "")
        moment = datetime.fromtimestamp(chosen.minute * 60, DUSHANBE)
        assert (chosen.id, moment.date(), f"{moment.hour}:{moment.minute:02}") == (7, day, button.text)


@given(st.timedeltas(timedelta(), timedelta(days=365)), st.integers(-2, 9))
def test_an_hour_that_is_offered_is_to_come(later: timedelta, days: int) -> None:
    """Whatever the time and the day: at least five minutes ahead, on that day, in order, on a screen."""
    now = at(12) + later
    day = now.astimezone(DUSHANBE).date() + timedelta(days=days)
    hours = hours_of(day, now, DUSHANBE)
    assert all(hour - now >= timedelta(minutes=5) and hour.date() == day for hour in hours)
    assert hours == sorted(hours)
    assert len(hours) <= 20
    assert bool(hours) == (days > 0 or (days == 0 and now <= at(21, 55, day)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_have_words_for_all_that_can_stand_in_them(language: str) -> None:
    """Each column, state, channel and fault."""
    t = Translator(language, DUSHANBE)
    names, reasons, titles = sheet_names(t), reason_names(t), column_titles(t, tuple(CELLS))
    assert names.keys() == {*State, *Channel, *DeliveryStatus, *ERRORS, *WHYS, NOT_BEGUN}
    assert {BLOCKED, *Settlement, NEVER_FINAL, NOT_KNOWN, ATTEMPTS_RAN_OUT, LEASE_RAN_OUT} <= names.keys()
    assert not any("<" in words for words in names.values()), "a sheet knows no HTML"
    assert len(set(titles)) == len(CELLS)
    assert reasons.keys() == {fault.value for fault in (*PhoneFault, *RowFault)}
    assert len(set(reasons.values())) == len(reasons)
    assert t.plain("list.excel_cure") == reasons[RowFault.SCIENTIFIC.value]  # the file tells how to mend it
    assert all(words.strip() for words in (*names.values(), *titles, *reasons.values(), reason_title(t)))
