"""How things look in a chat: pure functions from what the log knows to a text and its buttons."""

from dataclasses import dataclass, field
from decimal import Decimal

from bot.i18n import Html, Translator
from bot.telegram.keyboards import Rows

_SHOWN = 700


@dataclass(frozen=True, slots=True)
class View:
    """A text in Telegram's HTML and the buttons under it; with a picture (PNG), whose caption the text is then."""

    text: Html
    rows: Rows = field(default_factory=list)
    picture: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Money:
    """What is known of prices, in TJS."""

    price_per_part: Decimal | None
    low_balance: Decimal | None


def cut(text: str, longest: int) -> str:
    """`text`, in at most so many characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def quote(t: Translator, text: str, longest: int = _SHOWN) -> Html:
    """An SMS text as a quotation, cut where it would fill the screen."""
    return t("quote", text=cut(text, longest))


def cost(t: Translator, parts: int, money: Money) -> Html | None:
    """What so many parts cost; None where the price is not known."""
    if money.price_per_part is None:
        return None
    return t("cost", amount=money.price_per_part * parts)
