"""The body of a form with a file in it (RFC 7578)."""

import secrets
from collections.abc import Mapping


def encode(fields: Mapping[str, bytes], file_name: str, file: bytes) -> tuple[str, bytes]:
    """The Content-Type and the body of a form of `fields`, with `file` as its field `file`, a CSV."""
    boundary = secrets.token_hex(16)  # random, so that no field can hold it
    parts = [_part(f'name="{name}"', value) for name, value in fields.items()]
    parts.append(_part(f'name="file"; filename="{_quoted(file_name)}"\r\nContent-Type: text/csv', file))
    edge = b"--" + boundary.encode()
    body = b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts) + edge + b"--\r\n"
    return f"multipart/form-data; boundary={boundary}", body


def _part(disposition: str, content: bytes) -> bytes:
    return f"Content-Disposition: form-data; {disposition}\r\n\r\n".encode() + content


def _quoted(file_name: str) -> str:
    """A name that cannot end its own quotes or its line, spelled as browsers do."""
    name = file_name.encode(errors="replace").decode()
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
