"""What /block and /unblock did."""

from bot.domain.phone import shown
from bot.i18n import Translator
from bot.telegram.keyboards import Verb, button
from bot.telegram.views import View


def blocked_view(t: Translator, phone: str, cancelled: int | None) -> View:
    """It is on the list, and so many messages are cancelled (None: it was there before); a button takes it off."""
    if cancelled is None:
        text = t("block.already", phone=shown(phone))
    else:
        text = t("block.done", phone=shown(phone), n=cancelled)
    return View(text, [[button(t.plain("button.unblock"), Verb.UNBLOCK, int(phone))]])


def unblocked_view(t: Translator, phone: str, *, was_blocked: bool) -> View:
    """It is not on the list, or no more."""
    return View(t("unblock.done" if was_blocked else "unblock.nothing", phone=shown(phone)))
