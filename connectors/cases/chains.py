"""Things that refer to earlier things of their kind: the first of such a chain, whatever of it is here."""

from __future__ import annotations

from collections.abc import Mapping


def first_of(statement: str, earlier: Mapping[str, str]) -> str:
    """Follow `earlier` to the first statement; in a circle, which only a liar makes, to the smallest id."""
    seen: dict[str, int] = {}
    while statement in earlier and statement not in seen:
        seen[statement] = len(seen)
        statement = earlier[statement]
    if statement not in seen:
        return statement
    return min(list(seen)[seen[statement] :])
