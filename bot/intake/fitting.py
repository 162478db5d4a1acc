"""A text meets a list: who gets what, and what it makes in parts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import itemgetter

from bot.domain.draft import PhoneList
from bot.domain.phone import FULL_DIGITS
from bot.domain.template import bind, tidy
from bot.domain.text import measure
from bot.domain.wording import Wording
from bot.intake.faults import RowFault
from bot.intake.listing import FAULT_ROWS, SAMPLES
from bot.intake.pieces import recipient_lines, recipient_rows

MIXED = "mixed"
_MISSING = RowFault.MISSING_VALUE.value


class Letter:
    """A wording bound to the columns of a list. It rewrites what is the same for all once, not for each."""

    def __init__(self, columns: Sequence[str], wording: Wording) -> None:
        """Bind them.

        Raises:
            UnknownPlaceholder: the text names a column that is not there.
        """
        text = tidy(wording.text)
        self.places = bind(text, columns)
        """The placeholders, letter for letter as the tidied text spells them, and the indexes of their columns."""
        self._used = tuple(set(self.places.values()))
        self._rewrite = wording.rewrite if wording.latin or wording.plain else None
        names = "|".join(map(re.escape, self.places))
        pieces = re.split(rf"\{{({names})\}}", text) if names else [text]
        self._literals = [wording.rewrite(piece) for piece in pieces[::2]]
        self._order = pieces[1::2]
        self._pattern = "%s".join(piece.replace("%", "%%") for piece in self._literals)
        self._pick = itemgetter(*(self.places[name] for name in self._order)) if names else None

    def lacks(self, row: Sequence[str]) -> bool:
        """Whether the row has no value for a placeholder."""
        return not all(map(row.__getitem__, self._used))

    def rewrite(self, row: list[str]) -> None:
        """Put the values that the text uses in its letters, in their places."""
        if self._rewrite:
            for index in self._used:
                row[index] = self._rewrite(row[index])

    def write(self, row: list[str]) -> str:
        """The text for one row; it rewrites the row, too."""
        if self._pick is None:
            return self._literals[0]
        self.rewrite(row)
        text: str = self._pattern % self._pick(row)
        return text

    def template(self) -> str:
        """The text with its placeholders."""
        names = [f"{{{name}}}" for name in self._order]
        return "".join(piece for pair in zip(self._literals, [*names, ""], strict=True) for piece in pair)


def fit(phone_list: PhoneList, recipients: Iterable[bytes], wording: Wording) -> PhoneList:
    """Fit a text to a list, which may have been fitted to another: count the parts that it makes.

    `recipients` are the pieces of the list; a text without placeholders does not read them. Who lacks a value that the
    text needs is counted as `missing`, and among the faults. The operators stay those of all recipients, missing or
    not.

    Raises:
        UnknownPlaceholder: the text names a column that the list has not.
    """
    fitting = Fitting(phone_list.columns, wording)
    if fitting.reads:
        for data in recipients:
            fitting.take(data)
    return fitting.summary(phone_list)


def written(columns: Sequence[str], data: bytes, wording: Wording) -> list[tuple[int, str, str] | None]:
    """For each row of a piece of recipients: its number in the file, the phone and the text as it is sent.

    None stands for who lacks a value that the text needs.

    Raises:
        UnknownPlaceholder: as `fit`.
    """
    letter = Letter(columns, wording)
    if not letter.places:  # no value matters, and neither do quotes: the phone comes first, the number last
        text = letter.write([])
        return [(int(line[line.rindex(",") + 1 :]), line[:FULL_DIGITS], text) for line in recipient_lines(data)]
    lacks, write = letter.lacks, letter.write
    return [None if lacks(row) else (int(row[-1]), row[0], write(row)) for row in recipient_rows(data)]


def samples(phone_list: PhoneList, wording: Wording, count: int = 3) -> list[tuple[str, str]]:
    """(phone, text as it is sent) of the first recipients.

    Raises:
        UnknownPlaceholder: as `fit`.
    """
    letter = Letter(phone_list.columns, wording)
    rows = [list(row) for row in phone_list.samples if not letter.lacks(row)]
    return [(row[0], letter.write(row)) for row in rows[:count]]


class Fitting:
    """Takes piece after piece of the recipients, and counts."""

    def __init__(self, columns: Sequence[str], wording: Wording) -> None:
        """Begin.

        Raises:
            UnknownPlaceholder: as `fit`.
        """
        self._letter = Letter(columns, wording)
        self._recipients = self._missing = self._total = self._most = 0
        self._least: int | None = None
        self._encodings: set[str] = set()
        self._missing_rows: list[tuple[int, str]] = []
        self._samples: list[tuple[str, ...]] = []
        self._missing_samples: list[tuple[str, ...]] = []

    @property
    def reads(self) -> bool:
        """Whether the text is another for each recipient."""
        return bool(self._letter.places)

    def take(self, data: bytes) -> None:
        """Count a piece of the recipients."""
        for row in recipient_rows(data):
            if self._letter.lacks(row):
                self._miss(row)
                continue
            self._recipients += 1
            if len(self._samples) < SAMPLES:
                self._samples.append(tuple(row[:-1]))
            self._measure(self._letter.write(row), 1)

    def _miss(self, row: Sequence[str]) -> None:
        self._missing += 1
        if len(self._missing_rows) < FAULT_ROWS:
            self._missing_rows.append((int(row[-1]), _MISSING))
        if len(self._missing_samples) < SAMPLES:
            self._missing_samples.append(tuple(row[:-1]))

    def _measure(self, text: str, times: int) -> None:
        size = measure(text)
        self._total += size.parts * times
        self._most = max(self._most, size.parts)
        self._least = size.parts if self._least is None else min(self._least, size.parts)
        self._encodings.add(size.encoding.value)

    def summary(self, before: PhoneList) -> PhoneList:
        """The list as it is for this text, whatever it was fitted to before."""
        if not self.reads:
            self._recipients = before.recipients + before.missing
            self._measure(self._letter.write([]), self._recipients)
        missing = {_MISSING: self._missing} if self._missing else {}
        of_file = [(number, why) for number, why in before.fault_rows if why != _MISSING]
        kept = [*self._samples, *self._missing_samples][:SAMPLES]  # the latter may be all that another text has
        return replace(
            before,
            recipients=self._recipients,
            missing=self._missing,
            faults={fault: count for fault, count in before.faults.items() if fault != _MISSING} | missing,
            fault_rows=tuple(sorted([*of_file, *self._missing_rows])),
            samples=tuple(kept) if self.reads else before.samples,
            parts=(self._least or 0, self._most, self._total),
            encoding=MIXED if len(self._encodings) > 1 else "".join(self._encodings),
        )
