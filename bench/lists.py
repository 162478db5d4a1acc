"""What the benchmarks of campaigns share: a bot on their gateway, and a list that is ready to be confirmed."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.app import App
from bot.domain.draft import Order, Step
from bot.domain.timing import Timing
from bot.intake import fit, read_list
from bot.services.plan_campaign import PlanCampaign
from bot.settings import Settings

ADMIN = 1


def settings(url: str, folder: Path, concurrency: int, **more: Any) -> Settings:
    """The bot as it comes, on this gateway."""
    values: dict[str, Any] = {
        "bot_token": "1:bench",
        "admin_ids": str(ADMIN),
        "osonsms_login": "bench",
        "osonsms_token": "token",
        "osonsms_sender": "BENCH",
        "osonsms_api_url": url,
        "osonsms_cabinet_url": url,
        "database_url": f"sqlite+aiosqlite:///{folder}/bot.db",
        "send_concurrency": concurrency,
        "http_port": 0,
        "log_level": "ERROR",
    }
    return Settings(_env_file=None, **values | more)


async def begin(app: App, phones: Iterable[str], text: str, timing: Timing) -> Callable[[], Awaitable[int]]:
    """Read a list into a draft; return what confirms it and gives the campaign's number."""
    reading = read_list("".join(f"{phone}\n" for phone in phones).encode(), "bench.csv")
    order = Order(text=text, sender="BENCH", file_name="bench.csv", phone_list=reading.phone_list)
    order = replace(order, phone_list=fit(reading.phone_list, (), order.wording))
    async with app.store.write() as log:
        draft_id = await log.add_draft("bench", ADMIN, ADMIN, Step.CONFIRM, order, datetime.now(UTC))
        assert draft_id
        await log.add_pieces(draft_id, reading.recipients)
    plan = PlanCampaign(app.store, lambda: datetime.now(UTC), timing, app.bell.ring, "BENCH")

    async def confirm() -> int:
        assert await plan.confirm(draft_id, ADMIN, scheduled=False)
        async with app.store.read() as log:
            return (await log.latest_campaigns(1))[0].campaign.id

    return confirm
