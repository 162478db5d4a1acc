"""What an admin wants to hear of, and the summing up of a day."""

from collections.abc import Sequence
from datetime import date

from bot.domain.figures import total
from bot.domain.money import Reading
from bot.domain.notices import What, Whose, Wishes
from bot.i18n import Html, Translator, join
from bot.services.count import Bar
from bot.telegram.charts import StatsChart
from bot.telegram.keyboards import Rows, Wish, choice
from bot.telegram.views import Money, View, cost
from bot.telegram.views.figures import weekday
from bot.telegram.views.picker import in_rows
from bot.telegram.views.stats import stats_caption, stats_chart

ASK = "?"
_HOURS = range(6, 22)


def notify_view(t: Translator, wishes: Wishes) -> View:
    """What is chosen, and what can be."""
    digest = t("notify.no_digest") if wishes.digest_hour is None else t("notify.digest", hour=wishes.digest_hour)
    lines = [
        t("notify.title"),
        t("notify.chosen", whose=t(f"whose.{wishes.whose}"), what=t(f"what.{wishes.what}")),
        digest,
    ]
    rows: Rows = [
        [choice(_marked(t, f"whose.{each}", each is wishes.whose), Wish(by="whose", to=each)) for each in Whose],
        [choice(_marked(t, f"what.{each}", each is wishes.what), Wish(by="what", to=each)) for each in What],
        [choice(t.plain("button.digest"), Wish(by="hour", to=ASK))],
    ]
    return View(join(lines), rows)


def hours_view(t: Translator) -> View:
    """The question for the hour of the digest."""
    hours = [choice(f"{hour}:00", Wish(by="hour", to=str(hour))) for hour in _HOURS]
    return View(t("notify.ask_hour"), [*in_rows(hours, 4), [choice(t.plain("notify.never"), Wish(by="hour", to=""))]])


def digest_caption(
    t: Translator, day: date, bars: Sequence[Bar], parts: int, reading: Reading | None, money: Money
) -> Html:
    """A day in a few lines: what became of its messages, what it cost, what is left."""
    price = cost(t, parts, money)
    spent = t("digest.spent", n=parts)
    lines = [stats_caption(t, _title(t, day), total(figures for _, figures in bars))]
    lines.append(join([spent, price], " · ") if price else spent)
    if reading:
        lines.append(t("digest.balance", amount=reading.amount, time=reading.at))
    return join(lines)


def digest_chart(t: Translator, day: date, bars: Sequence[Bar]) -> StatsChart:
    """The same as a picture."""
    return stats_chart(t, _title(t, day), bars)


def _title(t: Translator, day: date) -> str:
    return t.plain("digest.title", day=weekday(t, day))


def _marked(t: Translator, key: str, is_chosen: bool) -> str:  # noqa: FBT001 (a mark is there or not)
    return f"✓ {t.plain(key)}" if is_chosen else t.plain(key)
