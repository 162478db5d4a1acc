"""Methods that put something new into a chat."""

from typing import Any

from bot.sandbox.telegram.errors import bad
from bot.sandbox.telegram.files import StoredFile
from bot.sandbox.telegram.markup import checked_markup
from bot.sandbox.telegram.messages import Message
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.people import JSON, Chat
from bot.sandbox.telegram.text import check_caption, check_text, read_text
from bot.sandbox.telegram.world import World


async def send_message(world: World, params: Params) -> JSON:
    """A text. Gives the message."""
    text, entities = read_text(params, "text", "entities")
    chat = world.open_chat(params)
    check_text(text, "message is too long")
    return post(world, params, chat, text=text, entities=entities)


async def send_document(world: World, params: Params) -> JSON:
    """A file. Gives the message."""
    caption, entities = read_text(params, "caption", "caption_entities")
    chat = world.open_chat(params)
    check_caption(caption, "message caption is too long")
    file = document_of(world, params, params.text("document"), "document")
    return post(world, params, chat, text=caption, entities=entities, document=file)


async def send_photo(world: World, params: Params) -> JSON:
    """A picture. Gives the message."""
    caption, entities = read_text(params, "caption", "caption_entities")
    chat = world.open_chat(params)
    check_caption(caption, "message caption is too long")
    file = photo_of(world, params, params.text("photo"), "photo")
    return post(world, params, chat, text=caption, entities=entities, photo=file)


def post(world: World, params: Params, chat: Chat, **content: Any) -> JSON:
    """Put the bot's message into the chat, under what it replies to and with its buttons."""
    reply_to = _replied(world, params, chat)
    markup = checked_markup(params.object("reply_markup"), chat)
    world.flood.pass_or_refuse(chat)
    chat.action = ""
    content |= {"reply_to": reply_to, "inline": markup.inline, "keyboard": markup.keyboard}
    if chat.type == "channel":
        content["sender_chat"] = chat.brief()
    return world.post(chat, world.me, **content).api()


def _replied(world: World, params: Params, chat: Chat) -> JSON | None:
    reply = params.object("reply_parameters") or {}
    if not isinstance(reply, dict):
        raise bad("object expected as reply parameters")
    message_id = reply.get("message_id") or params.number("reply_to_message_id")
    if not message_id:
        return None
    message: Message | None = world.message(chat, int(message_id))
    if message is not None:
        return message.api(nested=True)
    if reply.get("allow_sending_without_reply") or params.flag("allow_sending_without_reply"):
        return None
    raise bad("message to be replied not found")


def document_of(world: World, params: Params, reference: str, field: str) -> StoredFile:
    """The file that a call sends: one that comes with it, or one that is known by its file_id."""
    upload = params.upload(reference or field)
    return world.files.keep_document(upload) if upload else _known(world, reference, field, "Document")


def photo_of(world: World, params: Params, reference: str, field: str) -> StoredFile:
    """The picture that a call sends."""
    upload = params.upload(reference or field)
    return world.files.keep_picture(upload) if upload else _known(world, reference, field, "Photo")


def _known(world: World, reference: str, field: str, kind: str) -> StoredFile:
    if not reference:
        raise bad(f"there is no {field} in the request")
    file = world.files.by_id(reference)
    if file is None:
        raise bad("wrong file identifier/HTTP URL specified")
    if file.kind != kind:
        raise bad(f"can't use file of type {file.kind} as {kind}")
    return file


METHODS = {"sendMessage": send_message, "sendDocument": send_document, "sendPhoto": send_photo}
