"""The OsonSMS gateway: `OsonSMS` sends and asks, or raises one of `bot.domain.errors`; it knows nothing of the bot."""

from bot.osonsms.client import OsonSMS
from bot.osonsms.protocol import Credentials

__all__ = ["Credentials", "OsonSMS"]
