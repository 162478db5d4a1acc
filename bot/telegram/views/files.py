"""The words of the files that we hand out."""

from collections.abc import Sequence

from bot.domain.gateway import Channel, DeliveryStatus
from bot.domain.message import State
from bot.domain.phone import PhoneFault
from bot.i18n import Translator
from bot.intake import RowFault
from bot.services.write_result import NOT_BEGUN
from bot.telegram.views.message import ERRORS, WHYS


def column_titles(t: Translator, columns: Sequence[str]) -> list[str]:
    """The names of these columns."""
    return [t.plain(f"column.{column}") for column in columns]


def sheet_names(t: Translator) -> dict[str, str]:
    """The words of what can stand in a sheet: states of a message, that it never came to be one, why, and channels."""
    states = {state.value: t.plain(f"short.{state}") for state in State}
    channels = {channel.value: t.plain(f"channel.{channel}") for channel in Channel}
    errors = {error: t.plain(f"error.{error}") for error in ERRORS}
    heard = {status.value: t.plain(f"status.{status}") for status in DeliveryStatus}
    whys = {str(why): t.plain(f"why.{why}") for why in WHYS}
    return states | channels | {NOT_BEGUN: t.plain("result.not_begun")} | errors | heard | whys


def reason_names(t: Translator) -> dict[str, str]:
    """Why a row is left out, by fault; what Excel spoiled with its cure."""
    reasons = {fault.value: t.plain(f"fault.{fault}") for fault in (*PhoneFault, *RowFault)}
    return reasons | {RowFault.SCIENTIFIC.value: t.plain("list.excel_cure")}


def reason_title(t: Translator) -> str:
    """The name of the column of reasons."""
    return t.plain("file.reason")
