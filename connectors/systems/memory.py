"""A system whose records are given in the program: for trying out and for the tests of those who adopt this.

Finds by folded comparison of all given attributes. It is no place for real persons, and says so when made.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.systems.faults import NotEnoughToIdentify, UnknownCategory
from connectors.systems.folding import folded
from connectors.systems.source import Arrival, CategoryDescription, Description, PersonKey
from schemas.errors import Refusal


class InsecureStandIn(UserWarning):
    """Something is in use that is meant for trials only."""


@dataclass(frozen=True, slots=True)
class MemoryPerson:
    """A made-up person: how to find them, and one record for each category."""

    identity: Mapping[str, str]
    records: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class MemorySource:
    """Holds made-up persons in memory."""

    def __init__(self, name: str, people: Sequence[MemoryPerson], schemas: Mapping[str, str]) -> None:
        """Take the persons and the schema of each category. Warns: this is not for real records."""
        warnings.warn(
            f'"{name}" keeps its records in memory: for trials only.', InsecureStandIn, stacklevel=2
        )
        self.name = name
        self._people = tuple(people)
        self._schemas = dict(schemas)
        self.fault: Refusal | None = None
        """Set it to make every read fail, as a real system does now and then."""

    def find(self, identify: Mapping[str, str]) -> list[PersonKey]:
        """Give every person whom all given attributes fit."""
        self._fail()
        if not any(folded(value) for value in identify.values()):
            raise NotEnoughToIdentify
        return [PersonKey(n) for n, person in enumerate(self._people) if _fits(person, identify)]

    def identity(self, person: PersonKey) -> dict[str, str]:
        """Give what the person was made with."""
        return dict(self._person(person).identity)

    def read(self, person: PersonKey, category: str, fields: Sequence[str]) -> dict[str, Any] | None:
        """Give the record with at most these fields."""
        self._fail()
        if category not in self._schemas:
            raise UnknownCategory(f'{self.name} holds no "{category}".', system=self.name)
        held = self._person(person).records.get(category, {})
        return {name: value for name, value in held.items() if name in fields} or None

    def some_person(self) -> PersonKey | None:
        """Give the first person."""
        return PersonKey(0) if self._people else None

    def check(self) -> None:
        """Raise the fault that was set."""
        self._fail()

    def refresh(self, now: datetime) -> list[Arrival]:  # noqa: ARG002 - nothing arrives in memory
        """Nothing arrives here."""
        return []

    def describe(self) -> Description:
        """Say what is held."""
        attributes = tuple(dict.fromkeys(name for person in self._people for name in person.identity))
        return Description(
            name=self.name,
            kind="memory",
            place="memory: for trials only",
            read_only="nothing to write to",
            identify_with=attributes,
            enough=tuple((name,) for name in attributes),
            categories={
                category: CategoryDescription(schema, self._fields(category))
                for category, schema in self._schemas.items()
            },
        )

    def _fields(self, category: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for one in self._people for name in one.records.get(category, {})))

    def _person(self, person: PersonKey) -> MemoryPerson:
        return self._people[int(person.value)]

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault


def _fits(person: MemoryPerson, identify: Mapping[str, str]) -> bool:
    given = {name: folded(value) for name, value in identify.items() if folded(value)}
    return all(folded(person.identity.get(name, "")) == value for name, value in given.items())
