"""The Bot API's door: `/bot<TOKEN>/<method>` and `/file/bot<TOKEN>/<path>`."""

import contextlib
from typing import Any

from aiohttp import web

from . import methods
from .errors import ApiError
from .faults import Fault, Mode
from .params import Params, read_params
from .people import JSON
from .world import World

WORLD = web.AppKey("world", World)
UNAUTHORIZED = ApiError(401, "Unauthorized")


async def call(request: web.Request) -> web.StreamResponse:
    """One Bot API call: the fault that was switched on for it, or what the method does."""
    world = request.app[WORLD]
    if request.match_info["token"] != world.options.token:
        return _refusal(UNAUTHORIZED)
    name = request.match_info["method"]
    fault = world.faults.take(name)
    if fault is not None and fault.mode is Mode.RESET:
        world.calls.add(name, None, None, fault.mode)
        return _torn(request)
    params = Params({})
    try:
        params = await read_params(request, request.headers, request.query)
        answer = await _perform(world, name, params, fault)
    except ApiError as error:
        _note(world, name, params, error, fault)
        return _refusal(error)
    _note(world, name, params, None, fault)
    return _torn(request) if fault is not None else answer


async def _perform(world: World, name: str, params: Params, fault: Fault | None) -> web.Response:
    if fault is not None and (error := fault.error()) is not None:
        raise error
    return web.json_response({"ok": True, "result": await perform(world, name, params)})


async def perform(world: World, name: str, params: Params) -> Any:
    """Carry out a method. Raises ApiError."""
    found = methods.find(name)
    if found is None:
        raise ApiError(404, "Not Found: method not found")
    return await found[1](world, params)


def _note(world: World, name: str, params: Params, error: ApiError | None, fault: Fault | None) -> None:
    found = methods.find(name)
    chat_id: int | None = None
    with contextlib.suppress(ApiError):
        chat_id = params.number("chat_id")
    problem = (error.code, error.description) if error else None
    world.calls.add(found[0] if found else name, chat_id, problem, fault.mode if fault else None)


def _refusal(error: ApiError) -> web.Response:
    body: JSON = {"ok": False, "error_code": error.code, "description": error.description}
    headers = {}
    if error.retry_after is not None:
        body["parameters"] = {"retry_after": error.retry_after}
        headers["Retry-After"] = str(error.retry_after)
    return web.json_response(body, status=error.code, headers=headers)


def _torn(request: web.Request) -> web.Response:
    """Nothing reaches the caller but the end of the connection."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def download(request: web.Request) -> web.Response:
    """A file's bytes, at the path that getFile gave."""
    world = request.app[WORLD]
    if request.match_info["token"] != world.options.token:
        return _refusal(UNAUTHORIZED)
    file = world.files.by_path(request.match_info["path"])
    if file is None:
        return _refusal(ApiError(404, "Not Found"))
    return web.Response(body=file.content, content_type="application/octet-stream")


ROUTES = [
    web.route("*", "/bot{token:[^/]+}/{method:[^/]+}", call),
    web.get("/file/bot{token:[^/]+}/{path:.+}", download),
]
