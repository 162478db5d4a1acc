"""Handlers, a behaviour each. The order on this screen is the order in which they are asked."""

from aiogram import Router

from bot.telegram.handlers import (
    account,
    campaign,
    contact,
    document,
    draft,
    failure,
    files,
    general,
    language,
    send,
    status,
    typed,
)


def routers() -> list[Router]:
    """Routers, first asked first; `typed` takes what is left."""
    rooms = (failure, general, language, send, status, account, campaign, files, draft, contact, document, typed)
    return [room.router() for room in rooms]
