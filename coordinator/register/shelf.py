"""A dict that knows which of its values were put in after it was loaded, so that only those are written."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Shelf(Generic[K, V]):
    """Values by key: as they were found, and as this batch changed them."""

    __slots__ = ("_changed", "_values")

    def __init__(self, found: Mapping[K, V] | None = None) -> None:
        """Begin with what was found in the database."""
        self._values: dict[K, V] = dict(found or {})
        self._changed: dict[K, None] = {}

    def get(self, key: K) -> V | None:
        """Give the value, as this batch sees it now."""
        return self._values.get(key)

    def values(self) -> list[V]:
        """Give all values."""
        return list(self._values.values())

    def put(self, key: K, value: V) -> None:
        """Add or replace a value, to be written."""
        self._values[key] = value
        self._changed[key] = None

    def take_changed(self) -> list[V]:
        """Give what was put in, once, in the order in which each key first came."""
        changed = [self._values[key] for key in self._changed]
        self._changed.clear()
        return changed
