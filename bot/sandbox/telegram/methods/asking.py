"""Methods that ask who and what there is, and the small ones that leave nothing in a chat."""

import time

from bot.sandbox.telegram.entities import utf16_length
from bot.sandbox.telegram.errors import bad
from bot.sandbox.telegram.files import MAX_DOWNLOAD
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.people import JSON, Chat, Person
from bot.sandbox.telegram.world import World

_ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
_RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
    "can_edit_stories", "can_delete_stories",
)  # fmt: skip


async def get_me(world: World, params: Params) -> JSON:
    """The bot's account."""
    return {
        **world.me,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def get_chat(world: World, params: Params) -> JSON:
    """A chat, in full."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return {
        **world.chat(params).brief(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


async def get_chat_member(world: World, params: Params) -> JSON:
    """What somebody is in a chat."""
    chat, user_id = world.chat(params), params.number("user_id")
    if user_id == world.me["id"]:
        return _administrator(world.me)
    person = world.people.get(user_id or 0)
    if person is None:
        raise bad("invalid user_id specified")
    return _member(person, chat)


async def get_chat_administrators(world: World, params: Params) -> list[JSON]:
    """The people who run a group."""
    chat = world.chat(params)
    if chat.type == "private":
        raise bad("there are no administrators in the private chat")
    return [_member(person, chat) for person in world.people.values() if person.status != "member"]


async def get_chat_member_count(world: World, params: Params) -> int:
    """How many are in a chat, the bot among them."""
    return 2 if world.chat(params).type == "private" else len(world.people) + 1


def _member(person: Person, chat: Chat) -> JSON:
    if chat.type == "private" or person.status == "member":
        return {"status": "member", "user": person.user()}
    if person.status == "creator":
        return {"status": "creator", "user": person.user(), "is_anonymous": False}
    return _administrator(person.user())


def _administrator(user: JSON) -> JSON:
    rights = dict.fromkeys(_RIGHTS, True) | {"is_anonymous": False, "can_be_edited": False}
    return {"status": "administrator", "user": user, **rights}


async def get_file(world: World, params: Params) -> JSON:
    """Where a file can be downloaded."""
    file = world.files.by_id(params.text("file_id"))
    if file is None:
        raise bad("invalid file_id")
    if len(file.content) > MAX_DOWNLOAD:
        raise bad("file is too big")
    return {**file.reference(), "file_path": file.path}


async def send_chat_action(world: World, params: Params) -> bool:
    """Show for five seconds, or until the next message, that the bot is doing something."""
    chat = world.open_chat(params)
    if params.text("action") not in _ACTIONS:
        raise bad("wrong parameter action in request")
    chat.action, chat.action_until = params.text("action"), time.time() + 5
    world.changed()
    return True


async def answer_callback_query(world: World, params: Params) -> bool:
    """Answer a press, once."""
    if utf16_length(params.text("text")) > 200:
        raise bad("MESSAGE_TOO_LONG")
    answer = {"text": params.text("text"), "show_alert": params.flag("show_alert"), "url": params.text("url")}
    world.queries.answer(params.text("callback_query_id"), answer)
    return True


async def answer_inline_query(world: World, params: Params) -> bool:
    """Taken, and shown to nobody."""
    return True


async def leave(world: World, params: Params) -> bool:
    """logOut and close: there is no other server to move to."""
    return True


METHODS = {
    "getMe": get_me,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "getFile": get_file,
    "sendChatAction": send_chat_action,
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
    "logOut": leave,
    "close": leave,
}
