"""Finds many rows by one statement whose text never changes: `one_of`, and for hot paths `Lookup`.

A list spelled out in the statement would be planned anew for every length (0.65 ms each on PostgreSQL); and
SQLite uses an index for a sub-select, but not for row values. Give the values as a list of strings.
"""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Select, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

from coordinator.database.driver import Values, run, run_together

_AHEAD = "accord_looked_up_ahead"


class _Texts(TypeDecorator[list[str]]):
    """A list of strings: an array for PostgreSQL, JSON for SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Text()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        listed = list(value or ())
        return listed if dialect.name == "postgresql" else json.dumps(listed)


class _OneOf(FunctionElement[bool]):
    """`column` is one of the values bound under a name."""

    name = "one_of"
    inherit_cache = True
    # Not Boolean: for SQLite that would be written as `(… IN …) = 1`, which reads the whole table.
    type = NullType()  # type: ignore[assignment]  # see above


def one_of(column: ColumnElement[str], values: str) -> ColumnElement[bool]:
    """Give the condition; `values` is the name under which the list is bound when the statement runs."""
    return _OneOf(column, bindparam(values, type_=_Texts()))


@compiles(_OneOf, "postgresql")
def _postgresql(element: _OneOf, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(part, **kw) for part in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(_OneOf, "sqlite")
def _sqlite(element: _OneOf, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(part, **kw) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - both are compiled parts


class Lookup:
    """A select by `one_of`, compiled once for each database and then run past the statement builder.

    What every batch looks up costs a third of the usual this way. JSON comes as the driver gives it
    (`json_of`).
    """

    def __init__(self, statement: Select[Any]) -> None:
        """Take a select with one list to be bound, whatever its name."""
        self._statement = statement
        self._text: dict[str, tuple[str, str, Callable[[Iterable[Any]], Any]]] = {}

    def all(self, connection: Connection, wanted: Iterable[str]) -> Sequence[Any]:
        """Give the rows for these values; without values none, and nothing is asked."""
        listed = list(wanted)
        if not listed:
            return []
        ahead: dict[Any, Sequence[Any]] | None = connection.info.get(_AHEAD)
        if ahead and (self, frozenset(listed)) in ahead:
            return ahead.pop((self, frozenset(listed)))
        words, values, row = self._ask(connection, listed)
        return [row(each) for each in run(connection, words, values)]

    def _ask(
        self, connection: Connection, listed: list[str]
    ) -> tuple[str, Values, Callable[[Iterable[Any]], Any]]:
        words, name, row = self._text.get(connection.dialect.name) or self._compile(connection.dialect)
        if connection.dialect.name == "postgresql":
            return words, {name: listed}, row
        return words, (json.dumps(listed),), row

    def _compile(self, dialect: Dialect) -> tuple[str, str, Callable[[Iterable[Any]], Any]]:
        compiled = self._statement.compile(dialect=dialect)
        (name,) = compiled.binds
        named: Any = namedtuple  # noqa: PYI024 - the columns, and so their types, are known only now
        row = named("Row", [column.name for column in self._statement.selected_columns])
        self._text[dialect.name] = found = (str(compiled), name, row._make)
        return found


@contextmanager
def looked_up_ahead(connection: Connection, wanted: Iterable[tuple[Lookup, Iterable[str]]]) -> Iterator[None]:
    """Ask for all of this in one round trip (PostgreSQL); inside the block the same look-ups find it here.

    A look-up that is not among them, or has other values, asks by itself as ever.
    """
    if connection.dialect.name != "postgresql":
        yield  # SQLite has no round trips
        return
    listed = [(lookup, list(values)) for lookup, values in wanted]
    asked = [(lookup, values, *lookup._ask(connection, values)) for lookup, values in listed if values]  # noqa: SLF001 - of this file
    answers = run_together(connection, [(words, given) for _, _, words, given, _ in asked])
    connection.info[_AHEAD] = {
        (lookup, frozenset(values)): [row(each) for each in rows]
        for (lookup, values, _, _, row), rows in zip(asked, answers, strict=True)
    }
    try:
        yield
    finally:
        # The connection outlives the transaction; what was true in it must not.
        del connection.info[_AHEAD]


def json_of(stored: Any) -> Any:
    """Read JSON as a driver gave it: SQLite gives text, psycopg what it stands for."""
    return json.loads(stored) if isinstance(stored, str) else stored
