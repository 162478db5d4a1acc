"""Texts in every language: `Translator` says a text by its key, in one language.

The catalogues (`locales/*.po`) are gettext's, read by Babel at start; no compiled files lie about. What a caller puts
into a text is escaped for Telegram's HTML, unless it is `Html` already: names, SMS texts and the gateway's words come
from outside.
"""

import gettext
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LANGUAGES = ("ru", "tg", "en")
LANGUAGE_NAMES = {"ru": "Русский", "tg": "Тоҷикӣ", "en": "English"}
_LOCALES = Path(__file__).parent / "locales"
# Tajik numbers are written as Russian ones; CLDR has little else for it.
_NUMBERS_OF = {"ru": "ru", "tg": "ru", "en": "en"}


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def join(parts: Iterable[str], separator: str = "\n") -> Html:
    """Put texts together, escaping those that are not HTML yet."""
    return Html(separator.join(part if isinstance(part, Html) else escape(part, quote=False) for part in parts))


def catalogue(language: str) -> Catalog:
    """The catalogue of a language, as written."""
    with (_LOCALES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


@cache
def _translations(language: str) -> gettext.GNUTranslations:
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Translator:
    """Says texts in one language, with times in one zone."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language = language
        self._zone = zone
        self._gettext = _translations(language)

    def __call__(self, key: str, **values: object) -> Html:
        """The text under `key` as HTML, its `{places}` filled. `n` chooses the plural form.

        Raises:
            KeyError: there is no such text, or a place is not given.
        """
        shown = {name: self._shown(value) for name, value in values.items()}
        return Html(self._template(key, values.get("n")).format_map(shown))

    def plain(self, key: str, **values: object) -> str:
        """The same where Telegram takes no HTML: buttons, alerts, the command menu."""
        return self._template(key, values.get("n")).format_map(
            {name: self._plain(value) for name, value in values.items()}
        )

    def _template(self, key: str, count: object) -> str:
        text = self._gettext.ngettext(key, key, count) if isinstance(count, int) else self._gettext.gettext(key)
        if text == key and isinstance(count, int):  # a count in a text without plural forms
            text = self._gettext.gettext(key)
        if text == key:
            raise KeyError(key)
        return text

    def _shown(self, value: object) -> Html:
        return value if isinstance(value, Html) else Html(escape(self._plain(value), quote=False))

    def _plain(self, value: object) -> str:
        if isinstance(value, datetime):
            return self.time(value)
        if isinstance(value, Decimal):
            return self.money(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return self.number(value)
        return str(value)

    def time(self, moment: datetime) -> str:
        """`moment` on the clock of the zone: today's with seconds, another day's with its date."""
        local = moment.astimezone(self._zone)
        same_day = local.date() == datetime.now(self._zone).date()
        return local.strftime("%H:%M:%S" if same_day else "%d.%m.%Y %H:%M")

    def day(self, moment: datetime) -> str:
        """The day of `moment` on the clock of the zone: `25.11`."""
        return moment.astimezone(self._zone).strftime("%d.%m")

    def number(self, count: int) -> str:
        """A count as the language writes it: `1,000`."""
        return str(format_decimal(count, locale=_NUMBERS_OF[self.language]))

    def money(self, amount: Decimal, digits: int = 2) -> str:
        """An amount with two digits, or up to so many, as the language writes it."""
        pattern = f"#,##0.00{'#' * (digits - 2)}"
        return str(format_decimal(amount, format=pattern, locale=_NUMBERS_OF[self.language]))
