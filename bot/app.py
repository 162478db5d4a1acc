"""The composition root: builds everything, starts it, and stops it in order. Plain constructors; nothing is global."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial

import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import AiogramError, TelegramUnauthorizedError
from aiogram.types import LinkPreviewOptions
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from bot.domain.timing import Timing
from bot.i18n import LANGUAGES, Translator
from bot.metrics import MeasuredGateway
from bot.osonsms.client import OsonSMS
from bot.osonsms.protocol import Credentials
from bot.services.account import LookAtAccount
from bot.services.admit import Admit, Languages
from bot.services.balance import AskBalance, watch_balance
from bot.services.compose import Compose
from bot.services.count import Count
from bot.services.digest import Digest
from bot.services.dispatch import Dispatch, DispatchBulk
from bot.services.look_back import LookBack
from bot.services.look_up import LookUp
from bot.services.manage_campaign import ManageCampaign
from bot.services.notify import Notify
from bot.services.pause import Resume, WatchBalance
from bot.services.plan_campaign import PlanCampaign
from bot.services.read_list import ReadList
from bot.services.resend import Resend
from bot.services.run_campaigns import RunCampaigns
from bot.services.settle import Settle
from bot.services.sheets import Limits
from bot.services.stop_list import StopList
from bot.services.tell import Tell
from bot.services.track import Track
from bot.settings import Settings, SettingsError
from bot.store import Store
from bot.telegram.background import Background
from bot.telegram.balance import ShowBalance
from bot.telegram.exports import Exports
from bot.telegram.fetch import FetchFile
from bot.telegram.gate import ALLOWED_UPDATES, Gate
from bot.telegram.handlers import routers
from bot.telegram.menu import publish
from bot.telegram.patience import Patience
from bot.telegram.screen import Screen
from bot.telegram.views import Money
from bot.web import WEBHOOK_PATH, create_app, served
from bot.workers import Bell, Courtesy, Pump, at_intervals, every, supervised, until

log = structlog.get_logger()
_POLLS_AT_A_TIME, _POLLS_IN_A_BATCH = 8, 32
_REST_BETWEEN_POLLS = 0.05
_POLLS_FOR_A_SEND = 0.5
_TIDY_SECONDS = 600.0
_COUNT_SECONDS = 3600.0

Work = Callable[[], Awaitable[None]]


def _now() -> datetime:
    return datetime.now(UTC)


def build_gateway(settings: Settings, timing: Timing) -> OsonSMS:
    """The client of OsonSMS, one for the life of the process."""
    return OsonSMS(
        Credentials(settings.osonsms_login, settings.osonsms_token.get_secret_value()),
        api_url=settings.osonsms_api_url,
        cabinet_url=settings.osonsms_cabinet_url,
        concurrency=settings.send_concurrency + _POLLS_AT_A_TIME + 2,
        timeout=timing.call,
    )


class App:
    """The whole bot. `stop` ends it in order: nothing new is begun, what is under way is finished and recorded."""

    def __init__(self, settings: Settings, timing: Timing | None = None, limits: Limits | None = None) -> None:
        self._settings = settings
        self._timing = timing or Timing()
        self._limits = limits or Limits()
        self.stop = asyncio.Event()
        self.bell = Bell()
        self._ended = Bell()
        """Rung when a campaign has ended."""
        self.store = Store(settings.database_url)
        self._client = build_gateway(settings, self._timing)
        self._gateway = MeasuredGateway(self._client)
        self._courtesy = Courtesy(settings.send_concurrency)
        self._hurry_sending: Callable[[], None] = lambda: None
        self._count = Count(self.store, _now, settings.zone)
        self._tell = Tell(settings.admin_ids, self._timing)
        self._digest = Digest(self.store, _now, self.bell.ring, settings.zone, settings.admin_ids, self._count)
        # Questions have a pace of their own, below that of the sends: whoever limits the one limits the other.
        polls = settings.send_rate * _POLLS_FOR_A_SEND if settings.send_rate else None
        self._track = Track(
            self.store, self._gateway, _now, self._timing, self.bell.ring, self._tell, self._rest, polls
        )
        self._ask_balance = AskBalance(
            self.store,
            self._gateway,
            _now,
            self.bell.ring,
            settings.admin_ids,
            price=settings.price_per_part,
            limit=settings.low_balance,
        )
        self._compose = Compose(self.store, _now, self._timing, self._hurry, settings.osonsms_sender)

    async def run(self, *, telegram: bool = True) -> None:
        """Run until `stop` is set; without `telegram` only the workers, beside a process that has it.

        Raises:
            SettingsError: Telegram does not know the bot's token, or the port is taken.
        """
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.store.close)
            stack.push_async_callback(self._client.aclose)
            await self.store.migrate()
            work = self._workers()
            web_app = create_app(self.store, self._gateway.exposition)
            if telegram:
                work |= await stack.enter_async_context(self._telegram(web_app))
            await stack.enter_async_context(self._serve(web_app))
            stopping = asyncio.create_task(self._ring_at_stop())
            async with asyncio.TaskGroup() as group:
                for name, step in work.items():
                    group.create_task(supervised(name, step, self.stop))
            await stopping
        log.info("stopped")

    def _hurry(self) -> None:
        """An admin has ordered something: it does not wait until a campaign has room."""
        self._hurry_sending()
        self.bell.ring()

    def _rest(self) -> float:
        """Seconds before a question for a campaign's message: while sends fill the processor, hundreds go for one."""
        return _REST_BETWEEN_POLLS if self._courtesy.is_pressed else 0.0

    async def _ring_at_stop(self) -> None:
        await self.stop.wait()
        self.bell.ring()
        self._ended.ring()

    def _workers(self) -> dict[str, Work]:
        """The lanes of work that leads to the gateway."""
        settings, timing, store = self._settings, self._timing, self.store
        dispatch = Dispatch(store, self._gateway, _now, timing, settings.send_rate, settings.admin_ids)
        bulk = DispatchBulk(store, self._gateway, _now, timing, settings.admin_ids)
        ask_balance = self._ask_balance
        watch = WatchBalance(store, ask_balance, _now, timing, self.bell.ring)
        pump = partial(Pump, bell=self.bell, idle=timing.idle)
        ring, price = self.bell.ring, settings.price_per_part
        campaigns = RunCampaigns(store, ask_balance, _now, timing, ring, self._ended.ring, price, self._tell)
        look = partial(watch_balance, ask_balance)
        # A slot is given out at its time and no sooner: at a slow pace they are looked for as often as they come.
        idle = min(timing.idle, 1 / settings.send_rate) if settings.send_rate else timing.idle
        courtesy = self._courtesy
        sending = Pump(dispatch, courtesy.width, self.bell, idle)
        self._hurry_sending = sending.hurry
        # Sends go before questions where the processor has no room for both; a batch of them costs the commits of one.
        polls = partial(pump, batch=_POLLS_IN_A_BATCH, rest=timing.advance)
        tracking = polls(self._track, lambda: 1 if courtesy.is_pressed else _POLLS_AT_A_TIME)
        return {
            "dispatch": partial(sending.run, self.stop),
            "bulk": partial(pump(bulk, lambda: 1, rest=timing.advance).run, self.stop),
            "track": partial(tracking.run, self.stop),
            "campaigns": partial(every, campaigns, self.bell.ear(), timing.idle, self.stop, timing.advance),
            "balance": partial(every, watch, self.bell.ear(), timing.balance_probe, self.stop, timing.advance),
            "digest": partial(at_intervals, self._digest, self._timing.digest, self.stop),
            "count": partial(until, self.stop, partial(at_intervals, self._count.keep_up, _COUNT_SECONDS, self.stop)),
            "look": partial(every, look, self._ended.ear(), timing.balance_watch, self.stop, timing.advance),
            "tidy": partial(at_intervals, self._compose.drop_outdated, _TIDY_SECONDS, self.stop),
        }

    @asynccontextmanager
    async def _serve(self, web_app: web.Application) -> AsyncIterator[None]:
        settings = self._settings
        if not settings.http_port:
            yield
            return
        try:
            async with served(web_app, settings.http_host, settings.http_port):
                yield
        except OSError as error:
            raise SettingsError(f"HTTP_PORT is wrong: {settings.http_port} cannot be used ({error.strerror})") from None

    @asynccontextmanager
    async def _telegram(self, web_app: web.Application) -> AsyncIterator[dict[str, Work]]:
        """The work of talking to Telegram."""
        settings, store = self._settings, self.store
        languages = Languages(store, settings.language)
        money = Money(settings.price_per_part, settings.low_balance)
        background = Background()
        async with self._bot() as bot, self._bot() as screen_bot:
            bot.session.middleware(Patience())
            admit = Admit(store, _now, settings.admin_ids)
            gate = Gate(admit, languages, settings.zone, self._courtesy.give_way)
            dispatcher = self._dispatcher(gate, languages, money, background)
            screen = Screen(screen_bot, store, languages, settings.zone, money, self._rate, self._count)
            priced = settings.price_per_part is not None
            read = ReadList(store, self._ask_balance, FetchFile(bot), _now, self.bell.ring, priced=priced)
            notify = Notify(store, screen, _now, self._timing)
            await self._meet(screen_bot)
            async with AsyncExitStack() as stack:
                stack.push_async_callback(background.close)
                listen = self._listen(web_app, dispatcher, bot)
                show = partial(every, notify, self.bell.ear(), self._timing.idle, self.stop)
                read_all = partial(
                    until, self.stop, partial(every, read, self.bell.ear(), self._timing.idle, self.stop)
                )
                yield {"notify": show, "telegram": listen, "read": read_all, "menu": partial(self._publish_menu, bot)}

    def _rate(self) -> float | None:
        """Messages a second that can leave at present, if that is known."""
        settings, seconds = self._settings, self._gateway.send_seconds
        possible = settings.send_concurrency / seconds if seconds else None
        known = [rate for rate in (settings.send_rate, possible) if rate is not None]
        return min(known) if known else None

    @asynccontextmanager
    async def _bot(self) -> AsyncIterator[Bot]:
        session = AiohttpSession(api=TelegramAPIServer.from_base(self._settings.telegram_api_url))
        properties = DefaultBotProperties(parse_mode=ParseMode.HTML, link_preview=LinkPreviewOptions(is_disabled=True))
        bot = Bot(self._settings.bot_token.get_secret_value(), session=session, default=properties)
        try:
            yield bot
        finally:
            await bot.session.close()

    def _dispatcher(self, gate: Gate, languages: Languages, money: Money, background: Background) -> Dispatcher:
        store, ring, sender = self.store, self.bell.ring, self._settings.osonsms_sender
        look = LookAtAccount(store, self._ask_balance, _now, self._settings.zone, self._settings.price_per_part)
        dispatcher = Dispatcher(
            gate=gate,
            languages=languages,
            money=money,
            background=background,
            exports=Exports(store, background, _now, self._settings.zone, self._timing, self._limits),
            limits=self._limits,
            zone=self._settings.zone,
            clock=_now,
            store=store,
            show_balance=ShowBalance(self._ask_balance, look, store, money),
            track=self._track,
            compose=self._compose,
            plan_campaign=PlanCampaign(store, _now, self._timing, self._hurry, sender),
            count=self._count,
            digest=self._digest,
            look_up=LookUp(store, _now, ring),
            look_back=LookBack(store, _now, self._settings.zone),
            admins=self._settings.admin_ids,
            manage_campaign=ManageCampaign(store, _now, ring),
            resend=Resend(store, self._compose),
            settle=Settle(store, _now, ring),
            stop_list=StopList(store, _now, ring),
            resume=Resume(store, _now, ring),
            disable_fsm=True,
        )
        dispatcher.update.outer_middleware(gate)
        dispatcher.include_routers(*routers())
        return dispatcher

    async def _meet(self, bot: Bot) -> None:
        """See whether Telegram knows the token. If it does not answer now, sending goes on all the same.

        Raises:
            SettingsError: it does not.
        """
        try:
            log.info("running", bot=(await bot.get_me()).username)
        except TelegramUnauthorizedError:
            raise SettingsError("BOT_TOKEN is wrong: Telegram does not know it; ask @BotFather for the token") from None
        except AiogramError as error:
            log.warning("telegram does not answer yet", error=type(error).__name__)

    async def _publish_menu(self, bot: Bot) -> None:
        translators = {code: Translator(code, self._settings.zone) for code in LANGUAGES}
        await publish(bot, translators, self._settings.language)

    def _listen(self, web_app: web.Application, dispatcher: Dispatcher, bot: Bot) -> Work:
        """Hear what is written: by webhook if there is one, else by asking."""
        settings = self._settings
        if not settings.webhook_url:
            return partial(self._poll, dispatcher, bot)
        secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else None
        # In the foreground: Telegram may forget an update only once it is in the log.
        handler = SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token=secret)
        handler.register(web_app, path=WEBHOOK_PATH)
        return partial(self._set_webhook, bot)

    async def _set_webhook(self, bot: Bot) -> None:
        settings = self._settings
        secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else None
        url = f"{settings.webhook_url}{WEBHOOK_PATH}"
        await bot.set_webhook(url, secret_token=secret, allowed_updates=ALLOWED_UPDATES)
        await self.stop.wait()

    async def _poll(self, dispatcher: Dispatcher, bot: Bot) -> None:
        """One update after the other: an update is asked for anew until its handler is through.

        So an order that was received and not yet logged when the process died comes again.
        """
        await bot.delete_webhook()
        polling = asyncio.create_task(
            dispatcher.start_polling(
                bot,
                handle_as_tasks=False,
                handle_signals=False,
                close_bot_session=False,
                allowed_updates=ALLOWED_UPDATES,
            )
        )
        stopping = asyncio.create_task(self.stop.wait())
        await asyncio.wait([polling, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not polling.done():
            await dispatcher.stop_polling()
        await polling
