"""The control API's reading side that waits: what changed in a chat, and the files that stand in it."""

import time
from typing import Any
from urllib.parse import quote

from aiohttp import web

from .api import WORLD
from .people import JSON, Chat
from .world import World

MAX_WAIT = 25.0
PICTURES = {"image/png", "image/jpeg", "image/gif"}
"""What the page may show in place; anything else is only ever downloaded."""


async def messages(request: web.Request) -> web.Response:
    """The messages of a chat that were changed after a version; waits up to `wait` seconds for a first change."""
    world = request.app[WORLD]
    try:
        chat = world.chats[int(request.match_info["chat_id"])]
        after, wait = int(request.query.get("after", 0)), float(request.query.get("wait", 0))
    except (KeyError, ValueError):
        return web.json_response({"error": "no such chat"}, status=400)
    if after > world.version:
        after = 0  # the reader remembers a stand-in that was there before this one
    await _news(world, after, min(wait, MAX_WAIT))
    return web.json_response(_feed(world, chat, after, request.path.partition("/control/")[0]))


async def _news(world: World, after: int, wait: float) -> None:
    deadline = time.monotonic() + wait
    while world.version <= after and not world.closed and (left := deadline - time.monotonic()) > 0:
        await world.bell.heard(left)


def _feed(world: World, chat: Chat, after: int, prefix: str) -> JSON:
    acting = chat.action if time.time() < chat.action_until else ""
    changed: list[dict[str, Any]] = [
        message.shown(f"{prefix}/control/files") for message in world.since(chat.id, after)
    ]
    return {"version": world.version, "epoch": world.epoch, "action": acting, "messages": changed}


async def file(request: web.Request) -> web.Response:
    """A file as the person sees it: a picture in place, all else as a download."""
    stored = request.app[WORLD].files.by_id(request.match_info["file_id"])
    if stored is None:
        raise web.HTTPNotFound
    shown = stored.mime_type in PICTURES
    response = web.Response(body=stored.content, headers={"X-Content-Type-Options": "nosniff"})
    response.content_type = stored.mime_type if shown else "application/octet-stream"
    disposition = "inline" if shown else "attachment"
    response.headers["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(stored.name, safe='')}"
    return response


ROUTES = [
    web.get(r"/control/chats/{chat_id:-?\d+}/messages", messages),
    web.get("/control/files/{file_id}", file),
]
