"""What is fixed for one type of message: who may send it, what it carries, what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from marshmallow import Schema

from schemas.messages.shape import Message

MEMBER = frozenset({"member"})
AGENCY = frozenset({"agency"})
CITIZEN = frozenset({"citizen"})
BOTH = AGENCY | CITIZEN
COORDINATOR = frozenset({"coordinator"})


@dataclass(frozen=True, slots=True)
class TypeRule:
    """One line of the type table; `statement_schemas` maps the names to the schemas of their content."""

    name: str
    family: str
    sealed: bool
    by: frozenset[str]
    in_case: bool
    body_schema: Schema | None = None
    statement_schemas: Mapping[str, Schema] = field(default_factory=dict)
    why_not_citizen: str | None = None
    anywhere: bool = False
    """It may also be said outside of a case, about a message that has none."""
    alone: bool = False
    """It may go to the coordinator alone, when nobody else has a seat in the case."""
    after_closing: bool = False
    """It may still be said in a closed case: it protects the citizen, or opens the case again."""
    to: tuple[str, ...] | None = None
    """The only recipients that it may have; None leaves them to the case."""
    needs: frozenset[str] = frozenset()
    """Envelope fields that must be present besides those of every message of its kind."""
    check: Callable[[Message], None] | None = None
    """Rules of this type between envelope and body; raises Invalid."""


def opened(name: str, by: frozenset[str], body: type[Schema], **more: object) -> TypeRule:
    """Make the rule of an open type."""
    return _rule(name, sealed=False, by=by, body_schema=body(), **more)


def sealed(name: str, by: frozenset[str], statements: Mapping[str, Schema], **more: object) -> TypeRule:
    """Make the rule of a sealed type."""
    return _rule(name, sealed=True, by=by, statement_schemas=statements, **more)


def _rule(name: str, **settings: object) -> TypeRule:
    return TypeRule(name=name, family=name.split(".", maxsplit=1)[0], **{"in_case": True, **settings})  # type: ignore[arg-type]  # each setting is a field of TypeRule
