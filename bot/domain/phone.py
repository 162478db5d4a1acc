"""A phone of Tajikistan, as people write it and as the gateway takes it (`992XXXXXXXXX`)."""

import re
from enum import StrEnum

from phonenumbers import PhoneMetadata

COUNTRY = "992"
LOCAL_DIGITS = 9
FULL_DIGITS = len(COUNTRY) + LOCAL_DIGITS

# Soft hyphens and direction marks: they come along when a number is copied out of a chat, a page or a contact.
_INVISIBLE = r"\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
# Spaces of every width, dashes of every length (phones' keyboards make them), dots, brackets, slashes.
_FILLERS = rf"\s\-‐‑‒–—―−﹘﹣－.()\[\]/{_INVISIBLE}"
_FILLER = re.compile(f"[{_FILLERS}]+")
_ANY = rf"[{_FILLERS}]*"
_NUMBER_HEAD = re.compile(rf"{_ANY}(?:(?:\+|0{_ANY}0(?={_ANY}{_ANY.join(COUNTRY)})){_ANY})?")
_LONE_DIGIT = re.compile(rf"\s[0-9][{_INVISIBLE}]*$")
_AFTER = re.compile(r"$|[\s,;]")


class PhoneFault(StrEnum):
    """Why a text is not a phone that an SMS can go to."""

    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    FOREIGN = "foreign"
    NOT_MOBILE = "not_mobile"
    AMBIGUOUS = "ambiguous"


class PhoneError(ValueError):
    """The text is not a phone that an SMS can go to. It does not carry the text: phones stay out of logs."""

    def __init__(self, fault: PhoneFault) -> None:
        self.fault = fault
        super().__init__(fault.value)


def _mobile_rule() -> re.Pattern[str]:
    metadata = PhoneMetadata.metadata_for_region("TJ")
    pattern = metadata and metadata.mobile and metadata.mobile.national_number_pattern
    if not pattern:  # a broken install of phonenumbers shows at start rather than at a send
        raise RuntimeError("phonenumbers has no mobile rule for Tajikistan")
    return re.compile(pattern)


_MOBILE = _mobile_rule()


def parse_phone(text: str) -> str:
    """Read the whole of `text` as one phone and return it as `992XXXXXXXXX`.

    Raises:
        PhoneError: with the reason.
    """
    bare = _FILLER.sub("", text)
    if not bare:
        raise PhoneError(PhoneFault.EMPTY)
    digits, international = _without_prefix(bare)
    if not (digits.isascii() and digits.isdigit()):
        raise PhoneError(PhoneFault.NOT_A_NUMBER)
    return COUNTRY + _checked_local(digits, international=international)


def _without_prefix(bare: str) -> tuple[str, bool]:
    if bare.startswith("+"):
        return bare[1:], True
    if bare.startswith("00"):
        return bare[2:], True
    return bare, False


def _checked_local(digits: str, *, international: bool) -> str:
    local = digits
    if international or len(digits) >= FULL_DIGITS:
        if not digits.startswith(COUNTRY):
            raise PhoneError(PhoneFault.FOREIGN if international else PhoneFault.TOO_LONG)
        local = digits.removeprefix(COUNTRY)
    if len(local) != LOCAL_DIGITS:
        raise PhoneError(PhoneFault.TOO_SHORT if len(local) < LOCAL_DIGITS else PhoneFault.TOO_LONG)
    if not _MOBILE.fullmatch(local):
        raise PhoneError(PhoneFault.NOT_MOBILE)
    return local


def take_phone(text: str) -> tuple[str, str]:
    """Read a phone off the front of `text`; return it as `992XXXXXXXXX`, and what follows it.

    The phone ends where its digits are complete, so a text that begins with a figure is not eaten
    (`92 700 00 01 5 somoni` is a phone and «5 somoni»).

    Raises:
        PhoneError: nothing there reads as a phone, or two readings are possible (`AMBIGUOUS`).
    """
    readings = {reading for count in (FULL_DIGITS, LOCAL_DIGITS) if (reading := _take_digits(text, count))}
    if len(readings) > 1:
        raise PhoneError(PhoneFault.AMBIGUOUS)
    if readings:
        phone, rest = readings.pop()
        # `90 000 11 1 5 somoni`: a digit was left out, and the sum of money would fill its place.
        if _LONE_DIGIT.search(text[: len(text) - len(rest)]):
            raise PhoneError(PhoneFault.AMBIGUOUS)
        return phone, rest
    parse_phone(re.split(r"[\s,;]", text.strip(), maxsplit=1)[0])  # raises with the reason
    raise PhoneError(PhoneFault.NOT_A_NUMBER)


def _take_digits(text: str, count: int) -> tuple[str, str] | None:
    head = _NUMBER_HEAD.match(text)
    start = head.end() if head else 0
    body = re.compile(rf"(?:[0-9][{_FILLERS}]*){{{count - 1}}}[0-9][{_INVISIBLE}]*").match(text, start)
    if body is None or not _AFTER.match(text, body.end()):
        return None
    try:
        return parse_phone(text[: body.end()]), text[body.end() :]
    except PhoneError:
        return None


def shown(phone: str) -> str:
    """`992927000001` as people read it: `+992 92 700 00 01`."""
    local = phone.removeprefix(COUNTRY)
    return f"+{COUNTRY} {local[:2]} {local[2:5]} {local[5:7]} {local[7:]}"
