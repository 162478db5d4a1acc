"""Whose subscriber a mobile number was given to, by its first digits.

Source: the carrier data of phonenumbers 9.0.43 (Google's libphonenumber). They take 107 MB in memory, so what they say
of Tajikistan stands here, and a test holds it to them. A number that was taken along to another operator counts under
its old one.
"""

from bot.domain.phone import COUNTRY

_PREFIXES = {
    "Tcell": "11 50 70 77 92 93 99",
    "Babilon-M": "17 71 75 94 98",
    "MegaFon": "00 01 02 07 12 21 27 41 55 78 87 88 90 97",
    "ZET-MOBILE": "03 04 05 06 08 09 18 19 38 40 66 80 81 91 330 333 334 335 336 337 338 339 440 442 443 444 447 449",
    "O-Mobile": "10 20 22 30",
    "Anor": "79 89",
}

OPERATORS: dict[str, str] = {prefix: name for name, prefixes in _PREFIXES.items() for prefix in prefixes.split()}
"""The operator by the two or three digits after 992."""

_TWO = slice(len(COUNTRY), len(COUNTRY) + 2)
_THREE = slice(len(COUNTRY), len(COUNTRY) + 3)


def operator_of(phone: str) -> str:
    """The operator's name, as people know it, of `992XXXXXXXXX`; empty when not known. The longest prefix wins."""
    return OPERATORS.get(phone[_THREE]) or OPERATORS.get(phone[_TWO], "")
