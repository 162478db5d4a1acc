"""The words of the files that we hand out."""

from bot.domain.message import State
from bot.domain.phone import PhoneFault
from bot.i18n import Translator
from bot.intake import RowFault
from bot.services.write_result import COLUMNS


def result_names(t: Translator) -> dict[str, str]:
    """The columns and the states of a result, and `not_begun`; «accepted» is both a column and a state."""
    columns = {column: t.plain(f"column.{column}") for column in COLUMNS}
    states = {state.value: t.plain(f"short.{state}") for state in State}
    return columns | states | {"not_begun": t.plain("result.not_begun")}


def reason_names(t: Translator) -> dict[str, str]:
    """Why a row is left out, by fault; what Excel spoiled with its cure."""
    reasons = {fault.value: t.plain(f"fault.{fault}") for fault in (*PhoneFault, *RowFault)}
    return reasons | {RowFault.SCIENTIFIC.value: t.plain("list.excel_cure")}


def reason_title(t: Translator) -> str:
    """The name of the column of reasons."""
    return t.plain("file.reason")
