"""A period as people type it: `week`, `за неделю`, `ин ҳафта`, `7 days`, `25.11`, `25.11.26`, `25 ноября`."""

import re
import unicodedata
from datetime import date, timedelta

from bot.domain.lookback import YEARS
from bot.domain.when import DASHES, ISO

_SAID = {
    "today": "today, day, сегодня, день, сутки, имруз, руз, 1 day, 1 день, 1 руз, 24 часа",
    "week": "week, неделя, неделю, неделе, хафта, хафтаи, 7 days, 7 дней, 7 руз",
    "month": "month, месяц, месяце, мох, мохи, 30 days, 30 дней, 30 руз",
    "year": "year, год, сол, соли, 365 days, 365 дней, 365 руз",
}
_PERIODS = {words: period for period, said in _SAID.items() for words in said.split(", ")}
_WHOLE_SAID = {
    "en": "all, everything, all time, any time, whole log, all messages",
    "ru": "все, все время, весь журнал, весь лог, все сообщения",
    "tg": "хама, хама вакт, хамаи вакт, тамоми вакт, тамоми журнал, хамаи паемхо",
}
_WHOLE = {words for said in _WHOLE_SAID.values() for words in said.split(", ")}
_YESTERDAY = ("yesterday", "вчера", "дируз")
_JOINING = {
    "en": "a as for in of the this last",
    "ru": "за в на это эта эту этот этой этом последний последняя последнюю последние последних",
    "tg": "ба дар барои ин як охир охирин",
}
_AROUND = {word for said in _JOINING.values() for word in said.split()}
"""Words that people put round it."""
_SIGNS = str.maketrans(dict.fromkeys("\"'`“”„«»‘’‚‹›", " "))
_PLAIN = str.maketrans("ёғӣқӯҳҷ", "егикухч")
"""Letters that not every keyboard has."""
_MONTHS = [
    names.split()
    for names in (
        "january январь января январи",
        "february февраль февраля феврали",
        "march март марта марти",
        "april апрель апреля апрели",
        "may май мая майи",
        "june июнь июня июни",
        "july июль июля июли",
        "august август августа августи",
        "september сентябрь сентября сентябри",
        "october октябрь октября октябри",
        "november ноябрь ноября ноябри",
        "december декабрь декабря декабри",
    )
]
_YEAR = r"(?P<year>\d{4}|\d{2})"
_NUMBER = r"(?P<day>\d{1,2})(?:st|nd|rd|th|-?го|-?уми?|-?юми?)?"
_NAME = r"(?P<month>[^\W\d]{3,9})"
_SHAPES = [
    re.compile(shape)
    for shape in (
        ISO,
        rf"(?P<day>\d{{1,2}})[./\-](?P<month>\d{{1,2}})(?:[./\-]{_YEAR})?(?: ?г(?:ода)?)?",
        rf"{_NUMBER} {_NAME}(?: (?:соли )?{_YEAR}(?: ?г(?:ода)?)?)?",
        rf"{_NAME} {_NUMBER}(?: {_YEAR})?",
    )
]


class PeriodError(ValueError):
    """The words are no period, or a day that has not come or is centuries ago."""


def words_said(text: str) -> list[str]:
    """The words that tell: without quotes, signs at their ends, capitals, Tajik letters, and what merely joins them."""
    plain = unicodedata.normalize("NFC", text.casefold()).translate(DASHES).translate(_SIGNS).translate(_PLAIN)
    words = (word.strip(".,;:!?()") for word in plain.split())
    return [word for word in words if word and word not in _AROUND]


def is_whole(words: str) -> bool:
    """Whether all of the log is meant."""
    return " ".join(words_said(words)) in _WHOLE


def parse_period(words: str, today: date) -> str:
    """Read a period: `today`, `week`, `month`, `year`, or a day as `2026-11-25`; without a year, the last such day.

    What is returned is what `bot.domain.lookback.bounds` takes.

    Raises:
        PeriodError: the words are no period, or a day that has not come or is centuries ago.
    """
    said = " ".join(words_said(words))
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
    day, month, year = int(found["day"]), _month(found["month"]), found["year"]
    try:
        return date(int(year) + 2000 * (len(year) == 2), month, day) if year else _last(day, month, today)
    except ValueError as error:  # the 31st of February
        raise PeriodError from error


def _month(said: str) -> int:
    """By its number, or by its name or the beginning of one."""
    if said.isdecimal():
        return int(said)
    found = [month for month, names in enumerate(_MONTHS, 1) if any(name.startswith(said) for name in names)]
    if not found:
        raise PeriodError
    return found[0]


def _last(day: int, month: int, today: date) -> date:
    """This day of the year, the last time that it came."""
    this = date(today.year, month, day)
    return this if this <= today else date(today.year - 1, month, day)
