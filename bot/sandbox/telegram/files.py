"""Files that stand in messages: kept in memory, found by their file_id or by the path that getFile gives."""

import mimetypes
import re
import secrets
from dataclasses import dataclass, field

from .errors import bad
from .params import Upload
from .people import JSON
from .pictures import size_of

MAX_DOWNLOAD = 20 * 1024 * 1024
"""Bytes that a bot may download; larger files exist, but getFile refuses them."""
MAX_UPLOAD = 50 * 1024 * 1024
MAX_PICTURE = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file; `width` and `height` are 0 unless it is a picture."""

    file_id: str
    unique_id: str
    name: str
    mime_type: str
    path: str
    content: bytes = field(repr=False)
    width: int = 0
    height: int = 0

    @property
    def kind(self) -> str:
        """What it was sent as, in the word that Telegram's refusals have for it."""
        return "Photo" if self.width else "Document"

    def document(self) -> JSON:
        """As the Bot API's `Document`."""
        return {"file_name": self.name, "mime_type": self.mime_type, **self.reference()}

    def photo(self) -> list[JSON]:
        """As the Bot API's list of `PhotoSize`, with the one size that we keep."""
        return [{**self.reference(), "width": self.width, "height": self.height}]

    def reference(self) -> JSON:
        """What every kind of file says of itself."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.content)}


class Files:
    """All files of the stand-in."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}

    def keep_document(self, upload: Upload) -> StoredFile:
        """Keep it as a document. Raises ApiError where Telegram takes no such file."""
        if not upload.content:
            raise bad("file must be non-empty")
        if len(upload.content) > MAX_UPLOAD:
            raise bad("file is too big")
        return self._keep(upload, "documents", 0, 0)

    def keep_picture(self, upload: Upload) -> StoredFile:
        """Keep it as a photo. Raises ApiError where it is no picture, or too large a one."""
        if len(upload.content) > MAX_PICTURE:
            size = len(upload.content)
            raise bad(f"file of size {size} bytes is too big for a photo; the maximum size is {MAX_PICTURE} bytes")
        sides = size_of(upload.content)
        if sides is None:
            raise bad("IMAGE_PROCESS_FAILED")
        if not (0 < sum(sides) <= 10_000 and max(sides) <= 20 * min(sides)):
            raise bad("PHOTO_INVALID_DIMENSIONS")
        return self._keep(upload, "photos", *sides)

    def by_id(self, file_id: str) -> StoredFile | None:
        """The file with this id."""
        return self._by_id.get(file_id)

    def by_path(self, path: str) -> StoredFile | None:
        """The file with the path that getFile gave."""
        return next((file for file in self._by_id.values() if file.path == path), None)

    def _keep(self, upload: Upload, folder: str, width: int, height: int) -> StoredFile:
        name = re.sub(r"[\x00-\x1f/\\]", "_", upload.name).strip()[-120:] or "file"
        suffix = "." + name.rpartition(".")[2] if re.fullmatch(r".*\.[A-Za-z0-9]{1,8}", name) else ""
        file = StoredFile(
            file_id=("AgAC" if width else "BQAC") + secrets.token_urlsafe(33),
            unique_id=("AQAD" if width else "AgAD") + secrets.token_urlsafe(8),
            name=name,
            mime_type=_mime_type(upload, name),
            path=f"{folder}/file_{len(self._by_id)}{suffix}",
            content=upload.content,
            width=width,
            height=height,
        )
        self._by_id[file.file_id] = file
        return file


def _mime_type(upload: Upload, name: str) -> str:
    """Telegram goes by the name; the uploader's word counts where the name says nothing."""
    guessed = mimetypes.guess_type(name)[0] or upload.mime_type
    return guessed if re.fullmatch(r"[\w.+-]+/[\w.+-]+", guessed) else "application/octet-stream"
