"""Which commands a handler hears."""

from aiogram.filters import Command


def hears(*names: str) -> Command:
    """These commands, in capitals or not: a phone's keyboard begins with one, and people shout."""
    return Command(*names, ignore_case=True)
