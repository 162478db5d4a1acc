"""Choose a day and an hour by button, without typing."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton

from bot.i18n import Html, Translator
from bot.telegram.keyboards import ChooseDay, ChooseTime, Rows, choice
from bot.telegram.views.figures import clock, weekday

_DAYS = 7
_FIRST, _LAST = time(6), time(22)
_AHEAD = timedelta(minutes=5)
"""A nearer time would have passed before the list is confirmed."""
_HOUR, _HALF_HOUR = timedelta(hours=1), timedelta(minutes=30)
_IN_A_ROW = 4
"""More would break their words on a telephone."""
_MOST_HALF_HOURS = 5 * _IN_A_ROW
"""Half hours are offered where they make no more buttons than this."""


def picker(t: Translator, draft_id: int, day: date | None, now: datetime, zone: ZoneInfo) -> tuple[list[Html], Rows]:
    """The question and its buttons: seven days, or the hours still to come of the day that was chosen."""
    if day is None:
        return [t("ask.send_at")], _days(t, draft_id, now.astimezone(zone).date())
    hours = hours_of(day, now, zone)
    buttons = [choice(clock(hour), ChooseTime(id=draft_id, minute=int(hour.timestamp()) // 60)) for hour in hours]
    said = t("ask.send_at") if hours else t("picker.no_hours")
    return [t("picker.day", day=weekday(t, day)), said], in_rows(buttons, _IN_A_ROW)


def hours_of(day: date, now: datetime, zone: ZoneInfo) -> list[datetime]:
    """The times of a day that can be chosen: full hours, and half hours while they are few."""
    halves = _times(day, _HALF_HOUR, now, zone)
    return halves if len(halves) <= _MOST_HALF_HOURS else _times(day, _HOUR, now, zone)


def _times(day: date, step: timedelta, now: datetime, zone: ZoneInfo) -> list[datetime]:
    first, last = (datetime.combine(day, end, zone) for end in (_FIRST, _LAST))
    times = [first + step * count for count in range((last - first) // step + 1)]
    return [each for each in times if each >= now + _AHEAD]


def _days(t: Translator, draft_id: int, today: date) -> Rows:
    days = [today + timedelta(days=count) for count in range(_DAYS)]
    names = [t.plain("picker.today"), t.plain("picker.tomorrow"), *(weekday(t, day) for day in days[2:])]
    buttons = [
        choice(name, ChooseDay(id=draft_id, ordinal=day.toordinal())) for name, day in zip(names, days, strict=True)
    ]
    return [buttons[:2], *in_rows(buttons[2:], 3)]


def in_rows(buttons: Sequence[InlineKeyboardButton], count: int) -> Rows:
    """The buttons, so many in a row."""
    return [list(buttons[first : first + count]) for first in range(0, len(buttons), count)]
