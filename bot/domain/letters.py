"""Tables letter by letter: Cyrillic in Latin letters, typographic signs plainly.

Both are for `str.translate` and know no context, so rewriting a whole is rewriting its pieces, wherever it is cut.
Neither touches a character of the GSM 7-bit alphabet.

The letters follow BGN/PCGN 1994 for Tajik, and for the letters that only Russian has BGN/PCGN 1947, with what GSM-7 has
no room for or a context would decide left off: a plain i, u, e for í, ŭ, ė; `'` for ъ; nothing for ь; е is always e.
This is also how people write when they text in Latin letters. Ў is Uzbek (o'), ґ є і ї are Ukrainian (g, ye, i, yi).
"""

from collections.abc import Mapping

from bot.domain.text import Encoding, measure

_LETTERS = """
    а=a б=b в=v г=g ғ=gh д=d е=e ё=yo ж=zh з=z и=i ӣ=i й=y к=k қ=q л=l м=m н=n о=o п=p р=r с=s т=t у=u ӯ=u ф=f х=kh ҳ=h
    ч=ch ҷ=j ш=sh ъ=' э=e ю=yu я=ya ц=ts щ=shch ы=y ь=
    ў=o' һ=h ґ=g є=ye і=i ї=yi
"""
_SMALL = {pair[0]: pair[2:] for pair in _LETTERS.split()}
_CAPITAL = {letter.upper(): latin.capitalize() for letter, latin in _SMALL.items()}

_MARKS = (0x0301, 0x0304, 0x0306, 0x0308)
"""Acute (stress), macron (ӣ ӯ), breve (й ў), diaeresis (ё ї), each a character after its letter: it vanishes."""

_SPACES = ("\t", 0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_INVISIBLE = (
    *(0x00AD, 0x061C, 0x180E),  # soft hyphen, two older marks
    *(0x200B, 0x200C, 0x200E, 0x200F),  # zero-width; not the joiner U+200D: it holds emoji together
    *range(0x202A, 0x202F),  # direction
    *range(0x2060, 0x2070),  # word joiner, direction
    *range(0xFE00, 0xFE10),  # variation selectors
    0xFEFF,  # byte order mark
)

PLAIN: Mapping[int, str] = (
    str.maketrans(dict.fromkeys("“”„‟«»″‶〝〞＂", '"'))
    | str.maketrans(dict.fromkeys("‘’‚‛‹›′‵ʹʻʼʽ`´＇", "'"))
    | str.maketrans(dict.fromkeys("‐‑‒–—―−⸺⸻﹘﹣－", "-"))
    | str.maketrans(dict.fromkeys("•‣◦⁃∙·●■", "-"))
    | str.maketrans({"…": "...", "‥": "..", "×": "x", "№": "No", "⁄": "/", "∕": "/"})
    | str.maketrans(dict.fromkeys(_SPACES, " "))
    | str.maketrans({"\u2028": "\n", "\u2029": "\n"})
    | str.maketrans(dict.fromkeys(_INVISIBLE, ""))
)
"""Signs that alone force Unicode though a plain one says the same. Letters, currencies and emoji stay as they are."""

LATIN: Mapping[int, str] = {
    **PLAIN,
    **str.maketrans(_SMALL),
    **str.maketrans(_CAPITAL),
    **str.maketrans(dict.fromkeys(_MARKS, "")),
}
"""Cyrillic in Latin letters (two for a capital: Ш is Sh), and the typographic signs plainly as in `PLAIN`."""


def plain_helps(text: str) -> bool:
    """Whether typographic signs alone force `text` into Unicode."""
    return measure(text).encoding is Encoding.UCS2 and measure(text.translate(PLAIN)).encoding is Encoding.GSM7


def latin_helps(text: str) -> bool:
    """Whether `text` takes fewer parts in Latin letters."""
    return measure(text.translate(LATIN)).parts < measure(text).parts
