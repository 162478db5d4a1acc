"""Figures as a picture, and in three lines under it."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from babel.dates import format_date

from bot.domain.figures import SENT, Figures, total
from bot.domain.lookback import PERIODS, STATES, Kind
from bot.domain.message import State
from bot.i18n import Html, Translator, join
from bot.services.count import Bar
from bot.telegram.charts import Bar as Column
from bot.telegram.charts import Share, StatsChart
from bot.telegram.keyboards import Rows, ShowStats, choice
from bot.telegram.views.figures import clock, duration, percent

_PENDING = (*STATES[Kind.ON_WAY], State.UNCERTAIN)
_FAILED = (*STATES[Kind.UNDELIVERED], State.FAILED)
_OPERATORS = 6
_NAMED = 3
_DAY = 24 * 3600
_ROOMY = 8
"""Bars of which each has room for a time such as `14:00`."""


def stats_chart(t: Translator, title: str, bars: Sequence[Bar]) -> StatsChart:
    """What the picture shows."""
    figures = total(counted for _, counted in bars)
    return StatsChart(
        title=title,
        bars=[_column(label, counted) for label, (_, counted) in zip(_labels(t, bars), bars, strict=True)],
        legend=(t.plain("stats.delivered"), t.plain("stats.pending"), t.plain("stats.failed")),
        operators=[_share(t, figures, name) for name in figures.operators[:_OPERATORS]],
        operators_title=t.plain("stats.operators"),
        facts=_facts(t, figures),
        number=t.number,
    )


def stats_caption(t: Translator, title: str, figures: Figures) -> Html:
    """The same in words: how many, how soon, by whom."""
    sent, delivered = figures.of(SENT), figures.of([State.DELIVERED])
    counts = {"sent": sent, "delivered": delivered, "failed": figures.of(_FAILED), "percent": percent(delivered, sent)}
    lines = [t("stats.counts", title=title, **counts) if sent or counts["failed"] else t("stats.none", title=title)]
    median, most = figures.delay(0.5), figures.delay(0.95)
    if median is not None and most is not None:
        lines.append(t("stats.delays", median=duration(t, median), most=duration(t, most)))
    shares = [_share(t, figures, name) for name in figures.operators[:_NAMED]]
    if shares:
        lines.append(join([f"{share.name} {percent(share.delivered, share.total)} %" for share in shares], " · "))
    return join(lines)


def period_rows(t: Translator, shown: str) -> Rows:
    """A button for each other period."""
    return [[choice(t.plain(f"period.{name}"), ShowStats(period=name)) for name in PERIODS if name != shown]]


def _column(label: str, figures: Figures) -> Column:
    return Column(
        label=label,
        delivered=figures.of([State.DELIVERED]),
        pending=figures.of(_PENDING),
        failed=figures.of(_FAILED),
    )


def _share(t: Translator, figures: Figures, name: str) -> Share:
    return Share(
        name=name or t.plain("stats.other_operator"),
        delivered=figures.of([State.DELIVERED], name),
        total=figures.of(SENT, name),
    )


def _facts(t: Translator, figures: Figures) -> list[tuple[str, str]]:
    sent = figures.of(SENT)
    if not sent:
        return []
    shown = [(f"{percent(figures.of([State.DELIVERED]), sent)} %", t.plain("stats.delivered"))]
    for share, words in ((0.5, "stats.half"), (0.95, "stats.most")):
        seconds = figures.delay(share)
        if seconds is not None:
            shown.append((str(duration(t, seconds)), t.plain(words)))
    return shown


def _labels(t: Translator, bars: Sequence[Bar]) -> list[str]:
    """Hours, days or months, as long as the steps are; a bare hour would pass for a count where few stand there."""
    steps = [(after - before).total_seconds() for (before, _), (after, _) in pairwise(bars)]
    step = max(steps, default=3600)
    roomy = len(bars) <= _ROOMY
    return [_label(t, begin, step, roomy=roomy) for begin, _ in bars]


def _label(t: Translator, begin: datetime, step: float, *, roomy: bool) -> str:
    if step < _DAY / 2:
        return clock(begin) if roomy else str(begin.hour)
    pattern = "d.MM" if step <= 2 * _DAY else "LLL"
    return str(format_date(begin.date(), pattern, locale=t.language))
