"""Lists of messages: a page of the log, what it is narrowed to, and what a search found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton

from bot.domain.lookback import Kind, Wanted
from bot.domain.message import Message
from bot.domain.phone import shown
from bot.i18n import Html, Translator, join
from bot.services.look_back import Listing
from bot.services.look_up import Found
from bot.telegram.keyboards import Narrow, Rows, TurnPage, Verb, button, choice
from bot.telegram.views import View, cut
from bot.telegram.views.figures import weekday
from bot.telegram.views.message import short_line
from bot.telegram.views.picker import in_rows

_IN_A_ROW = 5
_WORDS = 40
_DAYS = 7
_LONG = ("week", "month", "year")
_HALF = 17
"""Letters that a button of half a row shows on a telephone."""
ASK = "?"
"""Asks what to narrow by."""
ALL = "all"
"""Takes away all that it is narrowed to."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, when, and who else sends."""

    actor_id: int
    admins: tuple[int, ...]
    zone: ZoneInfo
    now: datetime

    @property
    def today(self) -> date:
        """Today, on the clock of the zone."""
        return self.now.astimezone(self.zone).date()


def history_view(t: Translator, listing: Listing, reader: Reader) -> View:
    """A page of the log."""
    found = listing.glance.messages
    lines = [t("history.title"), *_limits(t, listing.wanted, reader), *[_line(t, message) for message in found]]
    if not found:
        lines.append(t("history.not_yet" if listing.glance.cut else "history.nothing"))
    elif listing.glance.cut:
        lines.append(t("history.cut"))
    return View(join(lines), [*openers(found), *_turns(t, listing), *_narrowing(t, listing, reader)])


def found_view(t: Translator, found: Found) -> View:
    """What a search found, newest first, and whether that is all."""
    lines = [t("find.several"), *[_line(t, message) for message in found.messages]]
    if found.phone:
        lines.append(t("find.more_to_phone", phone=found.phone))
    elif found.more:
        lines.append(t("find.more"))
    elif found.cut:
        lines.append(t("find.cut"))
    return View(join(lines), openers(found.messages))


def choices_view(t: Translator, listing_id: int, wanted: Wanted, by: str, reader: Reader) -> View:
    """The question by what to narrow, with a button for each answer; the one that stands is marked."""
    offered = {"kind": _kinds, "period": _periods, "actor": _actors}[by](t, reader)
    stands = {"kind": wanted.kind, "period": wanted.period, "actor": wanted.actor_id}[by]
    chosen = "" if stands is None else str(stands)
    buttons = [
        choice(f"✓ {name}" if to == chosen else name, Narrow(id=listing_id, by=by, to=to)) for to, name in offered
    ]
    return View(t(f"history.ask_{by}"), _packed(buttons))


def openers(found: Sequence[Message]) -> Rows:
    """A button for each message, which opens its card."""
    return in_rows([button(f"#{message.id}", Verb.SHOW, message.id) for message in found], _IN_A_ROW)


def _line(t: Translator, message: Message) -> Html:
    """One message in two short lines: what became of it, and the beginning of its text."""
    if message.confidential or not message.text:
        return short_line(t, message)
    words = cut(" ".join(message.text.split()), _WORDS)
    return join([short_line(t, message), t("history.text", text=words)])


def _limits(t: Translator, wanted: Wanted, reader: Reader) -> list[Html]:
    """What the list is narrowed to, in one line."""
    said = [
        *([t("history.phone", phone=shown(wanted.phone))] if wanted.phone else []),
        *([t("history.campaign", number=str(wanted.campaign_id))] if wanted.campaign_id is not None else []),
        *([t(f"kind.{wanted.kind}")] if wanted.kind else []),
        *([_period(t, wanted.period)] if wanted.period else []),
        *([_actor(t, wanted.actor_id, reader)] if wanted.actor_id is not None else []),
    ]
    return [join(said, " · ")] if said else []


def _turns(t: Translator, listing: Listing) -> Rows:
    glance = listing.glance
    row: list[InlineKeyboardButton] = []
    if glance.newer is not None:
        row.append(choice(t.plain("button.newer"), TurnPage(id=listing.id, edge=glance.newer, newer=True)))
    if glance.older is not None:
        further = "button.further" if glance.cut else "button.older"
        row.append(choice(t.plain(further), TurnPage(id=listing.id, edge=glance.older, newer=False)))
    return [row] if row else []


def _narrowing(t: Translator, listing: Listing, reader: Reader) -> Rows:
    """Buttons that narrow the list, and show to what it is narrowed."""
    wanted = listing.wanted
    names = {
        "kind": t.plain(f"kind.{wanted.kind}") if wanted.kind else t.plain("history.any_kind"),
        "period": _period(t, wanted.period) if wanted.period else t.plain("history.any_time"),
        "actor": _actor(t, wanted.actor_id, reader) if wanted.actor_id is not None else t.plain("history.anybody"),
    }
    rows = _packed([choice(f"{name} ▾", Narrow(id=listing.id, by=by, to=ASK)) for by, name in names.items()])
    if wanted == Wanted():
        return rows
    return [*rows, [choice(t.plain("button.all_messages"), Narrow(id=listing.id, by=ALL, to=""))]]


def _packed(buttons: Sequence[InlineKeyboardButton]) -> Rows:
    """Two in a row, in their order, where a telephone shows the words of both; else one."""
    rows: Rows = []
    for each in buttons:
        if rows and len(rows[-1]) == 1 and max(len(one.text) for one in (rows[-1][0], each)) <= _HALF:
            rows[-1].append(each)
        else:
            rows.append([each])
    return rows


def _kinds(t: Translator, _reader: Reader) -> list[tuple[str, str]]:
    return [("", t.plain("history.any_kind")), *((kind.value, t.plain(f"kind.{kind}")) for kind in Kind)]


def _periods(t: Translator, reader: Reader) -> list[tuple[str, str]]:
    days = [reader.today - timedelta(days=count) for count in range(1, _DAYS)]
    return [
        ("", t.plain("history.any_time")),
        ("today", t.plain("period.today")),
        *((day.isoformat(), weekday(t, day)) for day in days),
        *((name, t.plain(f"period.{name}")) for name in _LONG),
    ]


def _actors(t: Translator, reader: Reader) -> list[tuple[str, str]]:
    others = [admin for admin in reader.admins if admin != reader.actor_id]
    named = [(str(admin), _actor(t, admin, reader)) for admin in (reader.actor_id, *others)]
    return [("", t.plain("history.anybody")), *named]


def _actor(t: Translator, actor_id: int, reader: Reader) -> Html:
    return t("history.mine") if actor_id == reader.actor_id else t("history.actor", actor=str(actor_id))


def _period(t: Translator, period: str) -> Html:
    if period == "today" or period in _LONG:
        return t(f"period.{period}")
    return t("period.day", day=weekday(t, date.fromisoformat(period)))
