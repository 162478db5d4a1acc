"""Let a paused campaign go on, or cancel what of it has not left."""

from bot.services.ports import Clock, Ring, Store


class ManageCampaign:
    """A campaign once it is confirmed."""

    def __init__(self, store: Store, clock: Clock, ring: Ring) -> None:
        self._store = store
        self._clock = clock
        self._ring = ring

    async def resume(self, campaign_id: int) -> None:
        """Let it go on."""
        async with self._store.write() as log:
            await log.pause_campaign(campaign_id, self._clock(), paused=False)
        self._ring()

    async def cancel(self, campaign_id: int) -> int:
        """Cancel what is still queued and cannot have left; return how many messages that was."""
        now = self._clock()
        async with self._store.write() as log:
            cancelled = await log.cancel_campaign_messages(campaign_id, now)
            await log.pause_campaign(campaign_id, now, paused=False)
        self._ring()
        return cancelled
