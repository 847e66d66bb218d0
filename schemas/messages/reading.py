"""From a schema's many errors to one refusal: which member is wrong, and why, without its value.

Every schema of ours is read through here, so that no library's error leaves the package.
"""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError

from schemas.errors import Invalid

_OUR_KIND_OF_NAME = re.compile(r"[a-z0-9_]{1,40}", re.ASCII)


def read(schema: Schema, document: Any, *, what: str) -> Any:
    """Load the document; raise Invalid with the path of the first member that is wrong.

    `what` names the document in the refusal and in the path: `body`, `consent`, `agreement`.
    """
    if type(document) is not dict:
        raise Invalid(f"The {what} is not an object.", path=what)
    try:
        return schema.load(document)
    except ValidationError as error:
        raise refusal(error, what) from error


def refusal(error: ValidationError, what: str) -> Invalid:
    """Turn marshmallow's nested messages into one refusal."""
    path, reason = _first(error.messages, what)
    return Invalid(f"{path}: {reason}", path=path)


def _first(messages: Any, path: str) -> tuple[str, str]:
    if isinstance(messages, dict):
        name, inner = next(iter(messages.items()))
        return _first(inner, path if name == "_schema" else f"{path}.{_shown(name)}")
    if isinstance(messages, list):
        return _first(messages[0], path)
    return path, str(messages)


def _shown(name: Any) -> str:
    """Show a member's name if it can be one of ours: a stranger's could be anything, even a person's name."""
    text = str(name)
    return text if _OUR_KIND_OF_NAME.fullmatch(text) else "?"
