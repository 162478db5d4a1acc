"""Methods that change or remove what stands in a chat."""

import time
from typing import Any

from bot.sandbox.telegram.errors import NOT_MODIFIED, bad
from bot.sandbox.telegram.markup import checked_markup
from bot.sandbox.telegram.messages import Message
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.people import JSON
from bot.sandbox.telegram.text import check_caption, check_text, parse_text, read_text
from bot.sandbox.telegram.world import World

from .sending import document_of, photo_of


async def edit_text(world: World, params: Params) -> JSON:
    """Another text; buttons that are not given again go. Gives the message."""
    text, entities = read_text(params, "text", "entities")
    message = _own(world, params)
    if message.has_file:
        raise bad("there is no text in the message to edit")
    check_text(text, "MESSAGE_TOO_LONG")
    return _change(world, params, message, text=text, entities=entities)


async def edit_caption(world: World, params: Params) -> JSON:
    """Another caption. Gives the message."""
    caption, entities = read_text(params, "caption", "caption_entities")
    message = _own(world, params)
    if not message.has_file:
        raise bad("there is no caption in the message to edit")
    check_caption(caption, "MEDIA_CAPTION_TOO_LONG")
    return _change(world, params, message, text=caption, entities=entities)


async def edit_markup(world: World, params: Params) -> JSON:
    """Other buttons, or none. Gives the message."""
    return _change(world, params, _own(world, params))


async def edit_media(world: World, params: Params) -> JSON:
    """Another file with another caption. Gives the message."""
    media = params.object("media")
    if not isinstance(media, dict) or media.get("type") not in {"document", "photo"}:
        raise bad("can't parse InputMedia: the stand-in takes documents and photos")
    message = _own(world, params)
    caption, entities = parse_text(
        str(media.get("caption", "")), str(media.get("parse_mode", "")), media.get("caption_entities")
    )
    check_caption(caption, "MEDIA_CAPTION_TOO_LONG")
    document = photo = None
    if media["type"] == "document":
        document = document_of(world, params, str(media.get("media", "")), "media")
    else:
        photo = photo_of(world, params, str(media.get("media", "")), "media")
    return _change(world, params, message, text=caption, entities=entities, document=document, photo=photo)


async def delete_message(world: World, params: Params) -> bool:
    """Remove one message."""
    chat = world.open_chat(params)
    message = world.message(chat, params.number("message_id"))
    if message is None:
        raise bad("message to delete not found")
    _delete(world, message)
    return True


async def delete_messages(world: World, params: Params) -> bool:
    """Remove up to 100 messages; those that are not there are passed over."""
    chat = world.open_chat(params)
    ids = params.object("message_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
        raise bad("message identifiers are not specified")
    for message in [world.message(chat, int(message_id)) for message_id in ids]:
        if message is not None:
            _delete(world, message)
    return True


def _delete(world: World, message: Message) -> None:
    message.deleted = True
    world.changed(message)


def _own(world: World, params: Params) -> Message:
    """The message to edit. Raises ApiError where it is gone, somebody else's, or carries a reply keyboard."""
    if params.number("message_id") is None:
        raise bad("message identifier is not specified")
    chat = world.open_chat(params)
    message = world.message(chat, params.number("message_id"))
    if message is None:
        raise bad("message to edit not found")
    if message.sender is not world.me or message.keyboard is not None:
        raise bad("message can't be edited")
    return message


def _change(world: World, params: Params, message: Message, **content: Any) -> JSON:
    content["inline"] = checked_markup(params.object("reply_markup"), message.chat).inline
    if all(getattr(message, name) == value for name, value in content.items()):
        raise bad(NOT_MODIFIED)
    world.flood.pass_or_refuse(message.chat)
    for name, value in content.items():
        setattr(message, name, value)
    message.edit_date = int(time.time())
    world.changed(message)
    return message.api()


METHODS = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageReplyMarkup": edit_markup,
    "editMessageMedia": edit_media,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
}
