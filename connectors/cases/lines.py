"""A long list of which a page shows a few: its length is known, each element is made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

S = TypeVar("S")
T = TypeVar("T")


class MadeLater(Sequence[T], Generic[S, T]):
    """What `make` makes of each item, in the same order; equal to every sequence with the same elements."""

    __slots__ = ("_items", "_make")

    def __init__(self, items: Sequence[S], make: Callable[[S], T]) -> None:
        """Take the items; `make` gives the same for the same item whenever it is called."""
        self._items = items
        self._make = make

    @overload
    def __getitem__(self, at: int) -> T: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[T, ...]: ...

    def __getitem__(self, at: int | slice) -> T | tuple[T, ...]:
        if isinstance(at, slice):
            return tuple(self._make(item) for item in self._items[at])
        return self._make(self._items[at])

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return (self._make(item) for item in self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))
