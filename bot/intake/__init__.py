"""A file's bytes → recipients, and what is wrong with the rows that are none. It knows no Telegram and no database."""

from bot.intake.decode import MAX_BYTES
from bot.intake.faults import FileError, FileFault, RowFault
from bot.intake.fitting import fit_text, recipients, samples_filled, without_params
from bot.intake.reading import read_phone_list

__all__ = [
    "MAX_BYTES",
    "FileError",
    "FileFault",
    "RowFault",
    "fit_text",
    "read_phone_list",
    "recipients",
    "samples_filled",
    "without_params",
]
