"""One message: what the Bot API says of it, and what the chat page is told."""

from dataclasses import dataclass, field
from typing import Any

from .files import StoredFile
from .html import to_html
from .people import ANONYMOUS, JSON, Chat


@dataclass(slots=True)
class Message:
    """A message in a chat. `version` grows with every change to anything, so that a reader can ask for what is new."""

    message_id: int
    chat: Chat
    date: int
    sender: JSON | None
    """The Bot API's `User`; None for a post of a channel."""
    text: str = ""
    """The text, or the caption where there is a file."""
    entities: list[JSON] = field(default_factory=list)
    sender_chat: JSON | None = None
    document: StoredFile | None = None
    photo: StoredFile | None = None
    contact: JSON | None = None
    reply_to: JSON | None = None
    quote: JSON | None = None
    """The Bot API's `TextQuote`: the words of `reply_to` that the reply is to."""
    forward_origin: JSON | None = None
    inline: list[list[JSON]] = field(default_factory=list)
    """Rows of inline buttons."""
    keyboard: JSON | None = None
    """A reply keyboard, its removal, or force_reply: seen by the person's client, not by the bot."""
    edit_date: int | None = None
    deleted: bool = False
    version: int = 0

    @property
    def has_file(self) -> bool:
        """Whether its text is a caption."""
        return self.document is not None or self.photo is not None

    def api(self, *, nested: bool = False) -> JSON:
        """As the Bot API's `Message`; a nested one does not tell what it replies to."""
        facts: JSON = {
            "message_id": self.message_id,
            "from": self.sender,
            "sender_chat": self.sender_chat,
            "chat": self.chat.brief(),
            "date": self.date,
            "forward_origin": self.forward_origin,
            "reply_to_message": None if nested else self.reply_to,
            "quote": None if nested else self.quote,
            "edit_date": self.edit_date,
            "document": self.document and self.document.document(),
            "photo": self.photo and self.photo.photo(),
            "contact": self.contact,
            **self._words(),
            "reply_markup": {"inline_keyboard": self.inline} if self.inline else None,
        }
        return {name: value for name, value in facts.items() if value is not None}

    def _words(self) -> dict[str, Any]:
        text, entities = ("caption", "caption_entities") if self.has_file else ("text", "entities")
        return {text: self.text or None, entities: self.entities or None}

    def shown(self, files_url: str) -> JSON:
        """As the page and tests see it: the same, and what only a client knows."""
        facts = self.api()
        for name in ("document", "photo"):
            file: StoredFile | None = getattr(self, name)
            if file is not None:
                facts[name] = {**file.document(), "width": file.width, "height": file.height}
                facts[name]["url"] = f"{files_url}/{file.file_id}"
        return facts | {
            "version": self.version,
            "deleted": self.deleted,
            "from_bot": bool(self.sender and self.sender["is_bot"] and self.sender["id"] != ANONYMOUS["id"]),
            "content": self.text,
            "content_entities": self.entities,
            "text_html": to_html(self.text, self.entities),
            "buttons": self.inline,
            "keyboard": self.keyboard,
        }
