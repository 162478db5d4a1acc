"""Figures as people read them: a share as a bar, a duration and a pace in words, a day and a time."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from bot.i18n import Html, Translator, join

_CELLS = 10
_DAY = 24 * 60


def percent(done: int, total: int) -> int:
    """The share in whole per cent; rounded down, so that 100 means all."""
    return min(100, 100 * done // max(1, total))


def bar(done: int, total: int) -> Html:
    """The share as a bar of ten cells, and in per cent."""
    full = percent(done, total) * _CELLS // 100
    return Html("▓" * full + "░" * (_CELLS - full) + f" {percent(done, total)} %")


def duration(t: Translator, seconds: float) -> Html:
    """A duration in its one or two largest units: `40 s`, `3 min`, `2 h 10 min`, `1 d 4 h`."""
    if seconds < 55:
        return t("duration.seconds", count=max(5, 5 * round(seconds / 5)))
    minutes = round(seconds / 60)
    days, rest = divmod(round(minutes / 60) if minutes >= _DAY else 0, 24)
    if days:
        return _units(t("duration.days", count=days), t("duration.hours", count=rest) if rest else None)
    hours, rest = divmod(minutes, 60)
    if hours:
        return _units(t("duration.hours", count=hours), t("duration.minutes", count=rest) if rest else None)
    return t("duration.minutes", count=minutes)


def _units(large: Html, small: Html | None) -> Html:
    return join([large, small], " ") if small else large


def pace(t: Translator, rate: float) -> Html:
    """Messages a second in whole numbers; a slow pace by the minute."""
    if rate >= 2:
        return t("pace.second", n=round(rate))
    return t("pace.minute", n=max(1, round(rate * 60)))


def weekday(t: Translator, day: date) -> str:
    """`Fri 27.11`."""
    return f"{format_date(day, 'EEE', locale=t.language)} {day:%d.%m}"


def to_the_minute(t: Translator, moment: datetime) -> str:
    """As `Translator.time`, without seconds: today's `9:00`, another day's with its date."""
    said = t.time(moment)
    return said.rpartition(":")[0] if said.count(":") == 2 else said


def clock(moment: datetime) -> str:
    """`9:00`."""
    return f"{moment.hour}:{moment.minute:02}"


def day_and_time(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """`25.11 9:00` on the clock of the zone; with its year, if that is another than now's."""
    local = moment.astimezone(zone)
    year = "" if local.year == now.astimezone(zone).year else f".{local.year}"
    return f"{local:%d.%m}{year} {clock(local)}"
