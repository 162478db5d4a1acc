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
from bot.telegram.views import Money, View, cost, cut, quote
from bot.telegram.views.figures import day_and_time
from bot.telegram.views.picker import in_rows, picker
from bot.telegram.views.preview import Samples, head, is_sendable, left_out, list_name, preview

_SAMPLES = 3
_REFUSED = 1600
"""As long as a text may be sent; it is shown whole, to be copied."""
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
    same: int | None = None,
) -> View:
    """The card of an open draft, or a word on a closed one.

    `rate` is in messages a second, None where it is not known; `test_phone` is where this admin tried a text last;
    `same` is the campaign that went out with as many recipients and the same text of late.
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
            return View(join([*head(t, order, listed), *lines]), [*rows, *_leave_picker(t, draft)])
    first = samples(listed, order.wording, _SAMPLES)
    lines = preview(t, order, listed, first, money, rate=rate, now=now, zone=zone, same=same)
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
        *[_question(t, question, order) for question in order.questions],
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


def _question(t: Translator, question: str, order: Order) -> Html:
    left_out = join([shown(phone) for phone in order.blocked[:_PHONES]], ", ")
    return t(f"question.{question}", n=len(order.phones), phones=left_out)


def _text_wanted(t: Translator, order: Order, listed: PhoneList) -> list[Html]:
    """What was read, and the question for the text."""
    wrong = _wrong(t, order)
    columns = [t("list.column", name=name) for name in listed.columns[1:] if "{" not in name][:_COLUMNS]
    return [
        *wrong,
        *head(t, order, listed),
        *left_out(t, listed),
        *([t("list.columns", columns=join(columns, " "))] if columns else []),
        *([quote(t, order.text)] if order.text else []),
        t("placeholder.mend") if wrong and order.refused else t("ask.text"),
    ]


def _wrong(t: Translator, order: Order) -> list[Html]:
    """Which placeholder is no column's, and the text that it stands in, to be copied and mended."""
    if order.unknown is None:
        return []
    name, nearest = order.unknown
    said = t("placeholder.nearest", name=name, nearest=nearest) if nearest else t("placeholder.unknown", name=name)
    return [said, *([t("placeholder.refused", text=cut(order.refused, _REFUSED))] if order.refused else [])]


def _drop(t: Translator, draft: Draft) -> InlineKeyboardButton:
    return stop(t.plain("button.drop"), Verb.DROP, draft.id)


def _back(t: Translator, draft: Draft) -> InlineKeyboardButton:
    return button(t.plain("button.back"), Verb.BACK, draft.id)


def _leave_picker(t: Translator, draft: Draft) -> Rows:
    other = [[button(t.plain("button.other_day"), Verb.LATER, draft.id)]] if draft.order.day else []
    return [*other, [_back(t, draft), _drop(t, draft)]]


def _rows(
    t: Translator, draft: Draft, listed: PhoneList, first: Samples, when: str | None, test_phone: str | None
) -> Rows:
    """The buttons of a preview: what sends it, what goes before that, what changes it. Two in a row at most."""
    rows: Rows = []
    if is_sendable(listed):
        rows = [[_send(t, draft, listed, when)], *_before(t, draft, listed, when, test_phone)]
    if listed.recipients:
        rows += [_letters(t, draft, first), [*_text(t, draft), button(t.plain("button.sender"), Verb.SENDER, draft.id)]]
        rows.append([*_way(t, draft), *_left_out(t, draft, listed)])
    else:
        rows.append([*_text(t, draft), *_left_out(t, draft, listed)])
    return [*filter(None, rows), [_drop(t, draft)]]


def _send(t: Translator, draft: Draft, listed: PhoneList, when: str | None) -> InlineKeyboardButton:
    if when:
        return go(t.plain("button.schedule", time=when), Verb.SCHEDULE, draft.id)
    return go(t.plain("button.send_list", count=listed.recipients), Verb.SEND, draft.id)


def _before(t: Translator, draft: Draft, listed: PhoneList, when: str | None, test_phone: str | None) -> Rows:
    """The first few alone, another time, a test."""
    ways = [button(t.plain("button.later"), Verb.LATER, draft.id)]
    if when:
        ways.append(button(t.plain("button.at_once"), Verb.AT_ONCE, draft.id))
    elif draft.order.way is Way.TRACKED and listed.recipients > CANARY:
        ways.insert(0, button(t.plain("button.canary", count=CANARY), Verb.CANARY, draft.id))
    if test_phone is None:
        return in_rows([*ways, button(t.plain("button.test"), Verb.TEST, draft.id)], 2)
    again = t.plain("button.test_again", phone=shown(test_phone).removeprefix(_COUNTRY))
    other = button(t.plain("button.test_other"), Verb.TEST, draft.id)
    return [ways, [button(again, Verb.TEST_AGAIN, draft.id)], [other]]


def _letters(t: Translator, draft: Draft, first: Samples) -> list[InlineKeyboardButton]:
    """Other letters and signs, where they help or are taken already."""
    order, text = draft.order, first[0][1] if first else ""
    latin = "button.cyrillic" if order.latin else "button.latin"
    plain = "button.signs_back" if order.plain else "button.plain"
    buttons = []
    if order.latin or (latin_helps(text) and not plain_helps(text)):
        buttons.append(button(t.plain(latin), Verb.LATIN, draft.id))
    if order.plain or plain_helps(text):
        buttons.append(button(t.plain(plain), Verb.PLAIN, draft.id))
    return buttons


def _text(t: Translator, draft: Draft) -> list[InlineKeyboardButton]:
    return [] if draft.order.again_of else [button(t.plain("button.text"), Verb.TEXT, draft.id)]


def _way(t: Translator, draft: Draft) -> list[InlineKeyboardButton]:
    order = draft.order
    if order.again_of or order.channel is not Channel.SMS:
        return []
    other = "button.way_bulk" if order.way is Way.TRACKED else "button.way_tracked"
    return [button(t.plain(other), Verb.WAY, draft.id)]


def _left_out(t: Translator, draft: Draft, listed: PhoneList) -> list[InlineKeyboardButton]:
    """The rows that are left out, to be mended."""
    some = listed.faults or listed.duplicates
    return [button(t.plain("button.rejected"), Verb.REJECTED, draft.id)] if some else []
