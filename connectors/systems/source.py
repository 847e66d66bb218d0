"""What the connector asks of any system that holds an agency's records. The release flow knows only this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class PersonKey:
    """How one system names one person. Never leaves the agency."""

    value: str | int


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file or batch that a system took in: counts only, and where its report is."""

    name: str
    taken: int
    rejected: int
    refused: str | None
    report: str


@dataclass(frozen=True, slots=True)
class Description:
    """What `accord connector systems` shows of a source: no password, no person."""

    name: str
    kind: str
    place: str
    read_only: str
    identify_with: tuple[str, ...]
    enough: tuple[tuple[str, ...], ...]
    categories: Mapping[str, CategoryDescription]


@dataclass(frozen=True, slots=True)
class CategoryDescription:
    """One category that a source holds: the schema of its records and the fields that are mapped."""

    schema: str
    fields: tuple[str, ...]


@runtime_checkable
class Source(Protocol):
    """A system of the agency. Every method may raise a SystemFault; none of them changes the system."""

    @property
    def name(self) -> str:
        """The name under [systems] in connector.toml."""

    def find(self, identify: Mapping[str, str]) -> list[PersonKey]:
        """Give everyone whom all the given attributes fit; the caller decides what several mean."""

    def identity(self, person: PersonKey) -> dict[str, str]:
        """Give the attributes by which the person could be found, to be compared by a caseworker."""

    def read(self, person: PersonKey, category: str, fields: Sequence[str]) -> dict[str, Any] | None:
        """Give the record with at most these fields, or None when nothing is held."""

    def some_person(self) -> PersonKey | None:
        """Give any one person, for trying out the mapping."""

    def check(self) -> None:
        """Raise a SystemFault that says what is wrong with the mapping or the access, if anything is."""

    def refresh(self, now: datetime) -> list[Arrival]:
        """Take in what has arrived since the last time, where the source works in that way."""

    def describe(self) -> Description:
        """Say what this source holds and how it is reached."""
