"""The card of a draft: what would be sent, what is odd about it, and the buttons to change, send or drop it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton

from bot.domain.campaign import CANARY, Way
from bot.domain.draft import Draft, Order, Outcome, PhoneList, Step
from bot.domain.gateway import Channel
from bot.domain.letters import latin_helps, plain_helps
from bot.domain.phone import shown
from bot.domain.text import measure
from bot.i18n import Html, Translator, join
from bot.intake import samples
from bot.services.read_list import BROKEN
from bot.telegram.keyboards import Rows, Verb, button, go, stop
from bot.telegram.views import Money, View, cost, quote
from bot.telegram.views.figures import day_and_time
from bot.telegram.views.picker import in_rows, picker
from bot.telegram.views.preview import Samples, head, is_sendable, left_out, list_name, preview

_SAMPLES = 3
_PHONES = 20
_COLUMNS = 12
_COUNTRY = "+992 "


def draft_card(
    t: Translator,
    draft: Draft,
    money: Money,
    *,
    rate: float | None,
    test_phone: str | None,
    now: datetime,
    zone: ZoneInfo,
) -> View:
    """The card of an open draft, or a word on a closed one.

    `rate` is in messages a second, None where it is not known; `test_phone` is where this admin tried a text last.
    """
    order, listed = draft.order, draft.order.phone_list
    match draft.step:
        case Step.CLOSED:
            return View(_closed(t, draft))
        case Step.READING:
            return View(t("draft.reading", name=list_name(t, order)), [[_drop(t, draft)]])
        case _ if listed is None:
            return _messages(t, draft, money)
        case Step.TEXT:
            back = [_back(t, draft)] if order.text else []
            return View(join(_text_wanted(t, order, listed)), [[*back, _drop(t, draft)]])
        case Step.SENDER | Step.TEST:
            return View(join([*head(t, order, listed), t(f"ask.{draft.step}")]), [[_back(t, draft)]])
        case Step.SEND_AT:
            lines, rows = picker(t, draft.id, order.day, now, zone)
            return View(join([*head(t, order, listed), *lines]), [*rows, _leave_picker(t, draft)])
    first = samples(listed, order.wording, _SAMPLES)
    lines = preview(t, order, listed, first, money, rate=rate, now=now, zone=zone)
    when = day_and_time(order.send_at, now, zone) if order.send_at else None
    return View(join(lines), _rows(t, draft, listed, first, when, test_phone))


def _closed(t: Translator, draft: Draft) -> Html:
    said = t(f"draft.{draft.outcome}", name=list_name(t, draft.order))
    return join([said, t(f"file.{draft.fault or BROKEN}")]) if draft.outcome is Outcome.REFUSED else said


def _messages(t: Translator, draft: Draft, money: Money) -> View:
    """The card of one SMS or several that were typed."""
    order = draft.order
    size = measure(order.text)
    lines = [
        *[t(f"question.{question}", n=len(order.phones)) for question in order.questions],
        join([shown(phone) for phone in order.phones[:_PHONES]], ", "),
        *([t("campaign.more", n=len(order.phones) - _PHONES)] if len(order.phones) > _PHONES else []),
        t("card.confidential", n=len(order.text)) if order.confidential else quote(t, order.text),
        join([t("parts", n=size.parts), size.encoding, t("card.from", sender=order.sender)], " · "),
        *([t("draft.total", parts=size.parts * len(order.phones))] if len(order.phones) > 1 else []),
    ]
    amount = cost(t, size.parts * len(order.phones), money)
    return View(
        join([*lines, *([amount] if amount else [])]),
        [[go(t.plain("button.send"), Verb.SEND, draft.id), _drop(t, draft)]],
    )


def _text_wanted(t: Translator, order: Order, listed: PhoneList) -> list[Html]:
    """What was read, and the question for the text."""
    columns = [t("list.column", name=name) for name in listed.columns[1:] if "{" not in name][:_COLUMNS]
    unknown = []
    if order.unknown:
        name, nearest = order.unknown
        unknown = [t("placeholder.nearest", name=name, nearest=nearest)] if nearest else []
        unknown = unknown or [t("placeholder.unknown", name=name)]
    return [
        *unknown,
        *head(t, order, listed),
        *left_out(t, listed),
        *([t("list.columns", columns=join(columns, " "))] if columns else []),
        *([quote(t, order.text)] if order.text else []),
        t("ask.text"),
    ]


def _drop(t: Translator, draft: Draft) -> InlineKeyboardButton:
    return stop(t.plain("button.drop"), Verb.DROP, draft.id)


def _back(t: Translator, draft: Draft) -> InlineKeyboardButton:
    return button(t.plain("button.back"), Verb.BACK, draft.id)


def _leave_picker(t: Translator, draft: Draft) -> list[InlineKeyboardButton]:
    other = [button(t.plain("button.other_day"), Verb.LATER, draft.id)] if draft.order.day else []
    return [*other, _back(t, draft), _drop(t, draft)]


def _rows(
    t: Translator, draft: Draft, listed: PhoneList, first: Samples, when: str | None, test_phone: str | None
) -> Rows:
    """The buttons of a preview: what sends it, what goes with it, what changes it."""
    fixed: Rows = []
    if is_sendable(listed):
        fixed = [_send(t, draft, listed, when), *_later_and_test(t, draft, when, test_phone)]
    changes = [*(_changes(t, draft, first) if listed.recipients else []), *_list_changes(t, draft, listed)]
    return [*fixed, *in_rows(changes, 2), [_drop(t, draft)]]


def _send(t: Translator, draft: Draft, listed: PhoneList, when: str | None) -> list[InlineKeyboardButton]:
    if when:
        return [go(t.plain("button.schedule", time=when), Verb.SCHEDULE, draft.id)]
    send = go(t.plain("button.send_list", count=listed.recipients), Verb.SEND, draft.id)
    if draft.order.way is Way.BULK or listed.recipients <= CANARY:
        return [send]
    return [send, button(t.plain("button.canary", count=CANARY), Verb.CANARY, draft.id)]


def _later_and_test(t: Translator, draft: Draft, when: str | None, test_phone: str | None) -> Rows:
    later = [button(t.plain("button.later"), Verb.LATER, draft.id)]
    if when:
        later.append(button(t.plain("button.at_once"), Verb.AT_ONCE, draft.id))
    if test_phone is None:
        test = [button(t.plain("button.test"), Verb.TEST, draft.id)]
        return [later, test] if when else [[*later, *test]]
    again = t.plain("button.test_again", phone=shown(test_phone).removeprefix(_COUNTRY))
    other = button(t.plain("button.test_other"), Verb.TEST, draft.id)
    return [later, [button(again, Verb.TEST_AGAIN, draft.id), other]]


def _changes(t: Translator, draft: Draft, first: Samples) -> list[InlineKeyboardButton]:
    """What is turned over by one press, and the sender."""
    order, text = draft.order, first[0][1] if first else ""
    turns: list[tuple[str, Verb] | None] = [
        _letters(order, text),
        _signs(order, text),
        None if order.again_of or order.channel is not Channel.SMS else _way(order),
        ("button.sender", Verb.SENDER),
    ]
    return [button(t.plain(key), verb, draft.id) for key, verb in filter(None, turns)]


def _letters(order: Order, text: str) -> tuple[str, Verb] | None:
    if order.latin:
        return "button.cyrillic", Verb.LATIN
    return ("button.latin", Verb.LATIN) if latin_helps(text) and not plain_helps(text) else None


def _signs(order: Order, text: str) -> tuple[str, Verb] | None:
    if order.plain:
        return "button.signs_back", Verb.PLAIN
    return ("button.plain", Verb.PLAIN) if plain_helps(text) else None


def _way(order: Order) -> tuple[str, Verb]:
    return ("button.way_bulk" if order.way is Way.TRACKED else "button.way_tracked"), Verb.WAY


def _list_changes(t: Translator, draft: Draft, listed: PhoneList) -> list[InlineKeyboardButton]:
    """Another text, and the rows that are left out, to be mended."""
    text = [] if draft.order.again_of else [button(t.plain("button.text"), Verb.TEXT, draft.id)]
    some = bool(listed.faults or listed.duplicates)
    rest = [button(t.plain("button.rejected"), Verb.REJECTED, draft.id)] if some else []
    return [*text, *rest]
