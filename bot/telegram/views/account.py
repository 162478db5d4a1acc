"""The account: its balance, what was spent of it, a low one, and a pause of all sending."""

from decimal import Decimal

from bot.domain.errors import GatewayError
from bot.domain.log import Pause
from bot.domain.money import Agreement, Low, is_low
from bot.domain.retry import pause_ends_by_itself
from bot.i18n import Html, Translator, join
from bot.services.account import PERIODS, Account
from bot.telegram.keyboards import Rows, Verb, button, go
from bot.telegram.views import Money, View
from bot.telegram.views.figures import duration
from bot.telegram.views.message import reason_text

_DAY, _YEAR = 86_400, 365
_DIGITS_OF_A_PART = 4


def balance_view(t: Translator, account: Account, money: Money) -> View:
    """The balance, how far it goes, and what was spent."""
    lines = [
        *_balance(t, account, money),
        Html(""),
        *_spent(t, account, money),
        *_agreement(t, account, money),
    ]
    return View(join([*lines, *_paused(t, account.pause)]), _buttons(t))


def no_balance_view(t: Translator, error: GatewayError, pause: Pause | None) -> View:
    """Plainly that it is not known."""
    why = reason_text(t, type(error).__name__, error.code, error.text)
    return View(join([t("balance.failed"), *why, *_paused(t, pause)]), _buttons(t))


def _buttons(t: Translator) -> Rows:
    return [[button(t.plain("button.refresh"), Verb.BALANCE)]]


def _paused(t: Translator, pause: Pause | None) -> list[Html]:
    return [t("balance.paused")] if pause else []


def _balance(t: Translator, account: Account, money: Money) -> list[Html]:
    balance = account.balance
    lines = [t("balance.amount", amount=balance.amount)]
    if balance.timestamp:
        lines.append(t("balance.time", time=balance.timestamp))
    if money.price_per_part and balance.amount > 0:
        lines.append(t("balance.buys", n=int(balance.amount / money.price_per_part)))
    lines += _lasts(t, account.lasts)
    if is_low(balance.amount, money.low_balance, account.lasts):
        lines.append(t("balance.low"))
    return lines


def _lasts(t: Translator, days: float | None) -> list[Html]:
    """In hours only where they matter."""
    if not days:
        return []
    if days > _YEAR:
        return [t("balance.lasts_long")]
    return [t("balance.lasts", time=duration(t, _DAY * (round(days) if days >= 3 else days)))]


def _spent(t: Translator, account: Account, money: Money) -> list[Html]:
    if not any(account.parts):
        return [t("spent.nothing")]
    spent = zip(PERIODS, account.parts, strict=True)
    return [t("spent.title"), *(t(f"spent.{period}", spent=_cost(t, parts, money)) for period, parts in spent)]


def _cost(t: Translator, parts: int, money: Money) -> Html:
    said = t("parts", n=parts)
    return join([said, t("tjs", amount=money.price_per_part * parts)], " · ") if money.price_per_part else said


def _agreement(t: Translator, account: Account, money: Money) -> list[Html]:
    """What a part seems to cost; or, where that is known, that the balance fell by more or less than it should."""
    if account.agreement is None:
        return []
    if money.price_per_part is None:
        return _price(t, account.agreement)
    difference = account.agreement.difference(money.price_per_part)
    if difference is None:
        return []
    more = difference > 0
    return [t("balance.fell_more", amount=difference) if more else t("balance.fell_less", amount=-difference)]


def _price(t: Translator, agreement: Agreement) -> list[Html]:
    price = agreement.price or Decimal(0)
    return [t("balance.price", amount=t.money(price, _DIGITS_OF_A_PART))] if price > 0 else []


def low_card(t: Translator, low: Low) -> View:
    """The notice that the balance is low, and later that it is back."""
    if low.back_at:
        return View(t("low.over", amount=low.back_amount, time=low.back_at))
    return View(join([t("low.title", amount=low.amount), *_lasts(t, low.days), t("low.advice")]))


def pause_card(t: Translator, pause: Pause) -> View:
    """The notice that all sending stopped, and later that it goes on."""
    why = reason_text(t, pause.reason, pause.code, pause.text)
    if pause.resumed_at:
        return View(join([t("pause.over", time=pause.resumed_at), *why[:1]]))
    how = t("pause.by_itself") if pause_ends_by_itself(pause.reason) else t("pause.by_hand")
    lines = [t("pause.title"), *why, t("pause.safe"), how]
    return View(join(lines), [[go(t.plain("button.resume"), Verb.RESUME_ALL, pause.id)]])
