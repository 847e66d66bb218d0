"""Puts values of a case into JSON as they are: every field of every value, instants as text.

Whole by construction: what a case holds is in here, and what is left out is named in one table.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Final

from schemas import instant

LEFT_OUT: Final = frozenset({("Document", "key")})
"""The key of a sealed file says nothing to people; the opened file itself is beside the JSON."""


def plain(value: Any) -> Any:
    """Give a value as JSON; raise TypeError for what has no form there."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, datetime):
        return instant.format(value)
    if is_dataclass(value) and not isinstance(value, type):
        return _members(value)
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, Collection):
        return [plain(each) for each in value]
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


def _members(value: Any) -> dict[str, Any]:
    kind = type(value).__name__
    return {
        each.name.rstrip("_"): plain(getattr(value, each.name))
        for each in fields(value)
        if (kind, each.name) not in LEFT_OUT
    }
