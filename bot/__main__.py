"""The command line: `python -m bot [run | worker | demo | check | migrate | backup FILE]`."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.logs import set_up_logs
from bot.settings import Settings, SettingsError, load_settings

COMMANDS = {
    "run": "run the bot (the default)",
    "worker": "run only the sending and tracking, beside a process that runs the bot (PostgreSQL)",
    "demo": "run the bot on stand-ins for Telegram and OsonSMS, with a chat page in the browser",
    "check": "tell whether the settings, Telegram, OsonSMS and the database work",
    "migrate": "bring the database up to date",
    "backup": "copy the log (SQLite) to FILE while the bot runs",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code: 0 well, 1 not well, 2 a wrong setting or argument."""
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    for name, help_text in COMMANDS.items():
        command = commands.add_parser(name, help=help_text, description=help_text)
        if name == "backup":
            command.add_argument("file", type=Path)
        if name == "demo":
            command.add_argument("--port", type=int, default=8025, help="of the page (default 8025)")
    chosen = parser.parse_args(arguments)
    try:
        return _run(chosen)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except (SQLAlchemyError, OSError) as error:
        print(f"DATABASE_URL is wrong, or the database is not to be had: {type(error).__name__}", file=sys.stderr)
        return 2


def _run(chosen: argparse.Namespace) -> int:
    match chosen.command:
        case "demo":
            from bot.sandbox.demo import demo

            return demo(chosen.port)
        case "check":
            return _check()
        case "migrate":
            return _migrate(load_settings())
        case "backup":
            return _backup(load_settings(), chosen.file)
        case _:
            return _serve(load_settings(), telegram=chosen.command != "worker")


def _serve(settings: Settings, *, telegram: bool) -> int:
    from bot.app import App  # imports aiogram, which takes 2 s

    set_up_logs(settings.log_level, (settings.bot_token.get_secret_value(), settings.osonsms_token.get_secret_value()))

    async def serve() -> None:
        app = App(settings)
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, app.stop.set)
        await app.run(telegram=telegram)

    asyncio.run(serve())
    return 0


def _check() -> int:
    from bot.check import check, table

    set_up_logs("ERROR")
    findings = asyncio.run(check())
    print(table(findings))
    return 0 if all(finding.well for finding in findings) else 1


def _migrate(settings: Settings) -> int:
    from bot.store import Store

    async def migrate() -> None:
        store = Store(settings.database_url)
        try:
            await store.migrate()
        finally:
            await store.close()

    asyncio.run(migrate())
    return 0


def _backup(settings: Settings, target: Path) -> int:
    from bot.store.backup import BackupError, backup

    try:
        count = backup(settings.database_url, target)
    except BackupError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{target}: {count} messages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
