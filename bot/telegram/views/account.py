"""The account: its balance, and a pause of all sending."""

from bot.domain.errors import GatewayError
from bot.domain.gateway import Balance
from bot.domain.log import Pause
from bot.domain.retry import pause_ends_by_itself
from bot.i18n import Html, Translator, join
from bot.telegram.keyboards import Verb, button, go
from bot.telegram.views import Money, View
from bot.telegram.views.message import reason_text


def balance_view(t: Translator, answer: Balance | GatewayError, money: Money, pause: Pause | None) -> View:
    """The balance, or plainly that it is not known."""
    if isinstance(answer, GatewayError):
        name = type(answer).__name__
        lines = [t("balance.failed"), *reason_text(t, name, answer.code, answer.text)]
    else:
        lines = _balance(t, answer, money)
    if pause:
        lines.append(t("balance.paused"))
    return View(join(lines), [[button(t.plain("button.refresh"), Verb.BALANCE)]])


def _balance(t: Translator, balance: Balance, money: Money) -> list[Html]:
    lines = [t("balance.amount", amount=balance.amount)]
    if balance.timestamp:
        lines.append(t("balance.time", time=balance.timestamp))
    if money.price_per_part and balance.amount > 0:
        lines.append(t("balance.buys", n=int(balance.amount / money.price_per_part)))
    if money.low_balance is not None and balance.amount < money.low_balance:
        lines.append(t("balance.low"))
    return lines


def pause_card(t: Translator, pause: Pause) -> View:
    """The notice that all sending stopped, and later that it goes on."""
    why = reason_text(t, pause.reason, pause.code, pause.text)
    if pause.resumed_at:
        return View(join([t("pause.over", time=pause.resumed_at), *why[:1]]))
    how = t("pause.by_itself") if pause_ends_by_itself(pause.reason) else t("pause.by_hand")
    lines = [t("pause.title"), *why, t("pause.safe"), how]
    return View(join(lines), [[go(t.plain("button.resume"), Verb.RESUME_ALL, pause.id)]])
