"""A file's bytes → recipients and what is wrong with the rest. No Telegram, no database."""

from bot.intake.faults import FileError, FileFault, RowFault
from bot.intake.fit import fit_text, samples_filled, without_params
from bot.intake.phone_list import read_phone_list

__all__ = [
    "FileError",
    "FileFault",
    "RowFault",
    "fit_text",
    "read_phone_list",
    "samples_filled",
    "without_params",
]
