"""One thing to wait on for whoever waits for news, so that nobody has to poll."""

import asyncio


class Bell:
    """Rings for all who wait at that moment; who comes later waits for the next ring."""

    def __init__(self) -> None:
        self._ring = asyncio.Event()

    def ring(self) -> None:
        """Wake everyone who waits now."""
        self._ring.set()
        self._ring = asyncio.Event()

    async def heard(self, seconds: float) -> bool:
        """Wait for the next ring, at most so many seconds; whether it came."""
        try:
            async with asyncio.timeout(seconds):
                await self._ring.wait()
        except TimeoutError:
            return False
        return True
