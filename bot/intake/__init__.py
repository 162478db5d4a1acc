"""A file's bytes → recipients, and what is wrong with the rows that are none. It knows no Telegram and no database."""

from bot.intake.apart import fit_apart, read_apart
from bot.intake.bulk import bulk_files, bulk_phones, bulk_text, bulk_without
from bot.intake.faults import FileError, FileFault, RowFault
from bot.intake.fitting import fit, samples, written
from bot.intake.kinds import MAX_BYTES
from bot.intake.pasted import is_pasted_list
from bot.intake.pieces import PIECE_ROWS, piece_phones
from bot.intake.reading import Reading, read_list
from bot.intake.rejects import rejected_rows

__all__ = [
    "MAX_BYTES",
    "PIECE_ROWS",
    "FileError",
    "FileFault",
    "Reading",
    "RowFault",
    "bulk_files",
    "bulk_phones",
    "bulk_text",
    "bulk_without",
    "fit",
    "fit_apart",
    "is_pasted_list",
    "piece_phones",
    "read_apart",
    "read_list",
    "rejected_rows",
    "samples",
    "written",
]
