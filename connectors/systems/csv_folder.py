"""Reads an agency's records from CSV files that its export drops into a folder, by a mapping file alone.

The files are taken into a small SQLite file of the connector's own (`drop/`), which is then read like any
database (`sql.py`). Gives a Source whose `refresh` takes in what has arrived.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.systems.drop.examine import Expectation
from connectors.systems.drop.flow import take_in
from connectors.systems.drop.shelf import Shelf
from connectors.systems.faults import MappingFault
from connectors.systems.mapping import (
    CategoryMap,
    Column,
    DropFile,
    FieldMap,
    Group,
    Query,
    Rows,
    SystemMap,
    Table,
    columns_of,
    rows_of,
)
from connectors.systems.read_only import open_read_only
from connectors.systems.source import Arrival, Description, PersonKey
from connectors.systems.sql import SqlSource


class CsvFolderSource:
    """A drop folder of the agency."""

    def __init__(self, name: str, mapping: SystemMap, folder: Path, store: Path) -> None:
        """Open the store; nothing is taken in before `refresh`."""
        self.name = name
        self._map = mapping
        self._folder = folder
        self._expected = {kind.name: _expectation(kind, mapping) for kind in mapping.files.values()}
        self._shelf = Shelf(store, self._expected.values())
        engine, _ = open_read_only(f"sqlite:///{store}", store.parent)
        self._sql = SqlSource(name, replace(mapping, url=f"sqlite:///{store}"), engine, "")

    def refresh(self, now: datetime) -> list[Arrival]:
        """Take in every file that has arrived whole."""
        return take_in(self._folder, self._expected, self._shelf, stable_s=self._map.stable_s, now=now)

    def find(self, identify: Mapping[str, str]) -> list[PersonKey]:
        """Give everyone whom all given attributes fit."""
        return self._sql.find(identify)

    def identity(self, person: PersonKey) -> dict[str, str]:
        """Give the attributes by which the person is found."""
        return self._sql.identity(person)

    def read(self, person: PersonKey, category: str, fields: Sequence[str]) -> dict[str, Any] | None:
        """Give the record with at most these fields."""
        return self._sql.read(person, category, fields)

    def some_person(self) -> PersonKey | None:
        """Give the first person by key."""
        return self._sql.some_person()

    def check(self) -> None:
        """Check the folder and the store."""
        if not self._folder.is_dir():
            raise MappingFault(
                f'{self._map.path.name}: folder: there is no folder "{self._folder.name}".',
                remedy="Create it, and let the connector's account read and write in it.",
                file=self._map.path.name,
                key="folder",
            )
        self._sql.check()

    def describe(self) -> Description:
        """Say what is mapped."""
        return replace(
            self._sql.describe(),
            place=str(self._folder),
            read_only="the files are moved to done/ beside them, never changed",
        )


def open_csv_folder(name: str, mapping: SystemMap) -> CsvFolderSource:
    """Open the folder and the store that the mapping names."""
    for key, value in (("folder", mapping.folder), ("store", mapping.store), ("files", mapping.files)):
        if not value:
            raise _fault(mapping, key, "needed for a drop folder")
    if mapping.folder is None or mapping.store is None:
        raise _fault(mapping, "folder", "needed for a drop folder")
    if mapping.people.is_query:
        raise _fault(mapping, "person.query", "a drop folder is read by table: the name under [files]")
    if mapping.people.source not in mapping.files:
        raise _fault(mapping, "person.table", f'"{mapping.people.source}" is not under [files]')
    return CsvFolderSource(name, mapping, mapping.folder, mapping.store)


def _expectation(kind: DropFile, mapping: SystemMap) -> Expectation:
    """Gather what the mapping uses of one kind of file."""
    attributes = tuple(one for one in mapping.attributes.values() if mapping.people.source == kind.name)
    mapped = tuple(column for table, column in _uses(mapping) if table.table == kind.name)
    joined = [
        name
        for table, _ in _tables(mapping)
        if table.table == kind.name
        for name in (table.person, *table.where)
    ]
    person = [mapping.people.key] if mapping.people.source == kind.name else []
    used = [one.column for one in attributes] + [one.column for one in mapped]
    columns = (*kind.key, *person, *kind.required, *joined, *used)
    return Expectation(kind, tuple(dict.fromkeys(columns)), mapped, attributes)


def _uses(mapping: SystemMap) -> Iterator[tuple[Table, Column]]:
    for table, entry in _tables(mapping):
        for _, column in columns_of(entry, ""):
            yield table, column


def _tables(mapping: SystemMap) -> Iterator[tuple[Table, FieldMap]]:
    for category in mapping.categories.values():
        whole = Group(category.fields)
        if category.rows is not None:
            yield _table(mapping, category, category.rows), whole
        for _, one in rows_of(whole, ""):
            yield _table(mapping, category, one.rows), one.entry


def _table(mapping: SystemMap, category: CategoryMap, rows: Rows) -> Table:
    key = f"categories.{category.category}"
    if isinstance(rows, Query):
        raise _fault(mapping, key, "a drop folder is read by table, not by query")
    if rows.table not in mapping.files:
        raise _fault(mapping, key, f'table "{rows.table}" is not under [files]')
    return rows


def _fault(mapping: SystemMap, key: str, what: str) -> MappingFault:
    return MappingFault(f"{mapping.path.name}: {key}: {what}.", file=mapping.path.name, key=key)
