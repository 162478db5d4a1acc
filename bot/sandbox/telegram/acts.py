"""What people do, and the updates that it makes: they write, send files and contacts, press, change their mind."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from .entities import utf16_length, with_found
from .messages import Message
from .params import Upload
from .people import ANONYMOUS, CHANNEL_ID, GROUP_ID, JSON, Chat, Person
from .quotes import MAX_QUOTE, quote_of
from .world import World


class NotPossibleError(Exception):
    """An act that nobody could do in Telegram: by an unknown person, on a button that is not there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Who acts, where, in answer to what words of what message, and whether in the group's name or by forwarding."""

    person: Person
    chat: Chat
    reply_to: int | None = None
    quote: str = ""
    quote_position: int = 0
    """Where the words stand, in UTF-16 units: of several places the nearest is meant."""
    anonymous: bool = False
    forwarded: bool = False


def person_of(world: World, key: Any) -> Person:
    """A person, by id or by key. Raises NotPossibleError."""
    for person in world.people.values():
        if str(key) in {person.key, str(person.id)}:
            return person
    raise NotPossibleError("no such person")


def chat_of(world: World, person: Person, chat_id: Any) -> Chat:
    """Where a person acts: in the chat with the bot unless said otherwise. Raises NotPossibleError."""
    if not chat_id:
        return world.chats[person.id]
    chat = world.chats.get(GROUP_ID if chat_id == "group" else int(chat_id))
    if chat is None or (chat.type == "private" and chat.id != person.id):
        raise NotPossibleError("no such chat for this person")
    return chat


def write(world: World, place: Place, **content: Any) -> Message:
    """Put a person's message into a chat and tell the bot. `content` are fields of Message."""
    _open(world, place)
    sender, chat = place.person.user(), place.chat
    if place.anonymous:
        if chat.type != "supergroup":
            raise NotPossibleError("only a group has anonymous admins")
        sender, content["sender_chat"] = ANONYMOUS, chat.brief()
    content |= _replied(world, place)
    if place.forwarded:
        content["forward_origin"] = {"type": "hidden_user", "sender_user_name": "Somebody", "date": int(time.time())}
    message = world.post(chat, sender, **content)
    world.updates.add("message", message.api())
    return message


def _replied(world: World, place: Place) -> JSON:
    """What a person's message says of the one that it answers, as fields of Message."""
    if not place.reply_to:
        if place.quote:
            raise NotPossibleError("a quote needs reply_to")
        return {}
    answered = message_of(world, place.chat, place.reply_to)
    return {"reply_to": answered.api(nested=True), "quote": _quoted(answered, place) if place.quote else None}


def _quoted(answered: Message, place: Place) -> JSON:
    if utf16_length(place.quote) > MAX_QUOTE:
        raise NotPossibleError(f"a quote has at most {MAX_QUOTE} units")
    quote = quote_of(answered.text, answered.entities, place.quote, place.quote_position)
    if quote is None:
        raise NotPossibleError("the quoted words are not in that message")
    return quote


def say(world: World, place: Place, text: str) -> Message:
    """Write a text, as clients send it: without white space at its ends. Raises NotPossibleError on an empty one."""
    text = text.strip()
    if not text:
        raise NotPossibleError("an empty text cannot be sent")
    return write(world, place, text=text, entities=with_found(text, []))


def send_file(world: World, place: Place, caption: str, upload: Upload) -> Message:
    """Send a file as a document, whatever it is."""
    caption = caption.strip()
    document = world.files.keep_document(upload)
    return write(world, place, text=caption, entities=with_found(caption, []), document=document)


def share_contact(world: World, place: Place, phone_number: str, first_name: str, *, own: bool) -> Message:
    """Share a contact; one's own carries one's user_id."""
    contact: JSON = {"phone_number": phone_number, "first_name": first_name}
    if own:
        contact["user_id"] = place.person.id
    return write(world, place, contact=contact)


def edit(world: World, place: Place, message_id: int, text: str) -> Message:
    """Change the text of one's own message."""
    message = message_of(world, place.chat, message_id)
    if message.sender is None or message.sender["id"] != place.person.id:
        raise NotPossibleError("not their own message")
    message.text, message.entities = text.strip(), with_found(text.strip(), [])
    message.edit_date = int(time.time())
    world.changed(message)
    world.updates.add("edited_message", message.api())
    return message


async def press(world: World, place: Place, message_id: int, data: str, *, forged: bool, wait: float) -> JSON | None:
    """Press a button and wait for the bot's answer, at most so many seconds; None where none came.

    A forged press carries data that no button has, as a hostile client may try.
    """
    message = message_of(world, place.chat, message_id)
    known = any(button.get("callback_data") == data for row in message.inline for button in row)
    if not (known or forged):
        raise NotPossibleError("no such button")
    query = world.queries.ask()
    callback = {
        "id": query.id,
        "from": place.person.user(),
        "message": message.api(),
        "chat_instance": str(place.chat.id * 7919),
        "data": data,
    }
    world.updates.add("callback_query", callback)
    done, _ = await asyncio.wait([query.answer], timeout=wait)
    return query.answer.result() if done else None


def post_in_channel(world: World, text: str) -> Message:
    """A post of the channel, which has no author."""
    chat = world.chats[CHANNEL_ID]
    message = world.post(chat, None, text=text, entities=with_found(text, []), sender_chat=chat.brief())
    world.updates.add("channel_post", message.api())
    return message


def ask_inline(world: World, person: Person, query: str) -> None:
    """Type the bot's name and a question in some other chat."""
    inline = {"id": world.queries.ask().id, "from": person.user(), "query": query, "offset": "", "chat_type": "sender"}
    world.updates.add("inline_query", inline)


def block(world: World, person: Person, *, blocked: bool) -> None:
    """Block the bot, or unblock it; the bot is told as Telegram tells it."""
    chat = world.chats[person.id]
    if chat.blocked == blocked:
        return
    chat.blocked = blocked
    world.changed()
    member, kicked = {"status": "member"}, {"status": "kicked", "until_date": 0}
    old, new = (member, kicked) if blocked else (kicked, member)
    change = {
        "chat": chat.brief(),
        "from": person.user(),
        "date": int(time.time()),
        "old_chat_member": {**old, "user": world.me},
        "new_chat_member": {**new, "user": world.me},
    }
    world.updates.add("my_chat_member", change)


def delete_account(world: World, person: Person, *, deleted: bool) -> None:
    """Delete an account, or have it never deleted; Telegram does not tell a bot."""
    world.chats[person.id].deactivated = deleted
    world.changed()


def message_of(world: World, chat: Chat, message_id: int) -> Message:
    """A message that stands. Raises NotPossibleError."""
    message = world.message(chat, message_id)
    if message is None:
        raise NotPossibleError("no such message")
    return message


def _open(world: World, place: Place) -> None:
    """Who writes to the bot lets it write back, and unblocks it."""
    if place.chat.type == "private":
        block(world, place.person, blocked=False)
        place.chat.started = True
