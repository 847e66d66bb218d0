"""Reads a request strictly: body with a limit before anything is parsed, one content type, no surprises.

Gives bytes or checked values, raises Malformed, Invalid, TooLarge or WrongContentType. Parameters that a
route does not name are refused, and so is one that is given twice (two readers could pick different ones).
"""

from __future__ import annotations

import socket
from typing import Any

from flask import Request
from marshmallow import RAISE, Schema, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from schemas.errors import Invalid, Malformed, TooLarge, WrongContentType
from schemas.wire import MESSAGE_LIMIT, parse

JSON = "application/json"
JOSE = "application/jose"
FORM = "application/x-www-form-urlencoded"
BLOB = "application/octet-stream"

TOKEN_LIMIT = MESSAGE_LIMIT * 4 // 3 + 1024
"""Bytes of one message in base64url, with its header and signature."""
JSON_LIMIT = 16 * 1024
"""Bytes of a JSON body that is not a batch: a key, an index."""
BATCH_LIMIT = 8 * 1024 * 1024
"""Bytes of a batch: 128 ordinary messages, or twenty of the largest."""
PARAMETER_LIMIT = 200
"""Characters of one query parameter; the longest honest one is an agreement's name."""


def body(request: Request, *, content_type: str, limit: int, keep: bool = False) -> bytes:
    """Read the whole body if it is of this one type, not compressed, and has at most `limit` bytes.

    With `keep`, `request.form` reads the same bytes afterwards.
    """
    check_kind(request, content_type)
    # One byte more than allowed: Werkzeug cuts a body of unknown length off at its limit, without a word.
    request.max_content_length = limit + 1
    try:
        data = request.get_data(cache=keep)
    except RequestEntityTooLarge as error:
        raise TooLarge(f"At most {limit} bytes are read here.", limit=limit) from error
    if len(data) > limit:
        raise TooLarge(f"At most {limit} bytes are read here.", limit=limit)
    return data


def check_kind(request: Request, content_type: str) -> None:
    """Refuse another content type, and any content coding (a decompression bomb needs one)."""
    if request.environ.get("CONTENT_TYPE") != content_type:
        raise WrongContentType(f"This address takes {content_type}, without parameters.")
    if "HTTP_CONTENT_ENCODING" in request.environ:
        raise WrongContentType("A body is sent as it is, without a Content-Encoding.")


def json_body(request: Request, schema: Schema, *, limit: int = JSON_LIMIT) -> dict[str, Any]:
    """Read a strict JSON object that fits the schema exactly."""
    return checked(schema, parse(body(request, content_type=JSON, limit=limit), limit=limit))


def query(request: Request, schema: Schema) -> dict[str, Any]:
    """Read the query parameters, each at most once, none that the schema does not name."""
    found: dict[str, str] = {}
    for name, value in request.args.items(multi=True):
        if name in found:
            raise Malformed("A parameter is given twice.")
        if len(value) > PARAMETER_LIMIT:
            raise Malformed(f"A parameter has at most {PARAMETER_LIMIT} characters.")
        found[name] = value
    return checked(schema, found)


def no_query(request: Request) -> None:
    """Refuse any query parameter."""
    if request.environ.get("QUERY_STRING"):
        raise Malformed("This address takes no parameters.")


def no_body(request: Request) -> None:
    """Refuse a body where none has a meaning."""
    if request.content_length or "HTTP_TRANSFER_ENCODING" in request.environ:
        raise Malformed("This address takes no body.")


def checked(schema: Schema, value: dict[str, Any]) -> dict[str, Any]:
    """Load by a schema; name the first place that does not fit, never the value that stood there."""
    try:
        loaded: dict[str, Any] = schema.load(value, unknown=RAISE)
    except ValidationError as error:
        raise Invalid(
            "A value is missing, unknown or not of its kind.", path=_first(error.messages)
        ) from error
    return loaded


def _first(messages: Any) -> str:
    """Name the first place in the schema's own words; a name that the caller made up is not repeated."""
    if not isinstance(messages, dict):
        return ""
    name, below = next(iter(messages.items()))
    if below == ["Unknown field."]:
        return "(unknown)"
    rest = _first(below)
    return f"{name}.{rest}" if rest else str(name)


def has_left(request: Request) -> bool:
    """Say whether the other side has closed the connection while it was held open for it.

    Looks at the server's own socket without taking anything from it; where there is none (a test client)
    somebody counts as still there. Behind a proxy this holds if the proxy closes as its client does.
    """
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    if connection is None:
        return False
    timeout = connection.gettimeout()
    try:
        connection.settimeout(0)
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.settimeout(timeout)
