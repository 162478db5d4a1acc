"""Reading in a child process says what reading here says, and harms nobody, whatever the file does to the child."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.template import UnknownPlaceholder
from bot.domain.wording import Wording
from bot.intake import FileError, FileFault, fit, fit_apart, helper, read_apart, read_list
from tests.unit.test_intake_workbooks import TABLE, sheet_of, with_sheet, workbook

LIST = "Имя;Телефон;Сумма\nАли;900000001;5\n;900000002;6\nБек;90;7\nВали;900000003;\n".encode("cp1251")
LONG = b"phone;v\n" + b"".join(b"90000%04d;%d\n90\n" % (n, n % 7) for n in range(1_700))


@pytest.mark.parametrize("data", [LIST, LONG, workbook(TABLE), b"900000001\n", b"900000001\n" * 3])
async def test_apart_is_the_same_as_here(data: bytes) -> None:
    """The list and all its pieces."""
    assert await read_apart(data, "қарз.csv", None) == read_list(data, "қарз.csv")


@pytest.mark.parametrize("text", ["Салом!", "{phone}", "{имя}, {сумма}", "{Имя} — «{phone}»"])
async def test_a_text_is_fitted_on_the_way(text: str) -> None:
    """As `fit` would, and as `fit_apart` does afterwards."""
    wording, here = Wording(text, latin=True, plain=True), read_list(LIST, "")
    pieces = [piece.data for piece in here.recipients]
    fitted = fit(here.phone_list, pieces, wording)
    reading = await read_apart(LIST, "", wording)
    assert reading.phone_list == fitted
    assert (reading.recipients, reading.rejected, reading.unknown) == (here.recipients, here.rejected, None)
    assert await fit_apart(here.phone_list, pieces, wording) == fitted


async def test_an_unknown_placeholder_comes_with_the_reading() -> None:
    """The list is kept while another text is asked for."""
    reading = await read_apart(LIST, "x", Wording("{Сума}"))
    assert reading.unknown == ("Сума", "Сумма")
    here = read_list(LIST, "x")
    assert (reading.phone_list, reading.recipients, reading.rejected) == (
        here.phone_list,
        here.recipients,
        here.rejected,
    )
    assert (await read_apart(LIST, "x", Wording("{zzzzzzz}"))).unknown == ("zzzzzzz", None)
    with pytest.raises(UnknownPlaceholder):
        await fit_apart(here.phone_list, [], Wording("{Сума}"))


async def test_the_same_text_for_all_needs_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor the pieces."""
    monkeypatch.setattr(helper, "_COMMAND", ("/nowhere",))
    phone_list = read_list(LIST, "").phone_list
    assert await fit_apart(phone_list, Unread(), Wording("x")) == fit(phone_list, [], Wording("x"))


class Unread(list[bytes]):
    """Pieces that nobody may ask for."""

    def __iter__(self) -> Iterator[bytes]:
        raise AssertionError("the pieces were read")


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", FileFault.EMPTY),
        (b" \n", FileFault.EMPTY),
        (b"\n" * 20_000_001, FileFault.TOO_LARGE),
        (b"%PDF-1.7", FileFault.NOT_TEXT),
        (b"x\n" * 3_000, FileFault.NO_PHONES),
        (workbook(TABLE)[:-300], FileFault.DAMAGED),
    ],
    ids=lambda value: repr(value)[:20],
)
async def test_a_refusal_is_the_same(data: bytes, fault: FileFault) -> None:
    """Also when pieces were on their way already."""
    with pytest.raises(FileError) as caught:
        await read_apart(data, "", None)
    assert caught.value.fault is fault


@pytest.mark.skipif(sys.platform != "linux", reason="keeps to its limit of memory on Linux")
async def test_a_sheet_that_swells_beyond_all_memory_is_too_slow() -> None:
    """Two cells at its corners make the library ask for a place for each cell between them; only the child dies."""
    sheet = sheet_of('<c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c>')
    with pytest.raises(FileError) as caught:
        await read_apart(with_sheet(sheet), "", None)
    assert caught.value.fault is FileFault.TOO_SLOW


_CHILDREN = {
    "junk": "print('junk' * 100)",
    "nothing": "pass",
    "exit": "import sys; sys.exit(3)",
    "unread": "import os; os.close(0)",
    "half a frame": "import sys; sys.stdout.buffer.write(b'+' + bytes(4) + b'\\0\\0\\1\\0' + b'x')",
    "an unknown frame": "import sys; sys.stdout.buffer.write(b'?' + bytes(8))",
    "bad words": "import sys; sys.stdout.buffer.write(b'w' + bytes(7) + b'\\2' + b'[]')",
    "no json": "import sys; sys.stdout.buffer.write(b'w' + bytes(7) + b'\\2' + b'{x')",
    "an unknown fault": "import sys; sys.stdout.buffer.write(b'w' + bytes(7) + b'\\x0d' + b'{\"fault\":\"x\"}')",
    "endless": "import sys; sys.stdout.buffer.write(b'+' + bytes(4) + b'\\xff' * 4)",
    "crash": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
}


@pytest.mark.parametrize("name", _CHILDREN)
async def test_a_child_that_crashes_or_says_junk_is_a_damaged_file(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And never an error that nobody expects."""
    monkeypatch.setattr(helper, "_COMMAND", (sys.executable, "-S", "-c", _CHILDREN[name]))
    with pytest.raises(FileError) as caught:
        await read_apart(b"9" * 1_000_000, "", None)
    assert caught.value.fault is FileFault.DAMAGED


@pytest.mark.parametrize("end", ["SIGABRT", "SIGKILL", "SIGXCPU"])
async def test_a_child_that_its_limits_end_is_too_slow(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory, time, or the system's own keeper of memory."""
    child = f"import os, signal; os.kill(os.getpid(), signal.{end})"
    monkeypatch.setattr(helper, "_COMMAND", (sys.executable, "-S", "-c", child))
    with pytest.raises(FileError) as caught:
        await read_apart(b"900000001", "", None)
    assert caught.value.fault is FileFault.TOO_SLOW


async def test_a_child_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a time, and it is gone then."""
    monkeypatch.setattr(helper, "_COMMAND", (sys.executable, "-S", "-c", "import signal; signal.pause()"))
    monkeypatch.setattr(helper, "MAX_SECONDS", 0.3)
    with pytest.raises(FileError) as caught:
        await read_apart(b"9" * 1_000_000, "", None)
    assert caught.value.fault is FileFault.TOO_SLOW


async def test_a_reading_that_is_cancelled_ends_its_child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Before the cancellation is felt: no child outlives its question."""
    born = tmp_path / "born"
    os.mkfifo(born)
    child = "import os, signal, sys; open(sys.argv[1], 'w').write(str(os.getpid())); signal.pause()"
    monkeypatch.setattr(helper, "_COMMAND", (sys.executable, "-S", "-c", child, str(born)))
    reading = asyncio.create_task(read_apart(b"9" * 1_000_000, "", None))
    pid = int(await asyncio.to_thread(born.read_text))
    os.kill(pid, 0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_child_starts_lean() -> None:
    """It imports nothing of the bot but the intake and the domain, and neither asyncio nor what draws much along."""
    check = "import sys, bot.intake.child; print(*sys.modules)"
    root = Path(helper.__file__).parents[2]
    out = subprocess.run(
        [sys.executable, "-c", check], env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=True
    )
    loaded = set(out.stdout.split())
    assert loaded.isdisjoint({"asyncio", "aiogram", "aiohttp", "httpx", "sqlalchemy", "logging", "python_calamine"})
    assert {name.split(".")[1] for name in loaded if name.startswith("bot.")} == {"domain", "intake"}


async def test_the_child_gets_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the environment only what a Python needs to start."""
    monkeypatch.setenv("BOT_TOKEN", "1:secret")
    assert not {"BOT_TOKEN", "OSONSMS_TOKEN"} & helper._environment().keys()


async def test_readings_side_by_side_do_not_mix() -> None:
    """Each has its own child."""
    files = [b"90000%04d\n" % n for n in range(4)]
    readings = await asyncio.gather(*(read_apart(data, "", None) for data in files))
    assert [reading.recipients[0].data for reading in readings] == [b"99290000%04d,1\n" % n for n in range(4)]
