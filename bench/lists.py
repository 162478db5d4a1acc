"""What the benchmarks of campaigns share: a bot on their gateway, and a list that is ready to be confirmed."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.app import App
from bot.domain.campaign import CampaignReport
from bot.domain.draft import Order, Step
from bot.domain.timing import Timing
from bot.intake import fit, read_list
from bot.services.plan_campaign import PlanCampaign
from bot.settings import Settings
from bot.store import Store

ADMIN = 900000001
TEXT = "Салом! Ваш заказ 25 & 26 готов, скидка 10 %"
AT_ONCE = Timing(undo=0.0)


def phone(number: int) -> str:
    """A phone of no one."""
    return f"99290{number:07d}"


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
        "language": "en",
        "log_level": "ERROR",
    }
    return Settings(_env_file=None, **values | more)


async def draft(store: Store, phones: Iterable[str], text: str = TEXT) -> int:
    """Read a list into a draft that has only to be confirmed; return its number."""
    reading = read_list("".join(f"{phone}\n" for phone in phones).encode(), "bench.csv")
    order = Order(text=text, sender="BENCH", file_name="bench.csv", phone_list=reading.phone_list)
    order = replace(order, phone_list=fit(reading.phone_list, (), order.wording))
    async with store.write() as log:
        draft_id = await log.add_draft("bench", ADMIN, ADMIN, Step.CONFIRM, order, datetime.now(UTC))
        assert draft_id
        await log.add_pieces(draft_id, reading.recipients)
    return draft_id


async def confirm(app: App, draft_id: int) -> int:
    """Confirm it as its button does; return the campaign's number."""
    plan = PlanCampaign(app.store, lambda: datetime.now(UTC), AT_ONCE, app.bell.ring, "BENCH")
    assert await plan.confirm(draft_id, ADMIN, scheduled=False)
    async with app.store.read() as log:
        return (await log.latest_campaigns(1))[0].campaign.id


async def look(app: App, campaign_id: int) -> CampaignReport:
    """Where it stands."""
    async with app.store.read() as log:
        report = await log.campaign(campaign_id)
    assert report
    return report


@asynccontextmanager
async def running(app: App, *, telegram: bool = False) -> AsyncIterator[None]:
    """The bot at work, until the block ends."""
    task = asyncio.create_task(app.run(telegram=telegram))
    await asyncio.sleep(1)
    try:
        yield
    finally:
        app.stop.set()
        await task
