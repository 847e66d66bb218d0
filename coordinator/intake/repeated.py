"""What was said before gets the same answer: the same receipt, or the same refusal.

The same id with other bytes is neither; it is refused and not remembered, because the id stands for the
first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coordinator.register.register import Register
from coordinator.register.said import Identified, Said
from schemas.errors import AlreadySaid, Refusal

_STANDARD = frozenset({"type", "title", "detail", "code", "remedy"})


def find_earlier(message: Identified, register: Register) -> Said | Refusal | None:
    """Give the receipt's message or the refusal that these bytes got before, or None; raise AlreadySaid."""
    key = (message.id, message.sender)
    said = register.said.get(key)
    if said is not None:
        if said.sha256 != message.sha256:
            raise AlreadySaid(message=message.id, remedy="Choose a new id for another message.")
        return said
    refused = register.refused.get(key)
    if refused is not None:
        if refused.sha256 != message.sha256:
            raise AlreadySaid(message=message.id, remedy="Choose a new id for another message.")
        return refusal_of(refused.problem)
    return None


def refusal_of(problem: Mapping[str, Any]) -> Refusal:
    """Make the refusal again that a stored problem document was written from."""
    facts = {name: value for name, value in problem.items() if name not in _STANDARD}
    kind = _BY_CODE.get(problem["code"], Refusal)
    return kind(problem["detail"], remedy=problem.get("remedy"), **facts)


def _kinds(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)


_BY_CODE = {kind.code: kind for kind in _kinds(Refusal)}
