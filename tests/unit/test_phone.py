"""Phones, as people write them. The oracle is phonenumbers' own full parser, with its metadata of Tajikistan."""

from collections.abc import Callable
from typing import TypeVar

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from bot.domain.phone import PhoneError, PhoneFault, parse_phone, shown, take_phone

Result = TypeVar("Result")

PHONE = "992900001122"
FILLERS = " \t\u00a0\u2009\u202f-‐‑‒–—―−﹘﹣－.()[]/\u00ad\u061c\u200b\u200e\u200f\u202a\u202c\u2066\u2069\ufeff"

WRITTEN = [
    "992900001122",
    "+992900001122",
    "00992900001122",
    "900001122",
    "90 000 11 22",
    "+992 90 000 11 22",
    "00 992 90 000 11 22",
    "+ 992 90 000 11 22",
    "992 90-000-11-22",
    "(+992) 90 000-11-22",
    "+992 (90) 000 11 22",
    "[992] 90/000.11.22",
    "90.000.11.22",
    "90\u00a0000\u00a011\u00a022",
    "90\u2009000\u202f11\u300022",
    "90‐000‑11‒22",
    "90–000—11―22",
    "90−000﹣11－22",
    "9\u00ad0000\u00ad1122",
    "\u202a+992 90 000 11 22\u202c",
    "\u2066+992900001122\u2069",
    "\u200e+992\u200f90\u200b000\ufeff11\u206022\u061c",
    "  90 000 11 22\n",
]

REFUSED = {
    PhoneFault.EMPTY: ["", "   ", " - () ", "\u202a\u202c", "\n"],
    PhoneFault.NOT_A_NUMBER: [
        "hello",
        "+",
        "00",
        "90 000 11 2a",
        "90 000 11 22 x",
        "90 000 11 22, 90 000 11 33",
        "90+0001122",
        "++992900001122",
        "=90 000 11 22",
        "٩٠٠٠٠١١٢٢",
        "90000١١٢٢",
        "９０００0１１２２",
        "90000112²",
        "९०००९१९२२",
        "90000112\x00",
        "9.0000112E8e",
        "90000112\ud83d",
    ],
    PhoneFault.TOO_SHORT: ["9", "90 000 11 2", "992", "+992 90 000 11 2", "00992 9"],
    PhoneFault.TOO_LONG: ["90 000 11 22 3", "992 90 000 11 22 3", "+992 90 000 11 22 3", "9" * 5000],
    PhoneFault.FOREIGN: ["+1 000 000 00 00", "001 000 000 00 00", "+7 90 000 11 22"],
    PhoneFault.NOT_MOBILE: ["600000000", "+992 60 000 00 00", "370000000", "992 37 000 00 00"],
}


@pytest.mark.parametrize("text", WRITTEN)
def test_the_ways_people_write_a_phone(text: str) -> None:
    """Plus, 00, 992 or nothing before it; spaces, dashes, brackets, dots and invisible marks anywhere."""
    assert parse_phone(text) == PHONE


@pytest.mark.parametrize(("fault", "text"), [(fault, text) for fault, texts in REFUSED.items() for text in texts])
def test_the_refusals(fault: PhoneFault, text: str) -> None:
    """What is no phone is refused with its reason, and the refusal does not repeat what was written."""
    with pytest.raises(PhoneError) as refusal:
        parse_phone(text)
    assert refusal.value.fault is fault
    assert str(refusal.value) == fault.value


def test_every_reason_is_given_by_something() -> None:
    """Each fault has its rows; AMBIGUOUS is what only `take_phone` meets."""
    assert {*REFUSED, PhoneFault.AMBIGUOUS} == set(PhoneFault)


@pytest.mark.parametrize("text", WRITTEN)
@pytest.mark.parametrize("rest", [" Hi", " 5 somoni", "\n100 somoni", ", 90 000 33 44", "; Hi", "", "\u00a0Салом"])
def test_a_phone_is_taken_off_the_front_however_it_is_written(text: str, rest: str) -> None:
    """What follows comes back whole, also where it begins with a figure."""
    assert take_phone(text.rstrip() + rest) == (PHONE, rest)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", PhoneFault.EMPTY),
        ("  ", PhoneFault.EMPTY),
        ("hello 900001122", PhoneFault.NOT_A_NUMBER),
        ("900001122hello", PhoneFault.NOT_A_NUMBER),
        ("٩٠٠٠٠١١٢٢ hello", PhoneFault.NOT_A_NUMBER),
        ("90000112٣ hello", PhoneFault.NOT_A_NUMBER),
        ("9000011 hello", PhoneFault.TOO_SHORT),
        ("9000011223 hello", PhoneFault.TOO_LONG),
        ("+1000000000 hello", PhoneFault.FOREIGN),
        ("600000000 hello", PhoneFault.NOT_MOBILE),
        # Read as nine digits or as twelve, it is two phones that both exist.
        ("992 90 000 1 122", PhoneFault.AMBIGUOUS),
        ("90 000 11 1 5 somoni", PhoneFault.AMBIGUOUS),
        ("992 90 000 1 122 hello", PhoneFault.AMBIGUOUS),
    ],
)
def test_what_cannot_be_taken(text: str, fault: PhoneFault) -> None:
    """No phone in front, or two in one: refused with the reason, never guessed."""
    with pytest.raises(PhoneError) as refusal:
        take_phone(text)
    assert refusal.value.fault is fault


def test_several_phones_in_a_row() -> None:
    """One after another, until what is left is the text."""
    rest, phones = "+992 90 000 11 22, 900003344\n00992900005566; 5 somoni each", []
    for _ in range(3):
        phone, rest = take_phone(rest.lstrip(",; \n"))
        phones.append(phone)
    assert phones == ["992900001122", "992900003344", "992900005566"]
    assert rest == "; 5 somoni each"


_SOUP = st.text(st.sampled_from("0123456789" * 3 + "+" + FILLERS + "٣३３²a,;"), max_size=30)
_LOCAL = st.from_regex(r"\A[0-9]{9}\Z")


@st.composite
def _written(draw: st.DrawFn, locals_: st.SearchStrategy[str] = _LOCAL) -> tuple[str, str]:
    """A phone that exists, and a way to write it."""
    local = draw(locals_.filter(_is_mobile))
    prefix = draw(st.sampled_from(["992", "+992", "00992", *([] if local.startswith("00") else [""])]))
    fillers = st.text(st.sampled_from(FILLERS), max_size=2)
    return "992" + local, "".join(draw(fillers) + digit for digit in prefix + local)


def _is_mobile(local: str) -> bool:
    number = phonenumbers.parse("+992" + local)
    return phonenumbers.number_type(number) in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def _outcome(read: Callable[[str], Result], text: str) -> Result | PhoneFault:
    try:
        return read(text)
    except PhoneError as refusal:
        return refusal.fault


def _check_with_the_oracle(phone: str) -> None:
    assert len(phone) == 12
    assert phone.isascii()
    assert phone.isdigit()
    number = phonenumbers.parse("+" + phone)
    assert number.country_code == 992
    assert phonenumbers.is_valid_number_for_region(number, "TJ")
    assert phonenumbers.number_type(number) in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


@given(st.one_of(st.text(), _SOUP, _written().map(lambda pair: pair[1])))
def test_any_text_gives_a_phone_or_a_reason(text: str) -> None:
    """Nothing else is raised, and what is given is a mobile phone of Tajikistan by the oracle's word."""
    try:
        phone = parse_phone(text)
    except PhoneError:
        return
    _check_with_the_oracle(phone)
    assert parse_phone(shown(phone)) == phone
    assert parse_phone(phone) == phone


@given(_LOCAL)
def test_every_nine_digits_are_judged_as_the_oracle_judges_them(local: str) -> None:
    """With 992 before them, exactly the mobile ones are taken."""
    assert _outcome(parse_phone, "+992" + local) == ("992" + local if _is_mobile(local) else PhoneFault.NOT_MOBILE)


@given(_written())
def test_a_phone_is_read_through_any_fillers(pair: tuple[str, str]) -> None:
    """Fillers before and between the digits change nothing."""
    phone, text = pair
    assert parse_phone(text) == phone


@given(_written(), st.sampled_from(" ,;\n\u00a0"), st.text(max_size=20))
def test_what_is_taken_is_never_another_phone(pair: tuple[str, str], gap: str, rest: str) -> None:
    """A phone in front of any text comes back with that text, or is refused as ambiguous; never is another one read."""
    phone, text = pair
    assert _outcome(take_phone, text + gap + rest) in ((phone, gap + rest), PhoneFault.AMBIGUOUS)


@given(st.one_of(st.text(), _SOUP))
def test_any_text_gives_a_phone_in_front_or_a_reason(text: str) -> None:
    """Nothing else is raised; what is given stood in front of what is left."""
    try:
        phone, rest = take_phone(text)
    except PhoneError:
        return
    _check_with_the_oracle(phone)
    assert text.endswith(rest)
    assert parse_phone(text[: len(text) - len(rest)]) == phone
