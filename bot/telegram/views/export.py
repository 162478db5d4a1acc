"""What an export asks and says: the period and the form by button, the time that its file is of."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.domain.lookback import PERIODS, Bounds, bounds
from bot.i18n import Html, Translator
from bot.services.export import Progress
from bot.services.sheets import Form
from bot.telegram.keyboards import ChooseExport, choice
from bot.telegram.views import View
from bot.telegram.views.picker import in_rows

ALL = "all"
"""The period that is the whole log, beside those of `bounds`."""
_IN_A_ROW = 2


@dataclass(frozen=True, slots=True)
class Span:
    """The time of an export, which ends when it is asked for; its days, of which the whole log has no first."""

    time: Bounds
    first: date | None
    last: date

    @classmethod
    def of(cls, period: str, zone: ZoneInfo, now: datetime) -> "Span":
        """The span of `ALL`, or of a period as `bounds` takes it.

        Raises:
            ValueError: there is no such period.
        """
        since, until = bounds(None if period == ALL else period, zone, now)
        first = since.astimezone(zone).date() if since else None
        last = first if until and first else now.astimezone(zone).date()
        return cls((since, min(until or now, now)), first, last)

    @property
    def name(self) -> str:
        """The name of its file, without a suffix."""
        first = self.first.isoformat() if self.first else ALL
        return f"osonsms-{self.last}" if self.first == self.last else f"osonsms-{first}-{self.last}"

    def words(self, t: Translator) -> str:
        """`25.11.2026`, `19.11.2026 – 25.11.2026`, or that it is the whole log."""
        if self.first is None:
            return t.plain("period.all")
        days = [self.first] if self.first == self.last else [self.first, self.last]
        return " – ".join(f"{day:%d.%m.%Y}" for day in days)


def ask_period(t: Translator, form: Form | None) -> View:
    """The periods by button; `form` if it is known."""
    buttons = [
        choice(t.plain(f"period.{period}"), ChooseExport(period=period, form=form or "")) for period in (*PERIODS, ALL)
    ]
    return View(t("export.ask_period"), in_rows(buttons, _IN_A_ROW))


def ask_form(t: Translator, period: str) -> View:
    """The forms by button."""
    buttons = [choice(t.plain(f"form.{form}"), ChooseExport(period=period, form=form)) for form in Form]
    return View(t("export.ask_form"), [buttons])


def progress_words(t: Translator, progress: Progress) -> Html:
    """How far it is; not all of it before it is done."""
    return t("export.progress", percent=min(99, int(100 * progress.done)))


def caption(t: Translator, span: Span, rows: int) -> Html:
    """What is in a file."""
    return t("export.caption", n=rows, time=span.words(t))
