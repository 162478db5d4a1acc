"""Bots without the wait: all is imported once (aiogram alone takes seconds); each life is a fork, new in all else."""

import asyncio
import contextlib
import os
import signal
import sys
import traceback
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.world import REPOSITORY, World


class Life:
    """A bot, from its fork to its end."""

    def __init__(self, pid: int, ended: "asyncio.Task[int]") -> None:
        self._pid = pid
        self._ended = ended

    def kill(self) -> None:
        """SIGKILL, now."""
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM: end in order."""
        self._send(signal.SIGTERM)

    async def wait(self, seconds: float) -> int:
        """The exit code, negative for a signal. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            return await asyncio.shield(self._ended)

    def _send(self, number: int) -> None:
        if not self._ended.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, number)


class Nursery:
    """Gives birth to one bot after the other."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @asynccontextmanager
    async def life(self, log: Path) -> AsyncIterator[Life]:
        """A bot, killed at the end of the block if it still lives then; its log goes to `log`."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(f"{log}\n".encode())
        life = Life(await self._number(), asyncio.create_task(self._number()))
        try:
            yield life
        finally:
            life.kill()
            await life.wait(10)

    async def _number(self) -> int:
        stdout = self._process.stdout
        assert stdout is not None
        return int(await stdout.readline())


@asynccontextmanager
async def nursery(world: World, **changes: str) -> AsyncIterator[Nursery]:
    """A nursery whose bots live in `world`, with these settings."""
    environment = os.environ | world.environment(**changes) | {"PYTHONPATH": str(REPOSITORY)}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.torture.nursery"), env=environment, cwd=world.folder, stdin=pipe, stdout=pipe
    )
    try:
        yield Nursery(process)
    finally:
        process.kill()
        await process.communicate()


def main() -> None:
    """For each line with the name of a log: a bot; its pid is printed, and its exit code when it has ended."""
    from tests.support import quick_bot

    for log in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _be_born(log.strip())
            os._exit(_run(quick_bot.main()))
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _be_born(log: str) -> None:
    """Leave the nursery's pipes alone."""
    nothing, written = os.open(os.devnull, os.O_RDWR), os.open(log, os.O_WRONLY | os.O_CREAT)
    for ours, of_nursery in ((nothing, 0), (nothing, 1), (written, 2)):
        os.dup2(ours, of_nursery)


def _run(bot: Coroutine[None, None, None]) -> int:
    try:
        asyncio.run(bot)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main()
