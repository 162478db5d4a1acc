"""Why a file is no list of phones, and why a row of one is left out."""

from enum import StrEnum

LARGEST = 5_000_000
"""Bytes: the contract's «5Мб», in the reading that is safe under either meaning of a megabyte."""


class FileFault(StrEnum):
    """Why a whole file cannot be used."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    SPREADSHEET = "spreadsheet"
    NOT_TEXT = "not_text"
    NO_PHONES = "no_phones"
    TOO_MANY_COLUMNS = "too_many_columns"


class FileError(ValueError):
    """The file is no list of phones. It carries nothing of the content."""

    def __init__(self, fault: FileFault) -> None:
        self.fault = fault
        super().__init__(fault.value)


class RowFault(StrEnum):
    """Why a row is left out, besides what can be wrong with a phone (`PhoneFault`)."""

    SCIENTIFIC = "scientific"
    """`9,92927E+11`: the spreadsheet has rounded the phone away."""
    MISSING_VALUE = "missing_value"
    """A placeholder's column is empty."""
