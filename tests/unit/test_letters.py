"""The two tables: Cyrillic in Latin letters, typographic signs plainly. Unicode's own categories are the oracle."""

import unicodedata
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.letters import LATIN, PLAIN, latin_helps, plain_helps
from bot.domain.text import GSM7, GSM7_EXTENSION

SENDABLE = GSM7 | GSM7_EXTENSION
RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
TAJIK = "абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюя"
UZBEK = "абвгғдеёжзийкқлмнопрстуўфхҳчшъэюя"
UKRAINIAN = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
SMALL = "".join(sorted({*RUSSIAN, *TAJIK, *UZBEK, *UKRAINIAN, "һ"}))
LETTERS = SMALL + SMALL.upper()
MARKS = "\u0301\u0304\u0306\u0308"
JOINER = "\u200d"

TABLES = pytest.mark.parametrize("table", [PLAIN, LATIN], ids=["plain", "latin"])
_SIGNS = "".join(map(chr, PLAIN))
_TEXTS = st.text(st.sampled_from(LETTERS + MARKS + _SIGNS + "aZ'\"{}€é😀ā") | st.characters(), max_size=40)


def latin(text: str) -> str:
    return text.translate(LATIN)


@TABLES
def test_what_is_in_the_gsm_alphabet_stays(table: Mapping[int, str]) -> None:
    """Every character of the alphabet and of its extension is itself afterwards: there is nothing to win."""
    assert {character: character.translate(table) for character in SENDABLE} == {c: c for c in SENDABLE}


@TABLES
def test_what_comes_out_is_in_the_gsm_alphabet(table: Mapping[int, str]) -> None:
    """No entry puts one Unicode character in the place of another."""
    assert {chr(code) for code, plain in table.items() if not SENDABLE.issuperset(plain)} == set()


def test_every_letter_becomes_latin_letters_and_only_the_soft_sign_is_lost() -> None:
    """Russian, Tajik, Uzbek and Ukrainian in both cases: one to four Latin letters, an apostrophe at most beside."""
    lost = {letter for letter in LETTERS if not latin(letter)}
    assert lost == {"ь", "Ь"}
    for letter in set(LETTERS) - lost:
        assert latin(letter).isascii(), letter
        assert latin(letter).replace("'", "").isalpha() or letter in "ъЪ", letter
        assert len(latin(letter)) <= 4, letter


def test_letters_are_not_signs() -> None:
    """The table of signs changes no letter of any script, small or capital, so no word."""
    assert [chr(code) for code in PLAIN if unicodedata.category(chr(code)) in ("Ll", "Lu", "Lt", "Lo")] == []


def test_a_capital_begins_as_a_capital() -> None:
    """Only the first of its Latin letters is one: Ш is Sh, for most of them stand before small letters."""
    assert {letter: latin(letter.upper()) for letter in SMALL} == {s: latin(s).capitalize() for s in SMALL}


def test_letters_that_look_alike_in_latin() -> None:
    """A reader can mix up these, each with the letter it is next to in sound or sight, and no others."""
    alike: dict[str, str] = {}
    for letter in SMALL:
        alike[latin(letter)] = alike.get(latin(letter), "") + letter
    groups = {frozenset(group) for group in alike.values() if len(group) > 1}
    assert groups == {frozenset(group) for group in ("иӣі", "уӯ", "еэ", "йы", "гґ", "ҳһ")}


@pytest.mark.parametrize(
    ("cyrillic", "expected"),
    [
        ("Ҷаноби Ғафуров, қарзи шумо 500 сомонӣ аст.", "Janobi Ghafurov, qarzi shumo 500 somoni ast."),
        ("Рӯзи ҷумъа ба Хуҷанд меоем, ташаккур!", "Ruzi jum'a ba Khujand meoem, tashakkur!"),
        ("Съешь ещё этих мягких булок, да выпей чаю", "S'esh eshchyo etikh myagkikh bulok, da vypey chayu"),
        ("Ваш заказ «Щука» № 5 — готов…", 'Vash zakaz "Shchuka" No 5 - gotov...'),
        ("ЖЁЛТЫЙ объект", "ZhYoLTYY ob'ekt"),
        ("Ўзбек, Ғайрат, қиз, ҳа", "O'zbek, Ghayrat, qiz, ha"),
        ("Їжак і ґанок, Єва", "Yizhak i ganok, Yeva"),
        ("OSON 24/7: {скидка} 20% [тут]", "OSON 24/7: {skidka} 20% [tut]"),
    ],
)
def test_sentences(cyrillic: str, expected: str) -> None:
    """As Tajiks, Russians, Uzbeks and Ukrainians text in Latin letters."""
    assert latin(cyrillic) == expected


def test_a_mark_after_its_letter_vanishes() -> None:
    """Letters that a phone or a Mac sends in two characters: no mark stays; ӣ and ӯ read as ever, four read shorter."""
    taken_apart = {letter: unicodedata.normalize("NFD", letter) for letter in LETTERS}
    assert {m for form in taken_apart.values() for m in form[1:]} <= set(MARKS)
    changed = {letter: latin(form) for letter, form in taken_apart.items() if latin(form) != latin(letter)}
    assert changed == {"й": "i", "Й": "I", "ё": "e", "Ё": "E", "ў": "u", "Ў": "U", "ї": "i", "Ї": "I"}
    assert latin("за\u0301мок") == "zamok"


def test_latin_letters_do_what_plain_signs_do() -> None:
    """A text of Cyrillic and typographic signs needs one table, not both."""
    assert {code: LATIN[code] for code in PLAIN} == PLAIN


QUOTES = ("'", '"')
IN_KIND = {"Zs": (" ",), "Zl": ("\n",), "Zp": ("\n",), "Pd": ("-",), "Cf": ("",), "Pi": QUOTES, "Pf": QUOTES}


def test_whole_kinds_of_signs_are_written_plainly() -> None:
    """In Latin-1 and General Punctuation: all spaces, line ends, dashes, quotes, unseen marks; not the joiner."""
    signs = {chr(code) for code in (*range(0xA0, 0x100), *range(0x2000, 0x2070))} - SENDABLE - {JOINER}
    kinds = {sign: kind for sign in signs if (kind := unicodedata.category(sign)) in IN_KIND}
    assert set(kinds.values()) == IN_KIND.keys()
    assert {sign for sign, kind in kinds.items() if sign.translate(PLAIN) not in IN_KIND[kind]} == set()


@pytest.mark.parametrize(
    ("signs", "plain"),
    [
        ("“да” „да‟ «да» ″ ‶ 〝да〞 ＂", '"да" "да" "да" " " "да" "'),
        ("‘да’ ‚да‛ ‹да› ′ ‵ ʹ oʻ oʼ ʽ o`z o´z ＇", "'да' 'да' 'да' ' ' ' o' o' ' o'z o'z '"),
        ("a‐b‑c‒d–e—f―g−h⸺i⸻j﹘k﹣l－m", "a-b-c-d-e-f-g-h-i-j-k-l-m"),
        ("• a ‣ b ◦ c ⁃ d ∙ e · f ● g ■ h", "- a - b - c - d - e - f - g - h"),
        ("Так… да‥", "Так... да.."),
        ("№5 2×2 1⁄2 ∕", "No5 2x2 1/2 /"),
        ("1\u00a0000\u202f000\u2009с\u3000\u1680\ta", "1 000 000 с   a"),
        ("\ufeffпо\u00adго\u200b\u200c\u2060да\u200e\u202a\u202c\u2066\u2069\u061c\u180e", "погода"),
        ("☎\ufe0f ☎\ufe00", "☎ ☎"),
    ],
)
def test_signs(signs: str, plain: str) -> None:
    """Each sign that is written plainly, and what stands for it."""
    assert signs.translate(PLAIN) == plain


@pytest.mark.parametrize(
    "text", ["é ā ş č ő", "€ £ ₽ ₸ ₼ ¢", "½ ° ² ‰ ™ © ± ≈ →", "😀 👍🏽 🇹🇯 👩\u200d👧", "سلام 你好 გ"]
)
@TABLES
def test_what_is_not_ours_to_change(text: str, table: Mapping[int, str]) -> None:
    """Accented Latin, currencies, figures, emoji and other scripts: no plain sign says the same."""
    assert text.translate(table) == text


@TABLES
@given(_TEXTS, _TEXTS)
def test_a_whole_is_rewritten_as_its_pieces_are(table: Mapping[int, str], first: str, second: str) -> None:
    """Wherever it is cut: the gateway fills values into a text that was rewritten before."""
    assert (first + second).translate(table) == first.translate(table) + second.translate(table)


@TABLES
@given(_TEXTS)
def test_twice_is_once(table: Mapping[int, str], text: str) -> None:
    """What has been rewritten stays."""
    once = text.translate(table)
    assert once.translate(table) == once


@given(_TEXTS)
def test_plain_helps_where_signs_alone_force_unicode(text: str) -> None:
    """All of it is GSM-7 or has a plain sign, and something of it is not GSM-7."""
    signs = set(text) - SENDABLE
    assert plain_helps(text) == bool(signs and signs <= set(_SIGNS))


@pytest.mark.parametrize(
    ("text", "helps"),
    [
        ("", False),
        ("Hello - 5 EUR", False),
        ("Hello — 5 €", True),
        ("oʻzbek", True),
        ("Salom, «Ali»! 😀", False),
        ("Салом — 5", False),
    ],
)
def test_when_plain_signs_help(text: str, helps: bool) -> None:
    """Not where all is well already, nor where a letter or an emoji forces Unicode as well."""
    assert plain_helps(text) is helps


@pytest.mark.parametrize(
    ("text", "helps"),
    [
        ("", False),
        ("a" * 161, False),
        ("а" * 70, False),
        ("а" * 71, True),
        ("а" * 160, True),
        ("ж" * 71, True),
        ("щ" * 71, False),
        ("я" * 134, False),
        ("я" * 135, True),
        ("а" * 71 + "😀", False),
        ("a" * 70 + "—", True),
    ],
)
def test_when_latin_letters_help(text: str, helps: bool) -> None:
    """Where the gateway bills fewer parts; two or four letters for one may eat up what the alphabet saves."""
    assert latin_helps(text) is helps
