"""A period as people type it: `week`, `за неделю`, `ҳафта`, `7 days`, `25.11`, `25.11.2026`, `2026-11-25`."""

import re
from datetime import date, timedelta

from bot.domain.lookback import YEARS
from bot.domain.when import DASHES, DATE, ISO

_SAID = {
    "today": "today, сегодня, имрӯз, имруз, 1 day, 1 день, 1 рӯз",
    "week": "week, неделя, неделю, ҳафта, хафта, ҳафтаи, 7 days, 7 дней, 7 рӯз, 7 руз",
    "month": "month, месяц, моҳ, мох, моҳи, 30 days, 30 дней, 30 рӯз, 30 руз",
    "year": "year, год, сол, соли, 365 days, 365 дней, 365 рӯз, 365 руз",
}
_PERIODS = {words: period for period, said in _SAID.items() for words in said.split(", ")}
_YESTERDAY = ("yesterday", "вчера", "дирӯз", "дируз")
_AROUND = ("for", "the", "last", "за", "последний", "последнюю", "последние", "последних", "як", "охир", "охирин")
"""Words that people put round it."""
_SHAPES = [re.compile(shape) for shape in (DATE, ISO)]


class PeriodError(ValueError):
    """The words are no period, or a day that has not come or is centuries ago."""


def parse_period(words: str, today: date) -> str:
    """Read a period: `today`, `week`, `month`, `year`, or a day as `2026-11-25`; without a year, the last such day.

    What is returned is what `bot.domain.lookback.bounds` takes.

    Raises:
        PeriodError: the words are no period, or a day that has not come or is centuries ago.
    """
    said = " ".join(word for word in words.casefold().translate(DASHES).split() if word not in _AROUND)
    if said in _PERIODS:
        return _PERIODS[said]
    day = today - timedelta(days=1) if said in _YESTERDAY else _day(said, today)
    if day > today or day.year not in YEARS:
        raise PeriodError
    return day.isoformat()


def _day(said: str, today: date) -> date:
    found = next((match for shape in _SHAPES if (match := shape.fullmatch(said))), None)
    if found is None:
        raise PeriodError
    day, month, year = (int(found[name] or 0) for name in ("day", "month", "year"))
    try:
        return date(year, month, day) if found["year"] else _last(day, month, today)
    except ValueError as error:  # the 31st of February
        raise PeriodError from error


def _last(day: int, month: int, today: date) -> date:
    """This day of the year, the last time that it came."""
    this = date(today.year, month, day)
    return this if this <= today else date(today.year - 1, month, day)
