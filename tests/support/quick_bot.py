"""`python -m tests.support.quick_bot`: the real bot with the waiting times of the tests, in a process to be killed."""

import asyncio
import signal

from bot.app import App
from bot.logs import set_up_logs
from bot.settings import load_settings
from tests.support.timing import HASTY


async def main() -> None:
    """Run until SIGTERM, or for good."""
    settings = load_settings()
    set_up_logs(settings.log_level, (settings.bot_token.get_secret_value(), settings.osonsms_token.get_secret_value()))
    app = App(settings, HASTY)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, app.stop.set)
    await app.run()


if __name__ == "__main__":
    asyncio.run(main())
