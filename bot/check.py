"""`python -m bot check`: do the settings, Telegram, the gateway and the database work; if not, what to do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from bot.domain.errors import AccountError, GatewayError
from bot.domain.message import new_txn_id
from bot.osonsms import Credentials, OsonSMS
from bot.settings import Settings, SettingsError, load_settings
from bot.store import Store

_SECONDS = 10.0
_OK = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table."""

    what: str
    well: bool
    said: str


async def check() -> list[Finding]:
    """Check everything there is to check; what hangs on a wrong setting is not tried."""
    try:
        settings = load_settings()
    except SettingsError as error:
        return [Finding(*_split(line)) for line in str(error).splitlines()]
    findings = [Finding(name.upper(), well=True, said=_shown(settings, name)) for name in Settings.model_fields]
    for name, probe in (("Telegram", _telegram), ("OsonSMS", _gateway), ("database", _database)):
        findings.append(await _probed(name, probe, settings))
    return findings


def table(findings: list[Finding]) -> str:
    """The findings as a table for a terminal."""
    width = max(len(finding.what) for finding in findings)
    return "\n".join(f"{'ok ' if f.well else 'BAD'}  {f.what.ljust(width)}  {f.said}" for f in findings)


def _split(line: str) -> tuple[str, bool, str]:
    name, _, said = line.partition(" ")
    return name, False, said


def _shown(settings: Settings, name: str) -> str:
    """The value as it may be shown: secrets hide themselves, and a database's address may hold a password."""
    value = getattr(settings, name)
    if name == "database_url":
        return str(value).rsplit("@", maxsplit=1)[-1]
    return "(empty)" if value is None else str(value)


async def _probed(name: str, probe: Callable[[Settings], Awaitable[str]], settings: Settings) -> Finding:
    try:
        return Finding(name, well=True, said=await probe(settings))
    except CheckError as error:
        return Finding(name, well=False, said=str(error))


class CheckError(Exception):
    """Something does not work; its text says what to do."""


async def _telegram(settings: Settings) -> str:
    url = f"{settings.telegram_api_url}/bot{settings.bot_token.get_secret_value()}/getMe"
    try:
        async with httpx.AsyncClient(timeout=_SECONDS) as client:
            answer = await client.get(url)
        found = answer.json()["result"]["username"] if answer.status_code == _OK else None
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise CheckError(f"does not answer at TELEGRAM_API_URL ({type(error).__name__}): check the network") from None
    if found is None:
        raise CheckError(f"refuses BOT_TOKEN (HTTP {answer.status_code}): ask @BotFather for the token")
    return f"the bot is @{found}"


async def _gateway(settings: Settings) -> str:
    client = OsonSMS(
        Credentials(settings.osonsms_login, settings.osonsms_token.get_secret_value()),
        api_url=settings.osonsms_api_url,
        cabinet_url=settings.osonsms_cabinet_url,
    )
    try:
        balance = await client.balance(new_txn_id())
    except AccountError as error:
        raise CheckError(f"{error}: check OSONSMS_LOGIN, OSONSMS_TOKEN and the white list") from None
    except GatewayError as error:
        raise CheckError(f"{error}: check OSONSMS_API_URL and the network") from None
    finally:
        await client.aclose()
    return f"balance {balance.amount} TJS"


async def _database(settings: Settings) -> str:
    store = Store(settings.database_url)
    try:
        await store.migrate()
        async with store.read() as log:
            pause = await log.current_pause()
    except Exception as error:
        raise CheckError(
            f"does not work ({type(error).__name__}): check DATABASE_URL, and that it may be written"
        ) from None
    finally:
        await store.close()
    return "ready" if pause is None else f"ready; sending is paused: {pause.reason}"
