"""Methods by which the bot hears: getUpdates and the webhook, never both."""

from bot.sandbox.telegram.errors import WEBHOOK_ACTIVE, ApiError
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.people import JSON
from bot.sandbox.telegram.world import World


async def get_updates(world: World, params: Params) -> list[JSON]:
    """The updates from `offset` on; waits for some up to `timeout` seconds."""
    if world.webhook.url:
        raise ApiError(409, WEBHOOK_ACTIVE)
    world.updates.allow(params.object("allowed_updates"))
    limit = params.number("limit") or 100
    updates = await world.updates.poll(
        params.number("offset") or 0, min(max(limit, 1), 100), max(params.number("timeout") or 0, 0)
    )
    if world.webhook.url:
        raise ApiError(409, "Conflict: terminated by setWebhook request")
    return updates


async def set_webhook(world: World, params: Params) -> bool:
    """Have updates delivered; an empty url ends that."""
    if not params.text("url"):
        return await delete_webhook(world, params)
    world.updates.allow(params.object("allowed_updates"))
    _drop_pending(world, params)
    await world.webhook.set(params.text("url"), params.text("secret_token"))
    world.webhook.max_connections = params.number("max_connections") or 40
    return True


async def delete_webhook(world: World, params: Params) -> bool:
    """Have updates delivered no longer; they wait for getUpdates."""
    _drop_pending(world, params)
    await world.webhook.delete()
    return True


async def get_webhook_info(world: World, params: Params) -> JSON:
    """Where updates go and what went wrong last."""
    return world.webhook.info()


def _drop_pending(world: World, params: Params) -> None:
    if params.flag("drop_pending_updates"):
        world.updates.pending.clear()


METHODS = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
