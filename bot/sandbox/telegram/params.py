"""A Bot API request's parameters, in whichever of Telegram's four ways they came: query, JSON, form or multipart."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

import aiohttp
from multidict import MultiMapping

from .errors import ApiError, bad
from .people import JSON

MAX_BODY = 51 * 1024 * 1024
"""Bytes; Telegram takes files of up to 50 MB from a bot."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the request."""

    name: str
    mime_type: str
    content: bytes = field(repr=False)


class Params:
    """Reads fields as the types they are to be; Telegram takes numbers and JSON written as strings too."""

    def __init__(self, fields: Mapping[str, Any], files: Mapping[str, Upload] | None = None) -> None:
        self.fields = {name: value for name, value in fields.items() if value is not None}
        self.files = dict(files or {})

    def text(self, name: str) -> str:
        """A string; empty where absent."""
        value = self.fields.get(name, "")
        return value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str) -> int | None:
        """An integer, or None where absent. Raises ApiError where it is something else."""
        value = self.text(name).strip()
        if not value:
            return None
        try:
            return int(value)
        except ValueError:
            raise bad(f"parameter {name} is invalid") from None

    def flag(self, name: str) -> bool:
        """A boolean; false where absent."""
        return self.text(name).strip().lower() in {"true", "1", "yes"}

    def object(self, name: str) -> Any:
        """What the field's JSON says, or None where absent. Raises ApiError on what is no JSON."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise bad(f"can't parse {name} JSON object") from None

    def upload(self, reference: str) -> Upload | None:
        """The file that `attach://name`, or the field's own name, stands for."""
        return self.files.get(reference.removeprefix("attach://"))


class Body(Protocol):
    """What a request and a webhook's response have in common."""

    @property
    def content_type(self) -> str:
        """Without parameters."""
        ...

    @property
    def content(self) -> aiohttp.StreamReader:
        """The bytes to come."""
        ...


async def read_params(body: Body, headers: MultiMapping[str], query: Mapping[str, str]) -> Params:
    """The parameters of a request (or of a webhook's reply). Raises ApiError where the body cannot be read."""
    if body.content_type.startswith("multipart/"):
        return await _multipart(aiohttp.MultipartReader(headers, body.content), query)
    raw = await _limited(body.content)
    if body.content_type == "application/json" and raw:
        return Params({**query, **_json_object(raw)})
    if body.content_type == "application/x-www-form-urlencoded":
        return Params({**query, **_form(raw)})
    return Params(query)


async def _limited(content: aiohttp.StreamReader) -> bytes:
    raw = bytearray()
    while chunk := await content.readany():
        raw += chunk
        if len(raw) > MAX_BODY:
            raise ApiError(413, "Request Entity Too Large")
    return bytes(raw)


def _json_object(raw: bytes) -> JSON:
    try:
        value = json.loads(raw)
    except ValueError:
        raise bad("can't parse JSON object") from None
    if not isinstance(value, dict):
        raise bad("expected an object")
    return value


def _form(raw: bytes) -> dict[str, str]:
    return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))


async def _multipart(reader: aiohttp.MultipartReader, query: Mapping[str, str]) -> Params:
    fields: dict[str, Any] = dict(query)
    files: dict[str, Upload] = {}
    size = 0
    while (part := await _next_part(reader)) is not None:
        content = bytes(await part.read(decode=True))
        size += len(content)
        if size > MAX_BODY:
            raise ApiError(413, "Request Entity Too Large")
        name = part.name or ""
        if part.filename is None:
            fields[name] = content.decode("utf-8", "replace")
        else:
            mime_type = part.headers.get("Content-Type", "application/octet-stream")
            files[name] = Upload(part.filename, mime_type, content)
    return Params(fields, files)


async def _next_part(reader: aiohttp.MultipartReader) -> aiohttp.BodyPartReader | None:
    try:
        part = await reader.next()
    except ValueError:
        raise bad("can't parse the multipart body") from None
    if isinstance(part, aiohttp.MultipartReader):
        raise bad("nested multipart bodies are not taken")
    return part
