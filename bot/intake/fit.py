"""A text and a list of phones: fill it for each, and count the parts that will be billed."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from bot.domain.draft import PhoneList
from bot.domain.template import compile_template, placeholders, used_columns
from bot.domain.text import measure
from bot.intake.faults import RowFault

MIXED = "mixed"
_SAMPLES = 3


def fit_text(phone_list: PhoneList, cleaned: bytes, text: str) -> tuple[PhoneList, bytes]:
    """Fit a text to a cleaned list; recipients who lack a value that it needs are left out.

    Raises:
        UnknownPlaceholder: the text names a column that the list has not.
    """
    if not placeholders(text):
        size = measure(text)
        total = size.parts * phone_list.recipients
        return replace(phone_list, parts=(size.parts, size.parts, total), encoding=size.encoding), cleaned
    return _fit_each(phone_list, cleaned, text)


def _fit_each(phone_list: PhoneList, cleaned: bytes, text: str) -> tuple[PhoneList, bytes]:
    fill, used = compile_template(text, phone_list.columns), used_columns(text, phone_list.columns)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(phone_list.columns)
    parts: Counter[int] = Counter()
    encodings: set[str] = set()
    samples: list[tuple[str, ...]] = []
    missing = 0
    for row in _records(cleaned):
        if not all(row[position] for position in used):
            missing += 1
            continue
        size = measure(fill(row))
        parts[size.parts] += 1
        encodings.add(size.encoding)
        writer.writerow(row)
        if len(samples) < _SAMPLES:
            samples.append(tuple(row))
    fitted = replace(
        phone_list,
        recipients=parts.total(),
        faults=phone_list.faults | ({str(RowFault.MISSING_VALUE): missing} if missing else {}),
        parts=(min(parts, default=0), max(parts, default=0), sum(size * count for size, count in parts.items())),
        encoding=encodings.pop() if len(encodings) == 1 else MIXED,
        samples=tuple(samples),
    )
    return fitted, out.getvalue().encode()


def samples_filled(phone_list: PhoneList, text: str, count: int = _SAMPLES) -> list[tuple[str, str]]:
    """The first recipients and their texts as they will arrive."""
    fill = compile_template(text, phone_list.columns)
    return [(row[0], fill(row)) for row in phone_list.samples[:count]]


def without_params(cleaned: bytes) -> bytes:
    """The phones of a cleaned list alone, one a line, no header: what the gateway takes without `with_params`."""
    return "".join(f"{row[0]}\n" for row in _records(cleaned)).encode()


def _records(cleaned: bytes) -> Iterator[list[str]]:
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(cleaned), encoding="utf-8", newline=""))
    next(reader)
    return reader
