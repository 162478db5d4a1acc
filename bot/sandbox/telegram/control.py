"""The control API: what people do, and the switches. `docs/sandbox-telegram.md` lists it."""

import functools
from collections.abc import Awaitable, Callable

from aiohttp import web

from . import acts
from .api import WORLD
from .errors import ApiError
from .faults import Fault, Mode
from .messages import Message
from .params import Params, read_params
from .people import JSON, Chat
from .world import World

Act = Callable[[World, Params], Awaitable[JSON]]


def answering(act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Reads the parameters of a request, acts, and answers with JSON; 400 and `{"error"}` on what cannot be done."""

    @functools.wraps(act)
    async def handle(request: web.Request) -> web.Response:
        try:
            params = await read_params(request, request.headers, request.query)
            return web.json_response(await act(request.app[WORLD], params))
        except ApiError as error:
            return web.json_response({"error": error.description}, status=400)
        except (acts.NotPossibleError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)

    return handle


def _place(world: World, params: Params) -> acts.Place:
    person = acts.person_of(world, params.text("user"))
    if world.chats[person.id].deactivated:
        raise acts.NotPossibleError("this account is deleted")
    return acts.Place(
        person,
        acts.chat_of(world, person, params.text("chat")),
        reply_to=params.number("reply_to"),
        quote=params.text("quote"),
        quote_position=params.number("quote_position") or 0,
        anonymous=params.flag("anonymous"),
        forwarded=params.flag("forwarded"),
    )


def _placed(message: Message) -> JSON:
    return {"message_id": message.message_id, "chat_id": message.chat.id, "version": message.version}


async def send(world: World, params: Params) -> JSON:
    """A person writes."""
    return _placed(acts.say(world, _place(world, params), params.text("text")))


async def document(world: World, params: Params) -> JSON:
    """A person sends a file."""
    upload = params.upload("file")
    if upload is None:
        raise acts.NotPossibleError("a file is needed")
    return _placed(acts.send_file(world, _place(world, params), params.text("caption"), upload))


async def contact(world: World, params: Params) -> JSON:
    """A person shares a contact: their own unless another first name is given."""
    place = _place(world, params)
    name = params.text("first_name") or place.person.first_name
    own = name == place.person.first_name
    return _placed(acts.share_contact(world, place, params.text("phone_number"), name, own=own))


async def press(world: World, params: Params) -> JSON:
    """A person presses a button; `answer` is what the bot answered, or null."""
    place, version = _place(world, params), world.version
    wait = min(float(params.text("wait") or world.queries.seconds), 60.0)
    message_id, data = params.number("message_id") or 0, params.text("data")
    answer = await acts.press(world, place, message_id, data, forged=params.flag("forged"), wait=wait)
    return {"answer": answer, "version": version}


async def edit(world: World, params: Params) -> JSON:
    """A person changes what they wrote."""
    place = _place(world, params)
    return _placed(acts.edit(world, place, params.number("message_id") or 0, params.text("text")))


async def channel_post(world: World, params: Params) -> JSON:
    """The channel posts."""
    return _placed(acts.post_in_channel(world, params.text("text")))


async def inline(world: World, params: Params) -> JSON:
    """A person asks inline."""
    acts.ask_inline(world, acts.person_of(world, params.text("user")), params.text("query"))
    return {"version": world.version}


async def block(world: World, params: Params) -> JSON:
    """A person blocks or unblocks the bot."""
    acts.block(world, acts.person_of(world, params.text("user")), blocked=params.flag("blocked"))
    return {"version": world.version}


async def deactivate(world: World, params: Params) -> JSON:
    """A person deletes their account, or is back as if they never had."""
    acts.delete_account(world, acts.person_of(world, params.text("user")), deleted=params.flag("deactivated"))
    return {"version": world.version}


async def faults(world: World, params: Params) -> JSON:
    """Switch a fault on; mode "none" switches all off."""
    if params.text("mode") in {"", "none"}:
        world.faults.clear()
    else:
        times, seconds = params.number("times"), params.number("retry_after")
        method = params.text("method") or None
        world.faults.add(Fault(Mode(params.text("mode")), method, 1 if times is None else times, seconds or 1))
    return {"faults": world.faults.shown()}


async def limits(world: World, params: Params) -> JSON:
    """Switch Telegram's own pace on or off."""
    world.flood.on = params.flag("on")
    return {"flood_limits": world.flood.on}


async def reset(world: World, params: Params) -> JSON:
    """Empty the chats and clear all switches."""
    world.reset()
    return {"version": world.version}


async def state(world: World, params: Params) -> JSON:
    """Who and what there is."""
    return {
        "me": world.me,
        "people": [_person(world, person_id) for person_id in world.people],
        "chats": [_chat(chat) for chat in world.chats.values()],
        "commands": world.menu.shown(),
        "texts": [
            {"what": what, "language_code": code, "text": text} for (what, code), text in world.menu.texts.items()
        ],
        "switches": {"faults": world.faults.shown(), "flood_limits": world.flood.on},
        "modes": list(Mode),
        "webhook": world.webhook.info(),
        "version": world.version,
        "epoch": world.epoch,
    }


def _chat(chat: Chat) -> JSON:
    return {**chat.brief(), "title": chat.title, "last_message_id": chat.last_message_id}


def _person(world: World, person_id: int) -> JSON:
    person, chat = world.people[person_id], world.chats[person_id]
    return {**person.user(), "key": person.key, "status": person.status} | {
        "started": chat.started,
        "blocked": chat.blocked,
        "deactivated": chat.deactivated,
    }


async def commands(world: World, params: Params) -> JSON:
    """What a person's "/" menu shows in a chat."""
    person = acts.person_of(world, params.text("user"))
    return {"commands": world.menu.commands_for(person, acts.chat_of(world, person, params.text("chat")))}


async def calls(world: World, params: Params) -> JSON:
    """Every Bot API call after the one with this id."""
    return {"calls": world.calls.after(params.number("after") or 0)}


async def pending(world: World, params: Params) -> JSON:
    """How many updates the bot has not acknowledged."""
    return {"pending": len(world.pending)}


_READ: dict[str, Act] = {"state": state, "commands": commands, "calls": calls, "pending": pending}
_DO: dict[str, Act] = {
    "send": send, "document": document, "contact": contact, "press": press, "edit": edit, "channel_post": channel_post,
    "inline": inline, "block": block, "deactivate": deactivate, "faults": faults, "limits": limits, "reset": reset,
}  # fmt: skip
ROUTES: list[web.RouteDef] = [
    *(web.get(f"/control/{name}", answering(act)) for name, act in _READ.items()),
    *(web.post(f"/control/{name}", answering(act)) for name, act in _DO.items()),
]
