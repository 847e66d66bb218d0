"""A long list on several pages: the part that this page shows, and the addresses of the parts beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from urllib.parse import urlencode

from flask import request

PAGE: Final = 50
"""Things that one page shows."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """Some of a list, newest first; the addresses are None where there is nothing more."""

    items: Sequence[T]
    newer: str | None
    older: str | None


def part(items: Sequence[T], name: str = "from", size: int = PAGE) -> Part[T]:
    """Give the part of a list for which the page was asked: `name` is where in the list it begins.

    What is no number begins at the top, what is too far shows the last part.
    """
    last = max(len(items) - 1, 0) // size * size
    start = min(max(request.args.get(name, default=0, type=int), 0), last)
    return Part(
        items[start : start + size],
        newer=_at(name, max(start - size, 0)) if start else None,
        older=_at(name, start + size) if start + size < len(items) else None,
    )


def _at(name: str, start: int) -> str:
    """Give this page's own address with another beginning; the other choices stay."""
    chosen = {**request.args.to_dict(), name: str(start)}
    return f"{request.path}?{urlencode(chosen)}"
