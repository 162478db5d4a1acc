"""What can be wrong with a file, and with a row of it."""

from enum import StrEnum


class FileFault(StrEnum):
    """Why a file is no list of phones."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_TEXT = "not_text"
    """A PDF, a picture, or something else that is no table."""
    DAMAGED = "damaged"
    """A workbook that cannot be read."""
    ENCRYPTED = "encrypted"
    """A workbook with a password."""
    TOO_MUCH_INSIDE = "too_much_inside"
    """It unpacks to far more than it weighs."""
    TOO_SLOW = "too_slow"
    """Reading it took more time or memory than there is for a file."""
    TOO_MANY_COLUMNS = "too_many_columns"
    NO_PHONES = "no_phones"


class FileError(ValueError):
    """The file is no list of phones. It carries nothing of the file."""

    def __init__(self, fault: FileFault) -> None:
        self.fault = fault
        super().__init__(fault.value)


class RowFault(StrEnum):
    """Why a row is left out, beside `bot.domain.phone.PhoneFault`."""

    SCIENTIFIC = "scientific"
    """Excel rounded the phone (9,92927E+11): its last digits are gone."""
    MISSING_VALUE = "missing_value"
    """No value for a placeholder of the text."""
    DUPLICATE = "duplicate"
    """The phone stands in a row above."""
