"""The control API: shows what the gateway holds and sets what it does. JSON in, JSON out, 400 with a sentence."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Protocol

from aiohttp import web

from bot.sandbox.gateway.core import Gateway
from bot.sandbox.gateway.faults import FAULTS, MAGIC
from bot.sandbox.gateway.replies import Status
from bot.sandbox.gateway.switch import ControlError, read_seconds, read_switch, refuse_strangers
from bot.sandbox.gateway.web import GATEWAY
from bot.sandbox.gateway.whims import read_whims

Body = Mapping[str, object]


def state_of(gateway: Gateway) -> dict[str, object]:
    """The account, the switch, and what can be asked for."""
    options = gateway.options
    return {
        "login": options.login,
        "senders": list(options.senders),
        "balance": str(options.balance),
        "price": str(options.price),
        "currency": "TJS",
        "active": options.active,
        "whitelisted": options.whitelisted,
        "enroute_seconds": options.enroute_seconds,
        "delivered_seconds": options.delivered_seconds,
        "query_style": options.query_style,
        "allow_txn_only": options.allow_txn_only,
        "fault": gateway.switch.as_dict() if gateway.switch else None,
        "statuses": gateway.whims.as_dict(),
        "faults": list(FAULTS),
        "magic": [{"phone": row.phone, "meaning": row.meaning} for row in MAGIC.values()],
    }


# --- what is shown ----------------------------------------------------------------------------------------------------


async def state(request: web.Request) -> web.Response:
    """GET state."""
    return web.json_response(state_of(request.app[GATEWAY]))


async def messages(request: web.Request) -> web.Response:
    """GET messages?after=ID."""
    gateway, now = request.app[GATEWAY], request.app[GATEWAY].now()
    found = gateway.outbox.messages.after(_after(request))
    return web.json_response({"messages": [message.as_dict(now) for message in found]})


async def handset(request: web.Request) -> web.Response:
    """GET handset?after=ID."""
    gateway = request.app[GATEWAY]
    gateway.now()
    return _listed("sms", gateway.outbox.handset.after(_after(request)))


async def requests(request: web.Request) -> web.Response:
    """GET requests?after=ID."""
    return _listed("requests", request.app[GATEWAY].requests.after(_after(request)))


async def bulks(request: web.Request) -> web.Response:
    """GET bulks?after=ID."""
    return _listed("bulks", request.app[GATEWAY].bulks.after(_after(request)))


class _Shown(Protocol):
    def as_dict(self) -> dict[str, object]: ...


def _listed(name: str, things: Iterable[_Shown]) -> web.Response:
    return web.json_response({name: [thing.as_dict() for thing in things]})


def _after(request: web.Request) -> int:
    written = request.query.get("after", "0")
    if not (written.isascii() and written.isdecimal() and len(written) < 19):
        raise ControlError("after must be a whole number from 0 on.")
    return int(written)


# --- what is set ------------------------------------------------------------------------------------------------------


def set_faults(gateway: Gateway, body: Body) -> None:
    """POST faults."""
    gateway.switch = read_switch(body)


def set_balance(gateway: Gateway, body: Body) -> None:
    """POST balance."""
    refuse_strangers(body, {"balance"})
    try:
        amount = Decimal(str(body.get("balance")))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount < 10**9:
        raise ControlError('balance must be an amount in somoni from 0 on, like "5.00".')
    gateway.options.balance = amount.quantize(Decimal("0.01"))


def set_account(gateway: Gateway, body: Body) -> None:
    """POST account."""
    refuse_strangers(body, {"active", "whitelisted"})
    options = gateway.options
    active, whitelisted = body.get("active", options.active), body.get("whitelisted", options.whitelisted)
    options.active, options.whitelisted = _flag("active", active), _flag("whitelisted", whitelisted)


def set_status(gateway: Gateway, body: Body) -> None:
    """POST status."""
    refuse_strangers(body, {"txn_id", "status"})
    message = gateway.outbox.by_txn_id.get(str(body.get("txn_id")))
    if message is None:
        raise ControlError("txn_id must be one of a single message that the gateway took.")
    if body.get("status") not in list(Status):
        raise ControlError(f"status must be one of {', '.join(Status)}.")
    gateway.outbox.force(message, Status(str(body["status"])), gateway.now())


def set_statuses(gateway: Gateway, body: Body) -> None:
    """POST statuses; what is left out is off. What becomes of a message is settled when it is taken."""
    gateway.whims = read_whims(body)


def set_options(gateway: Gateway, body: Body) -> None:
    """POST options; speeds hold for messages taken from then on."""
    refuse_strangers(body, {"enroute_seconds", "delivered_seconds", "query_style", "allow_txn_only"})
    options = gateway.options
    enroute = read_seconds("enroute_seconds", body.get("enroute_seconds", options.enroute_seconds))
    delivered = read_seconds("delivered_seconds", body.get("delivered_seconds", options.delivered_seconds))
    txn_only = _flag("allow_txn_only", body.get("allow_txn_only", options.allow_txn_only))
    style = body.get("query_style", options.query_style)
    if style != "contract" and style != "vendor":
        raise ControlError("query_style must be contract or vendor.")
    options.enroute_seconds, options.delivered_seconds = enroute, delivered
    options.query_style, options.allow_txn_only = style, txn_only


def reset(gateway: Gateway, body: Body) -> None:
    """POST reset."""
    refuse_strangers(body, set())
    gateway.reset()


def _flag(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ControlError(f"{name} must be true or false.")


# --- routes -----------------------------------------------------------------------------------------------------------

SHOWN = {"state": state, "messages": messages, "handset": handset, "requests": requests, "bulks": bulks}
SET: Mapping[str, Callable[[Gateway, Body], None]] = {
    "faults": set_faults,
    "balance": set_balance,
    "account": set_account,
    "status": set_status,
    "statuses": set_statuses,
    "options": set_options,
    "reset": reset,
}


async def change(request: web.Request) -> web.Response:
    """POST anything that is set; answers with the state as it is then."""
    verb = SET.get(request.match_info["name"])
    if verb is None:
        raise web.HTTPNotFound
    gateway = request.app[GATEWAY]
    verb(gateway, await _body(request))
    return web.json_response(state_of(gateway))


async def _body(request: web.Request) -> Body:
    raw = await request.read()
    try:
        body = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise ControlError("The body must be a JSON object.")
    return body


@web.middleware
async def tell_mistakes(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Bad input → 400 with a sentence."""
    try:
        return await handler(request)
    except ControlError as mistake:
        return web.json_response({"error": str(mistake)}, status=400)
