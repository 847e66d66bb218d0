"""Sorts the rows of one file into those that can be kept and those that cannot, with the reason for each.

A row is kept when every column that the mapping uses converts. Of two rows with the same key that differ,
neither is: nothing says which one is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.systems.drop.decode import CsvRow, Fault
from connectors.systems.faults import NotConvertible
from connectors.systems.mapping import Attribute, Column, DropFile
from connectors.systems.matching import shown
from connectors.systems.record import column_value, is_empty


@dataclass(frozen=True, slots=True)
class Expectation:
    """What one kind of file must hold: its columns as the mapping uses them."""

    kind: DropFile
    columns: tuple[str, ...]
    mapped: tuple[Column, ...]
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class Examined:
    """The rows of one file: to be kept, refused, and repeated word for word."""

    kept: tuple[CsvRow, ...]
    rejected: tuple[CsvRow, ...]
    repeated: int
    columns: tuple[str, ...]
    """The columns that are used."""


def examine(rows: Iterable[CsvRow], expected: Expectation) -> Examined:
    """Check every row, then the keys among them."""
    checked = [row if row.faults else replace(row, faults=tuple(_faults(row, expected))) for row in rows]
    kept, repeated = _without_repeats([row for row in checked if not row.faults], expected)
    clashing = _clashing(kept, expected.kind.key)
    faulty = [row for row in checked if row.faults] + clashing
    lines = {row.line for row in clashing}
    return Examined(
        kept=tuple(row for row in kept if row.line not in lines),
        rejected=tuple(sorted(faulty, key=lambda row: row.line)),
        repeated=repeated,
        columns=expected.columns,
    )


def key_of(row: CsvRow, key: Sequence[str]) -> tuple[str, ...]:
    """Give the values of the key columns."""
    return tuple(row.values[name].strip() for name in key)


def _faults(row: CsvRow, expected: Expectation) -> list[Fault]:
    needed = dict.fromkeys((*expected.kind.key, *expected.kind.required))
    found = {name: Fault(name, "required", "a value") for name in needed if is_empty(row.values[name])}
    for attribute in expected.attributes:
        _note(found, attribute.column, _attribute_fault(row.values, attribute))
    for mapped in expected.mapped:
        _note(found, mapped.column, _column_fault(row.values, mapped))
    return list(found.values())


def _note(found: dict[str, Fault], column: str, fault: Fault | None) -> None:
    if fault is not None:
        found.setdefault(column, fault)


def _attribute_fault(values: Mapping[str, str], attribute: Attribute) -> Fault | None:
    held = values[attribute.column]
    if attribute.compare != "date" or is_empty(held) or shown(attribute, held):
        return None
    return Fault(attribute.column, "not_a_date", " or ".join(one.text for one in attribute.formats))


def _column_fault(values: Mapping[str, str], mapped: Column) -> Fault | None:
    try:
        column_value(mapped, values, "")
    except NotConvertible as error:
        return Fault(mapped.column, error.fault, error.expected)
    return None


def _without_repeats(rows: Iterable[CsvRow], expected: Expectation) -> tuple[list[CsvRow], int]:
    """Leave out rows that say the same, in the columns that are used, as an earlier one."""
    seen: dict[tuple[str, ...], CsvRow] = {}
    count = 0
    for row in rows:
        count += 1
        seen.setdefault(tuple(row.values[name] for name in expected.columns), row)
    return list(seen.values()), count - len(seen)


def _clashing(rows: Sequence[CsvRow], key: Sequence[str]) -> list[CsvRow]:
    by_key: dict[tuple[str, ...], list[CsvRow]] = {}
    for row in rows:
        by_key.setdefault(key_of(row, key), []).append(row)
    groups = [group for group in by_key.values() if len(group) > 1]
    return [replace(row, faults=(_twice(row, group, key),)) for group in groups for row in group]


def _twice(row: CsvRow, group: Sequence[CsvRow], key: Sequence[str]) -> Fault:
    others = ", ".join(str(other.line) for other in group if other is not row)
    return Fault(
        "+".join(key), "key_twice", f"one row for each key; another with this key is on line {others}"
    )
