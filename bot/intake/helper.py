"""Asks a child process (`bot.intake.child`) and ends it, whatever comes of it."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from bot.intake.faults import FileError, FileFault
from bot.intake.frames import HEAD, WORDS, Words
from bot.intake.pieces import MAX_LISTED

MAX_SECONDS = 60.0
_COMMAND = (sys.executable, "-P", "-m", "bot.intake")
_ROOT = Path(__file__).parents[2]
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT")
"""Of the environment; the bot's secrets are none of the child's business."""
_CHUNK = 1 << 16
_MAX_ANSWER = 3 * MAX_LISTED
"""Both kinds of pieces, and the summary."""
_OUT_OF_MEANS = (signal.SIGABRT, signal.SIGKILL, *((signal.SIGXCPU,) if sys.platform != "win32" else ()))
"""How a child dies of its limits: the workbook library aborts where memory ends."""

_FAULTS = {fault.value: fault for fault in FileFault}

Take: TypeAlias = Callable[[bytes, int, bytes], None]
"""Takes what a frame holds, its rows, its bytes."""


def _take_none(what: bytes, rows: int, content: bytes) -> None:
    raise FileError(FileFault.DAMAGED)


async def ask(request: Iterable[bytes], take: Take = _take_none) -> Words:
    """Send a request to a child of its own; `take` gets the frames that come before the answer.

    Raises:
        FileError: the child's own, or what became of it.
    """
    command = asyncio.create_subprocess_exec(*_COMMAND, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=_environment())
    process = await command
    try:
        async with asyncio.timeout(MAX_SECONDS):
            answer = await _converse(process, request, take)
            await process.wait()  # it ends by itself; killing would take its status away from asyncio
    except TimeoutError as error:
        raise FileError(FileFault.TOO_SLOW) from error
    finally:
        await _end(process)
    if "fault" in answer:
        raise FileError(_FAULTS.get(str(answer["fault"]), FileFault.DAMAGED))
    return answer


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
    return kept | {"PYTHONPATH": path}


async def _converse(process: Process, request: Iterable[bytes], take: Take) -> Words:
    if not process.stdin or not process.stdout:
        raise TypeError("a child without pipes")
    with suppress(BrokenPipeError, ConnectionResetError):  # what comes back tells why
        await _send(process.stdin, request)
    try:
        return await _receive(process.stdout, take)
    except asyncio.IncompleteReadError as error:
        died_of = -await process.wait()
        raise FileError(FileFault.TOO_SLOW if died_of in _OUT_OF_MEANS else FileFault.DAMAGED) from error
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FileError(FileFault.DAMAGED) from error


async def _send(stdin: asyncio.StreamWriter, request: Iterable[bytes]) -> None:
    for part in request:
        view = memoryview(part)
        for at in range(0, len(view), _CHUNK):  # the pipe would keep a copy of the rest
            stdin.write(view[at : at + _CHUNK])
            await stdin.drain()
    stdin.close()


async def _receive(stdout: asyncio.StreamReader, take: Take) -> Words:
    room = _MAX_ANSWER
    while True:
        what, rows, size = HEAD.unpack(await stdout.readexactly(HEAD.size))
        room -= size
        if room < 0:
            raise FileError(FileFault.DAMAGED)
        content = await stdout.readexactly(size)
        if what == WORDS:
            return dict(json.loads(content))
        take(what, rows, content)


async def _end(process: Process) -> None:
    """End the child and wait for it. It counts as gone only when its pipes are read to their end."""
    with suppress(ProcessLookupError):
        if process.returncode is None:
            process.kill()
    if process.stdin and not process.stdin.is_closing():
        process.stdin.transport.abort()
    if process.stdout:
        while await process.stdout.read(_CHUNK):
            pass
    await process.wait()
