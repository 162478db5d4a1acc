"""A file's bytes → recipients, and what is wrong with the rows that are none. It knows no Telegram and no database."""

from bot.intake.faults import FileError, FileFault, RowFault
from bot.intake.fitting import fit_text, samples_filled, without_params
from bot.intake.reading import read_phone_list

__all__ = [
    "FileError",
    "FileFault",
    "RowFault",
    "fit_text",
    "read_phone_list",
    "samples_filled",
    "without_params",
]
