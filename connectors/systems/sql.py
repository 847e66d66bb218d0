"""Reads an agency's records from any database that SQLAlchemy reaches, by a mapping file alone.

Takes a SystemMap with a URL, gives a Source. Reads only, with bound parameters only. Errors name the system,
the key of the mapping file and what to do; the database's own words only where no person was asked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Executable
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError, SQLAlchemyError

from connectors.systems.faults import MappingFault, TooManyRows, UnknownCategory, Unreachable
from connectors.systems.mapping import (
    CategoryMap,
    FieldMap,
    Group,
    Rows,
    RowsOf,
    SystemMap,
    columns_of,
    rows_of,
)
from connectors.systems.matching import fits, shown, usable
from connectors.systems.read_only import open_read_only, place_of
from connectors.systems.record import Row, record_of
from connectors.systems.source import Arrival, CategoryDescription, Description, PersonKey
from connectors.systems.statements import KEY, PeopleStatements, rows_statement, search_parameters

SCAN_LIMIT = 20_000
"""Rows compared for one search: beyond that, an attribute is missing that the database can compare."""
FOUND_LIMIT = 50
"""Persons that one search may find: more is not a search for one person."""
ROWS_LIMIT = 500
"""Rows of one list in a record."""


class SqlSource:
    """A database of the agency."""

    def __init__(self, name: str, mapping: SystemMap, engine: Engine, read_only: str) -> None:
        """Prepare every statement; use `open_sql` to open the database too."""
        self.name = name
        self._map = mapping
        self._engine = engine
        self._read_only = read_only
        with self._located():
            self._people = PeopleStatements(mapping)
            for category in mapping.categories.values():
                for key, rows, entry in _row_sets(category):
                    rows_statement(rows, _columns(entry, key), key)

    def find(self, identify: Mapping[str, str]) -> list[PersonKey]:
        """Give everyone whom all given attributes fit, each once."""
        given = usable(identify, self._map.attributes, self._map.people)
        parameters = search_parameters(given, self._map.attributes)
        if parameters is None:
            return []
        try:
            rows = self._rows(self._people.search(given), parameters, "person", SCAN_LIMIT)
        except _NotComparable:
            return []
        found = {_key(row[KEY]): None for row in rows if self._is(row, given)}
        if len(found) > FOUND_LIMIT:
            raise TooManyRows(f"{self.name}: more than {FOUND_LIMIT} persons fit.", system=self.name)
        return [PersonKey(value) for value in found]

    def identity(self, person: PersonKey) -> dict[str, str]:
        """Give the attributes by which the person is found, empty ones left out."""
        rows = self._rows(self._people.one(), {"person": person.value}, "person", ROWS_LIMIT)
        values = {
            name: shown(one, row[f"a_{name}"])
            for row in rows[:1]
            for name, one in self._map.attributes.items()
        }
        return {name: value for name, value in values.items() if value}

    def read(self, person: PersonKey, category: str, fields: Sequence[str]) -> dict[str, Any] | None:
        """Give the record with at most these fields; only the columns that they need are asked for."""
        held = self._category(category)
        wanted = {name: mapped for name, mapped in held.fields.items() if name in fields}
        key = f"categories.{category}"
        row: Row = {}
        if held.rows is not None:
            rows = self._of(person, held.rows, Group(wanted), key)
            if not rows:
                return None
            if len(rows) > 1:
                raise TooManyRows(
                    f"{self.name}: {key}: {len(rows)} rows belong to one person, one is expected.",
                    remedy="Choose one in the query or view, or map the rows as a list of the record.",
                    system=self.name,
                )
            row = rows[0]
        return record_of(wanted, row, lambda more, path: self._list(person, more, f"{key}.fields.{path}"))

    def some_person(self) -> PersonKey | None:
        """Give the first person by key."""
        rows = self._rows(self._people.any(), {}, "person", 1)
        return PersonKey(_key(rows[0][KEY])) if rows else None

    def check(self) -> None:
        """Run every statement for nobody: names what is missing in the words of the database."""
        with self._answering("person", tell=True), self._reading() as connection:
            connection.execute(self._people.none())
        for category in self._map.categories.values():
            for key, rows, entry in _row_sets(category):
                columns = _columns(entry, key)
                with self._answering(key, tell=True), self._reading() as connection:
                    answer = connection.execute(rows_statement(rows, columns, key), {"person": None})
                    self._names(list(answer.keys()), columns)

    def refresh(self, now: datetime) -> list[Arrival]:  # noqa: ARG002 - a database is always up to date
        """Nothing arrives here."""
        return []

    def describe(self) -> Description:
        """Say what is mapped."""
        return Description(
            name=self.name,
            kind=self._map.kind,
            place=place_of(self._map.url or ""),
            read_only=self._read_only,
            identify_with=tuple(self._map.attributes),
            enough=self._map.people.enough,
            categories={
                name: CategoryDescription(one.schema, tuple(one.fields))
                for name, one in self._map.categories.items()
            },
        )

    def _category(self, category: str) -> CategoryMap:
        try:
            return self._map.categories[category]
        except KeyError:
            raise UnknownCategory(f'{self.name} holds no "{category}".', system=self.name) from None

    def _is(self, row: Row, given: Mapping[str, str]) -> bool:
        return all(fits(self._map.attributes[name], asked, row[f"a_{name}"]) for name, asked in given.items())

    def _list(self, person: PersonKey, more: RowsOf, key: str) -> list[Row]:
        return self._of(person, more.rows, more.entry, key)

    def _of(self, person: PersonKey, rows: Rows, entry: FieldMap, key: str) -> list[Row]:
        """Give the rows of one person under the column names that the mapping uses."""
        columns = _columns(entry, key)
        found = self._rows(rows_statement(rows, columns, key), {"person": person.value}, key, ROWS_LIMIT)
        names = self._names(list(found[0]), columns) if found else {}
        return [{wanted: row[held] for wanted, held in names.items()} for row in found]

    def _rows(self, statement: Executable, parameters: Mapping[str, Any], key: str, limit: int) -> list[Row]:
        with self._answering(key), self._reading() as connection:
            answer = connection.execute(statement, parameters)
            rows = answer.mappings().fetchmany(limit + 1)
        if len(rows) > limit:
            raise TooManyRows(
                f"{self.name}: {key}: more than {limit} rows.",
                remedy='Have an attribute with compare = "exact" or "date" in every set of `enough`.',
                system=self.name,
            )
        return [dict(row) for row in rows]

    def _names(self, held: Sequence[str], wanted: Mapping[str, str]) -> dict[str, str]:
        """Find each wanted column among those of the answer; capitals may differ if that is unambiguous."""
        folded = {name.casefold(): name for name in held}
        names = {}
        for name, key in wanted.items():
            found = name if name in held else folded.get(name.casefold())
            if found is None:
                raise self._missing(name, key, held)
            names[name] = found
        return names

    def _missing(self, name: str, key: str, held: Sequence[str]) -> MappingFault:
        near = difflib.get_close_matches(name, held, n=1, cutoff=0.5)
        hint = f'did you mean "{near[0]}"?' if near else f"the columns are {', '.join(held)}"
        return MappingFault(
            f'{self._map.path.name}: {key}: there is no column "{name}"; {hint}',
            remedy="Correct the name in the mapping file, then run `accord connector systems try`.",
            file=self._map.path.name,
            key=key,
            column=name,
        )

    @contextmanager
    def _located(self) -> Iterator[None]:
        """Put the name of the mapping file before what is wrong with it."""
        try:
            yield
        except MappingFault as error:
            file = self._map.path.name
            raise MappingFault(
                f"{file}: {error.detail}", remedy=error.remedy, file=file, **error.facts
            ) from None

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """Give a connection whose transaction is always rolled back: there is nothing to keep."""
        with self._engine.connect() as connection:
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def _answering(self, key: str, *, tell: bool = False) -> Iterator[None]:
        """Translate what the database raises. Its own words may quote a person's data, so they are kept out
        of the error and of its chain unless nobody was asked for (`tell`).
        """
        try:
            yield
        except SQLAlchemyError as error:
            said = _said(error) if tell else type(error).__name__
            kind = _NotComparable if isinstance(error, DataError) else Unreachable
            raise kind(
                f"{self.name} ({self._map.path.name}): {key}: {said}.",
                remedy=f"Run `accord connector systems try {self.name}`: it checks every table and column.",
                system=self.name,
                key=key,
            ) from None


class _NotComparable(Unreachable):
    """The database cannot compare what was asked with its column."""


def _said(error: SQLAlchemyError) -> str:
    """Give the database's words about tables and connections; errors about data may quote the data."""
    words = str(getattr(error, "orig", None) or "").strip()
    if not isinstance(error, (ProgrammingError, OperationalError)) or "decode" in words or not words:
        return type(error).__name__
    return words.splitlines()[0]


def open_sql(name: str, mapping: SystemMap) -> SqlSource:
    """Open the database that the mapping names."""
    if not mapping.url:
        raise MappingFault(
            f"{mapping.path.name}: url: needed for a database.", file=mapping.path.name, key="url"
        )
    engine, read_only = open_read_only(mapping.url, mapping.path.parent)
    return SqlSource(name, mapping, engine, read_only)


def _row_sets(category: CategoryMap) -> Iterator[tuple[str, Rows, FieldMap]]:
    """Give every set of rows that a category reads, with its key path and what is made of a row."""
    key = f"categories.{category.category}"
    whole = Group(category.fields)
    if category.rows is not None:
        yield key, category.rows, whole
    elif stray := next(iter(columns_of(whole, key)), None):
        raise MappingFault(f"{stray[0]}: a column needs the category's own table or query.", key=stray[0])
    for path, one in rows_of(whole, key):
        if next(rows_of(one.entry, path), None):
            raise MappingFault(
                f"{path}: a list within a list of rows is not read; use a query with a join.", key=path
            )
        yield path, one.rows, one.entry


def _columns(entry: FieldMap, key: str) -> dict[str, str]:
    """Give the columns that an entry needs, each with the key path that needs it first."""
    found: dict[str, str] = {}
    for path, one in columns_of(entry, key):
        found.setdefault(one.column, path)
    return found


def _key(value: object) -> str | int:
    """Give the person's key as text or number, so that it can be kept and compared."""
    if isinstance(value, int):
        return value
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return str(value)
