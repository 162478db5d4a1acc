"""Handlers, a behaviour each. The order on this screen is the order in which they are asked."""

from aiogram import Router

from bot.telegram.handlers import (
    account,
    campaign,
    contact,
    document,
    draft,
    export,
    failure,
    files,
    general,
    history,
    inbox,
    language,
    notify,
    resend,
    send,
    stats,
    status,
    stop_list,
    typed,
)


def routers() -> list[Router]:
    """Routers, first asked first; `typed` takes what is left."""
    rooms = (
        failure,
        general,
        language,
        send,
        status,
        inbox,
        resend,
        stop_list,
        history,
        stats,
        notify,
        account,
        campaign,
        files,
        export,
        draft,
        contact,
        document,
        typed,
    )
    return [room.router() for room in rooms]
