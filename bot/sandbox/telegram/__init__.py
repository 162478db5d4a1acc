"""A stand-in for Telegram: a Bot API server that is as strict as the real one, and people to talk with the bot.

It shares no code with what the bot uses, so that both cannot err alike. `docs/sandbox-telegram.md` is its manual.
"""

from .app import PREFIX, create_app
from .people import CHANNEL_ID, DEFAULT_TOKEN, GROUP_ID, PEOPLE, Person

__all__ = ["CHANNEL_ID", "DEFAULT_TOKEN", "GROUP_ID", "PEOPLE", "PREFIX", "Person", "create_app"]
