"""Tables letter by letter: Cyrillic in Latin letters, typographic signs plainly."""

LATIN: dict[int, str] = {}
PLAIN: dict[int, str] = {}
