"""What an admin typed or forwarded cannot be used: say why, and what to do."""

from typing import TypeAlias

from bot.domain.phone import PhoneError
from bot.domain.when import WhenError
from bot.i18n import Html, Translator
from bot.intake import FileError
from bot.services.compose import OrderError
from bot.telegram.command import CommandError
from bot.telegram.period import PeriodError

Fault: TypeAlias = PhoneError | OrderError | CommandError | WhenError | PeriodError | FileError
FAULTS = (PhoneError, OrderError, CommandError, WhenError, PeriodError, FileError)


def explain(t: Translator, error: Fault) -> Html:
    """The sentence for it."""
    match error:
        case PhoneError():
            return t(f"phone.{error.fault}")
        case OrderError():
            return t(f"order.{error.fault}", **error.facts)
        case CommandError():
            return t(f"command.{error.fault}", word=error.word[:40])
        case WhenError():
            return t(f"when.{error.fault}")
        case PeriodError():
            return t("period.how")
        case FileError():
            return t(f"file.{error.fault}")
