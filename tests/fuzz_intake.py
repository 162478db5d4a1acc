"""Fuzzes the intake with atheris: any bytes give a reading whose sums add up, or one `FileError`.

Run: `python -m tests.fuzz_intake --runs 100000 [--seconds 60] [--kind text|workbook]` on Linux. pytest does not collect
it. What makes it fail is written to a file named `crash-…`; feed it again with `--file`.

The bytes of a workbook are what its parts hold, not its archive: a fuzzer would break the archive before it got inside.
"""

import argparse
import csv
import io
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import atheris  # type: ignore[import-untyped] # it has no types

with atheris.instrument_imports(include=["bot.intake", "bot.domain"]):
    from bot.domain.wording import Wording
    from bot.intake import FileError, Reading, bulk_files, fit, is_pasted_list, read_list, rejected_rows, written
    from bot.intake.faults import RowFault

import xlsxwriter

WORDING = Wording("Салом {phone}", latin=True, plain=True)


class _AnyReason(dict[str, str]):
    def __missing__(self, fault: str) -> str:
        return fault


def check(data: bytes) -> None:
    """What must hold for any file."""
    try:
        reading = read_list(data, "fuzz")
    except FileError:
        return
    listed = reading.phone_list
    phones = [line[:12] for piece in reading.recipients for line in piece.data.decode().split("\n")[:-1]]
    assert len(set(phones)) == len(phones) == listed.recipients == sum(listed.operators.values())
    assert all(len(phone) == 12 and phone.startswith("992") and phone.isdigit() for phone in phones)
    assert listed.recipients + listed.duplicates + sum(listed.faults.values()) >= listed.rows
    _check_what_leaves(reading)


def _check_what_leaves(reading: Reading) -> None:
    listed, pieces = reading.phone_list, [piece.data for piece in reading.recipients]
    texts = [entry for piece in pieces for entry in written(listed.columns, piece, WORDING)]
    assert None not in texts
    assert fit(listed, pieces, WORDING).recipients == len(texts) == listed.recipients
    assert sum(file.count(b"\n") for file in bulk_files(listed.columns, pieces, Wording("x"))) == listed.recipients
    name = listed.columns[-1]
    lacking = fit(listed, pieces, Wording(f"{{{name}}}")).missing
    rejected = [piece.data for piece in reading.rejected]
    file = b"".join(rejected_rows(listed, rejected, pieces, Wording(f"{{{name}}}"), _AnyReason(), "why"))
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len(rows) == 1 + sum(piece.rows for piece in reading.rejected) + lacking
    assert sum(row[-1] == RowFault.MISSING_VALUE for row in rows) == lacking


def fuzz_text(data: bytes) -> None:
    """The bytes are the file; as a message, too."""
    check(data)
    is_pasted_list(data.decode("utf-8", "replace"))


@cache
def _parts() -> dict[str, bytes]:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write_column(0, 0, ["phone", 900000001, "900000002"])
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def fuzz_workbook(data: bytes) -> None:
    """The first byte names the part of a workbook that the others are put into, at the place that the second says."""
    if len(data) < 3:
        return
    part = sorted(_parts())[data[0] % len(_parts())]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in _parts().items():
            at = len(content) * data[1] // 256
            archive.writestr(name, content[:at] + data[2:] + content[at:] if name == part else content)
    check(out.getvalue())


KINDS: dict[str, Callable[[bytes], None]] = {"text": fuzz_text, "workbook": fuzz_workbook}
SEEDS = {
    "text": [
        "Имя;Телефон;Сумма\r\nАли;900000001;5,50\r\n;90 000 00 02;\r\n".encode("cp1251"),
        'phone,note\n900000001,"a ""b""\nc"\n"x\n9,929E+11\n'.encode("utf-16"),
        b"sep=|\n+992900000001|x\n900000001.0|\n900000001, 90|y\n",
        b"900000001 900000002\n" * 3,
        "Али 900000001\n900000002 - Бек\n".encode(),
    ],
    "workbook": [bytes([part, place]) + b'<c r="B2"><v>900000003</v></c>' for part in range(9) for place in (99, 200)],
}


def main() -> None:
    """Read the arguments and fuzz."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=0, help="0: no limit")
    parser.add_argument("--kind", choices=KINDS, default="text")
    parser.add_argument("--corpus", type=Path, help="a folder that keeps what was found to be interesting")
    parser.add_argument("--file", type=Path, help="check this input alone")
    given = parser.parse_args()
    if given.file:
        KINDS[given.kind](given.file.read_bytes())
        return
    options = [
        f"-atheris_runs={given.runs}",
        f"-max_total_time={given.seconds}",
        "-max_len=2000",
        "-len_control=0",
        "-timeout=20",
    ]
    folders = []
    if given.corpus:
        given.corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(SEEDS[given.kind]):
            (given.corpus / f"seed-{number}").write_bytes(seed)
        folders = [str(given.corpus)]
    atheris.Setup([sys.argv[0], *options, *folders], KINDS[given.kind])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
