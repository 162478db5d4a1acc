"""Every setting: its type, its default and its meaning. Read once, from the environment and `.env`; then frozen."""

import re
from decimal import Decimal
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.domain.text import GSM7
from bot.i18n import LANGUAGES


class SettingsError(ValueError):
    """A setting is missing or wrong. Its text is one clear line for each, without the values: some are secret."""


def _ids(value: object) -> object:
    """`1, 2` → (1, 2)."""
    if not isinstance(value, str):
        return value
    return tuple(int(part) for part in value.replace(";", ",").split(",") if part.strip())


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as https://api.osonsms.com")
    return value.rstrip("/")


def _secure_url(value: str) -> str:
    """The token travels with every request, so plain http is for this machine alone."""
    url = _url(value)
    if urlsplit(url).scheme == "http" and not _is_loopback(urlsplit(url).hostname or ""):
        raise ValueError("must begin with https:// (plain http would show the token to everybody on the way)")
    return url


def _base_url(value: str) -> str:
    """The gateway's calls are put together behind it."""
    url = _secure_url(value)
    parts = urlsplit(url)
    if parts.query or parts.fragment or parts.username:
        raise ValueError("must be an address without a user, a query or a fragment")
    return url


def _header(value: SecretStr) -> SecretStr:
    """It travels in a header."""
    if not re.fullmatch(r"[!-~]+", value.get_secret_value()):
        raise ValueError("must be one word of Latin letters, digits and signs, without spaces")
    return value


def _webhook_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
        raise ValueError("must be 1 to 256 of A-Z a-z 0-9 _ -")
    return value


def _sender(value: str) -> str:
    if not (GSM7.issuperset(value) and value.isprintable()):
        raise ValueError("must be of Latin letters, digits and signs, as registered")
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _token(value: SecretStr) -> SecretStr:
    number, colon, rest = value.get_secret_value().partition(":")
    if not (colon and number.isdigit() and rest):
        raise ValueError("must look like 123456:ABC-DEF, as BotFather gives it")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("must be a zone such as Asia/Dushanbe") from error
    return value


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError(f"must be one of {', '.join(LANGUAGES)}")
    return value


def _database(value: str) -> str:
    if not value.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://")):
        raise ValueError("must begin with sqlite+aiosqlite:/// or postgresql+asyncpg://")
    return value


_SecureUrl = Annotated[str, AfterValidator(_secure_url)]
_Rate = Annotated[float, Field(gt=0, le=10_000)]
_Money = Annotated[Decimal, Field(ge=0)]
_Name = Annotated[str, Field(min_length=1, max_length=11), AfterValidator(_sender)]
_BaseUrl = Annotated[str, AfterValidator(_base_url)]


class Settings(BaseSettings):
    """The settings, one field each; the variable is the field's name in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True, env_ignore_empty=True
    )

    bot_token: Annotated[SecretStr, AfterValidator(_token)] = Field(description="The bot's token, from @BotFather.")
    admin_ids: Annotated[tuple[int, ...], NoDecode, BeforeValidator(_ids), Field(min_length=1)] = Field(
        description="Telegram ids of the owners, comma-separated. The bot tells a stranger his own id."
    )
    osonsms_login: Annotated[str, Field(min_length=1)] = Field(description="The account's login at OsonSMS.")
    osonsms_token: Annotated[SecretStr, Field(min_length=1), AfterValidator(_header)] = Field(
        description="The account's token at OsonSMS."
    )
    osonsms_sender: _Name = Field(description="The name that SMS come from, as registered; at most 11 characters.")
    osonsms_api_url: _BaseUrl = Field("https://api.osonsms.com", description="Where SMS are sent to.")
    osonsms_cabinet_url: _BaseUrl = Field("https://cab.osonsms.com", description="Where bulk lists are sent to.")
    telegram_api_url: _SecureUrl = Field(
        "https://api.telegram.org", description="The Bot API, or a server of your own."
    )
    database_url: Annotated[str, AfterValidator(_database)] = Field(
        "sqlite+aiosqlite:///data/bot.db", description="The log; or postgresql+asyncpg://user:password@host/name."
    )
    language: Annotated[str, AfterValidator(_language)] = Field(
        "ru", description="ru, tg or en, for whoever has not chosen with /language."
    )
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "Asia/Dushanbe", description="Whose clock times are told by."
    )
    send_rate: _Rate | None = Field(
        None,
        description="Messages a second, over all workers; delivery is asked for at half that pace. Empty: no limit.",
    )
    send_concurrency: Annotated[int, Field(ge=1, le=512)] = Field(64, description="Requests to the gateway at a time.")
    price_per_part: _Money | None = Field(None, description="TJS for one part of an SMS; empty: costs are not shown.")
    low_balance: _Money | None = Field(
        None,
        description="TJS; below it the balance is low, and admins are told. Empty: only if two days would use it up.",
    )
    http_host: str = Field("127.0.0.1", description="Where /health, /metrics and the webhook are served.")
    http_port: Annotated[int, Field(ge=0, le=65535)] = Field(8080, description="The port of the same; 0: not served.")
    webhook_url: _SecureUrl | None = Field(
        None, description="Public https address for Telegram to call; empty: the bot asks Telegram itself."
    )
    webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] | None = Field(
        None, description="Needed with WEBHOOK_URL: 1 to 256 of A-Z a-z 0-9 _ -"
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged.")

    @property
    def zone(self) -> ZoneInfo:
        """The zone of TIMEZONE."""
        return ZoneInfo(self.timezone)


def load_settings() -> Settings:
    """Read the settings from the environment and `.env`.

    Raises:
        SettingsError: with a line for each setting that is missing or wrong.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        lines = [_complaint(item["loc"], item["type"], item["msg"]) for item in error.errors()]
        raise SettingsError("\n".join(lines)) from None  # the original quotes the values
    if settings.webhook_url and not settings.webhook_secret:
        raise SettingsError("WEBHOOK_SECRET is not set: with WEBHOOK_URL, anybody could pose as Telegram without it")
    if settings.webhook_url and not settings.http_port:
        raise SettingsError("HTTP_PORT is 0: with WEBHOOK_URL, Telegram calls this port")
    return settings


def _complaint(place: tuple[int | str, ...], kind: str, message: str) -> str:
    name = str(place[0]).upper()
    if kind == "missing":
        return f"{name} is not set: {Settings.model_fields[str(place[0])].description}"
    return f"{name} is wrong: {message.removeprefix('Value error, ')}"
