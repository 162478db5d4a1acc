"""Whose number it is. The oracle is the carrier data of phonenumbers, which the bot itself is too small for."""

import subprocess
import sys
from collections.abc import Iterator

import phonenumbers
import pytest
from phonenumbers import carrier

from bot.domain.operators import OPERATORS, operator_of
from bot.domain.phone import PhoneError, parse_phone

OUR_SPELLING = {"Megafon": "MegaFon"}
"""Where the oracle's name is not as the operator writes it."""


def mobiles() -> Iterator[str]:
    """A mobile phone for each beginning of four digits that has one; the table and the oracle tell by three at most."""
    for beginning in range(10_000):
        try:
            yield parse_phone(f"992{beginning:04}00000")
        except PhoneError:
            continue


PHONES = list(mobiles())


def test_every_mobile_prefix_has_the_operator_that_the_oracle_names() -> None:
    """Over all beginnings that the rule of Tajikistan takes; where the oracle names none, neither do we."""
    names = {phone: carrier.name_for_number(phonenumbers.parse(f"+{phone}"), "en") for phone in PHONES}
    assert {phone: operator_of(phone) for phone in PHONES} == {p: OUR_SPELLING.get(n, n) for p, n in names.items()}


def test_no_row_is_idle() -> None:
    """Each prefix begins a phone that the rule takes, and none says only what a shorter one says."""
    used = {phone[3 : 3 + size] for phone in PHONES for size in (2, 3)}
    assert OPERATORS.keys() - used == set()
    assert {prefix for prefix, name in OPERATORS.items() if prefix[2:] and OPERATORS.get(prefix[:2]) == name} == set()


def test_the_longest_prefix_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """A range lent out of another's is its borrower's."""
    assert operator_of("992900001122") == "MegaFon"
    monkeypatch.setitem(OPERATORS, "900", "Borrower")
    assert operator_of("992900001122") == "Borrower"


@pytest.mark.parametrize("phone", ["", "992", "9929", "992140000000", "992372000000", "992600000000"])
def test_a_number_of_no_known_operator(phone: str) -> None:
    """Nothing, the beginning of a number, a mobile range that nobody is named for, landlines: no name, no error."""
    assert operator_of(phone) == ""


def test_the_oracle_stays_out_of_the_bot() -> None:
    """The carrier data cost 107 MB; telling an operator does not load them."""
    code = "import sys, bot.domain.operators; print(*(name for name in sys.modules if 'carrier' in name))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
