"""What wakes the workers."""

import asyncio


class Bell:
    """Wakes every worker that listens; without it they look again after a while by themselves."""

    def __init__(self) -> None:
        self._ears: list[Ear] = []

    def ring(self) -> None:
        """There may be something to do."""
        for ear in self._ears:
            ear.heard.set()

    def ear(self) -> "Ear":
        """An ear of one's own."""
        ear = Ear()
        self._ears.append(ear)
        return ear


class Ear:
    """One listener: a ring that came while it worked is not lost on it."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Sleep until it rings, `seconds` at most; not at all if it has rung since the last `forget`."""
        try:
            async with asyncio.timeout(seconds):
                await self.heard.wait()
        except TimeoutError:
            return

    def forget(self) -> None:
        """Look now; only what rings from here on is news."""
        self.heard.clear()
