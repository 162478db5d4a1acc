"""The preview of a list: what would go to whom, what it costs, and what would make it cheaper."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.campaign import Way
from bot.domain.draft import Order, PhoneList
from bot.domain.gateway import Channel
from bot.domain.letters import LATIN, PLAIN, latin_helps, plain_helps
from bot.domain.phone import shown
from bot.domain.template import placeholders
from bot.domain.text import measure
from bot.i18n import Html, Translator, join
from bot.intake import RowFault
from bot.services.compose import MOST_PARTS
from bot.telegram.views import Money, cost, quote
from bot.telegram.views.figures import day_and_time, duration

Samples = Sequence[tuple[str, str]]
"""(phone, text as it will arrive) of the first recipients."""
_SHOWN = 200
_OPERATORS = 6


def list_name(t: Translator, order: Order) -> str:
    """What to call a list: by its file, or as what it is."""
    return order.file_name or t.plain("list.pasted")


def head(t: Translator, order: Order, listed: PhoneList) -> list[Html]:
    """Which list, and how many recipients."""
    title = t("list.title", name=list_name(t, order))
    if order.again_of:
        title = t("list.again", number=str(order.again_of))
    return [
        join([title, t("list.rows", n=listed.rows)], " · "),
        t("list.recipients", n=listed.recipients),
        *([t("list.blocked", n=listed.blocked)] if listed.blocked else []),
    ]


def left_out(t: Translator, listed: PhoneList) -> list[Html]:
    """What of the list will not be used, and why."""
    lines = [t("list.duplicates", n=listed.duplicates)] if listed.duplicates else []
    if not listed.faults:
        return lines
    total = sum(listed.faults.values())
    why = [t("list.fault", why=t(f"fault.{fault}"), count=count) for fault, count in listed.faults.items()]
    rows = ", ".join(str(row) for row, _ in listed.fault_rows) + ("…" if total > len(listed.fault_rows) else "")
    cure = [t("list.excel_cure")] if listed.faults.get(RowFault.SCIENTIFIC) else []
    return [*lines, t("list.left_out", n=total), *why, t("list.fault_rows", rows=rows), *cure]


def is_sendable(listed: PhoneList) -> bool:
    """Whether it can be sent as it is."""
    return listed.recipients > 0 and listed.parts[1] <= MOST_PARTS


def preview(
    t: Translator,
    order: Order,
    listed: PhoneList,
    samples: Samples,
    money: Money,
    *,
    rate: float | None,
    now: datetime,
    zone: ZoneInfo,
    same: int | None,
) -> list[Html]:
    """The lines of the preview. `same`: the campaign that went out with the same of late."""
    lines = [*head(t, order, listed), *left_out(t, listed)]
    if not listed.recipients:
        return [*lines, t("order.nobody")]
    return [
        *lines,
        *_operators(t, listed),
        _sender(t, order),
        _parts(t, listed),
        *_money(t, order, listed, money),
        *_time(t, order, listed, rate),
        t("list.at", time=day_and_time(order.send_at, now, zone)) if order.send_at else t("list.at_once"),
        t("list.tracked") if order.way is Way.TRACKED else t("list.no_report"),
        *_texts(t, order, samples),
        *_warnings(t, order, listed, samples),
        *([t("list.same", number=str(same))] if same else []),
    ]


def _operators(t: Translator, listed: PhoneList) -> list[Html]:
    """Largest first; what has no name, and what there is no room for, comes last."""
    named = sorted(((count, name) for name, count in listed.operators.items() if name), reverse=True)[:_OPERATORS]
    others = sum(listed.operators.values()) - sum(count for count, _ in named)
    counted = [t("list.operator", name=name, count=count) for count, name in named]
    if others:
        counted.append(t("list.operator", name=t("list.other"), count=others))
    return [t("list.operators", operators=join(counted, " · "))] if counted else []


def _texts(t: Translator, order: Order, samples: Samples) -> list[Html]:
    """The text as it will arrive: once where all get the same, else that of each of the first."""
    if not placeholders(order.text):
        return [quote(t, text, _SHOWN) for _, text in samples[:1]]
    return [t("list.sample", phone=shown(phone), text=quote(t, text, _SHOWN)) for phone, text in samples]


def _sender(t: Translator, order: Order) -> Html:
    channel = [t(f"channel.{order.channel}")] if order.channel is not Channel.SMS else []
    return join([t("card.from", sender=order.sender), *channel], " · ")


def _parts(t: Translator, listed: PhoneList) -> Html:
    least, most, total = listed.parts
    encoding = t("list.mixed") if listed.encoding == "mixed" else listed.encoding
    if least == most:
        return t("list.parts_same", least=least, total=total, encoding=encoding)
    return t("list.parts", least=least, most=most, total=total, encoding=encoding)


def _money(t: Translator, order: Order, listed: PhoneList, money: Money) -> list[Html]:
    price = cost(t, listed.parts[2], money)
    if price is None or money.price_per_part is None:
        return []
    if order.balance is None:
        return [price]
    rest = order.balance - money.price_per_part * listed.parts[2]
    if rest < 0:
        return [price, t("list.too_dear", balance=order.balance, lacking=-rest)]
    return [join([price, t("list.stays", rest=rest)], " · ")]


def _time(t: Translator, order: Order, listed: PhoneList, rate: float | None) -> list[Html]:
    if not rate or order.way is Way.BULK:
        return []
    return [t("list.takes", time=duration(t, listed.recipients / rate))]


def _warnings(t: Translator, order: Order, listed: PhoneList, samples: Samples) -> list[Html]:
    lines = [t("list.is_latin")] if order.latin else []
    text = samples[0][1] if samples else ""
    now = t("parts", n=measure(text).parts)
    if plain_helps(text):
        lines.append(t("list.plain_helps", now=now, then=t("parts", n=measure(text.translate(PLAIN)).parts)))
    elif latin_helps(text):
        lines.append(t("list.latin_helps", now=now, then=t("parts", n=measure(text.translate(LATIN)).parts)))
    if listed.parts[1] > MOST_PARTS:
        lines.append(t("order.text_too_long", n=listed.parts[1], most=MOST_PARTS))
    return lines
