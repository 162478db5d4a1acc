"""The card of a draft: what would be sent, what is odd about it, and the buttons to send or drop it."""

from aiogram.types import InlineKeyboardButton

from bot.domain.draft import Draft, Order, PhoneList, Step
from bot.domain.phone import shown
from bot.domain.text import measure
from bot.i18n import Html, Translator, join
from bot.intake import samples_filled
from bot.telegram.keyboards import Rows, Verb, button, go, stop
from bot.telegram.views import Money, View, cost, quote

_SAMPLES = 3
_PHONES = 20


def draft_card(t: Translator, draft: Draft, money: Money) -> View:
    """The card of an open draft, or one line for a closed one."""
    if draft.step is Step.CLOSED:
        return View(t(f"draft.{draft.outcome}"))
    if draft.order.phone_list:
        return _list_card(t, draft, draft.order.phone_list, money)
    order = draft.order
    size = measure(order.text)
    lines = [
        *[t(f"question.{question}", n=len(order.phones)) for question in order.questions],
        join([shown(phone) for phone in order.phones[:_PHONES]], ", "),
        *([t("campaign.more", n=len(order.phones) - _PHONES)] if len(order.phones) > _PHONES else []),
        t("card.confidential", n=len(order.text)) if order.confidential else quote(t, order.text),
        join([t("parts", n=size.parts), size.encoding, t("card.from", sender=order.sender)], " · "),
        *_costs(t, size.parts * len(order.phones), len(order.phones), money),
    ]
    return View(join(lines), [_send_or_drop(t, draft)])


def _costs(t: Translator, parts: int, recipients: int, money: Money) -> list[Html]:
    total = [t("draft.total", parts=parts)] if recipients > 1 else []
    amount = cost(t, parts, money)
    return total + ([amount] if amount else [])


def _send_or_drop(t: Translator, draft: Draft) -> list[InlineKeyboardButton]:
    return [
        go(t.plain("button.send"), Verb.SEND, draft.id),
        stop(t.plain("button.drop"), Verb.DROP, draft.id),
    ]


def _list_card(t: Translator, draft: Draft, phones: PhoneList, money: Money) -> View:
    order = draft.order
    lines = [
        t("list.title", name=phones.file_name),
        t("list.rows", n=phones.rows),
        t("list.recipients", n=phones.recipients),
        *([t("list.duplicates", n=phones.duplicates)] if phones.duplicates else []),
        *_faults(t, phones),
        _parts(t, phones),
        *_costs(t, phones.parts[2], 1, money),
        t("card.from", sender=order.sender),
        *_samples(t, order, phones),
        t("list.no_report"),
        t("list.at", time=order.send_at) if order.send_at else t("list.at_once"),
    ]
    return View(join(lines), _list_buttons(t, draft))


def _parts(t: Translator, phones: PhoneList) -> Html:
    least, most, total = phones.parts
    if least == most:
        return t("list.parts_same", least=least, total=total, encoding=_encoding(t, phones))
    return t("list.parts", least=least, most=most, total=total, encoding=_encoding(t, phones))


def _encoding(t: Translator, phones: PhoneList) -> str:
    return t("list.mixed") if phones.encoding == "mixed" else phones.encoding


def _faults(t: Translator, phones: PhoneList) -> list[Html]:
    if not phones.faults:
        return []
    counted = [t("list.fault", why=t(f"fault.{fault}"), count=count) for fault, count in phones.faults.items()]
    rows = ", ".join(str(row) for row, _ in phones.fault_rows)
    return [t("list.left_out", n=sum(phones.faults.values())), *counted, t("list.fault_rows", rows=rows)]


def _samples(t: Translator, order: Order, phones: PhoneList) -> list[Html]:
    filled = samples_filled(phones, order.text, _SAMPLES)
    return [t("list.sample", phone=shown(phone), text=quote(t, text[:200])) for phone, text in filled]


def _list_buttons(t: Translator, draft: Draft) -> Rows:
    drop = stop(t.plain("button.drop"), Verb.DROP, draft.id)
    if not draft.order.phone_list or not draft.order.phone_list.recipients:
        return [[drop]]
    if draft.step is Step.SEND_AT:
        soon = button(t.plain("button.in_an_hour"), Verb.IN_AN_HOUR, draft.id)
        tomorrow = button(t.plain("button.tomorrow"), Verb.TOMORROW, draft.id)
        return [[soon, tomorrow], [button(t.plain("button.at_once"), Verb.AT_ONCE, draft.id), drop]]
    later = button(t.plain("button.later"), Verb.LATER, draft.id)
    if draft.order.send_at:
        return [[go(t.plain("button.schedule"), Verb.SCHEDULE, draft.id)], [later, drop]]
    return [[go(t.plain("button.send_list"), Verb.SEND, draft.id)], [later, drop]]
