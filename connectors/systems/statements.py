"""Builds the SQL of one mapping: constant texts with bound parameters, whatever is asked.

What comes from a person or a partner is always a parameter; names of tables and columns come from the mapping
file alone and are quoted by SQLAlchemy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Executable,
    FromClause,
    Select,
    and_,
    bindparam,
    column,
    false,
    literal_column,
    or_,
    select,
    table,
    text,
)

from connectors.systems.dates import EPOCH, NATIVE, DateFormat, epoch_range
from connectors.systems.faults import MappingFault
from connectors.systems.mapping import Attribute, People, Query, SystemMap, Table
from connectors.systems.matching import asked_day

KEY = "accord_person"
"""The label of the key column in every statement that looks for persons."""
_STARTS = re.compile(r"\s*(--[^\n]*\n\s*|/\*.*?\*/\s*)*(select|with)\b", re.IGNORECASE | re.DOTALL)


def table_clause(name: str, columns: Iterable[str] = ()) -> FromClause:
    """Give a table or view by its name, its schema before a dot. Names in small letters are left unquoted."""
    schema, _, plain = name.rpartition(".")
    return table(plain, *(column(one) for one in dict.fromkeys(columns)), schema=schema or None)


def rows_statement(rows: Table | Query, columns: Iterable[str], key: str) -> Executable:
    """Give the statement for the rows that belong to :person."""
    if isinstance(rows, Query):
        return text(checked_query(rows.query, key, {"person"}))
    # Without a column of its own, a record of constants still asks whether the person is there.
    wanted = list(dict.fromkeys(columns)) or [rows.person]
    source = table_clause(rows.table, [*wanted, rows.person, *rows.where])
    conditions = [source.c[rows.person] == bindparam("person")]
    conditions += [
        source.c[name] == bindparam(f"where_{n}", value) for n, (name, value) in _numbered(rows.where)
    ]
    return select(*(source.c[name] for name in wanted)).where(*conditions)


def _numbered(where: Mapping[str, str | int]) -> list[tuple[int, tuple[str, str | int]]]:
    return list(enumerate(where.items()))


def checked_query(query: str, key: str, parameters: set[str]) -> str:
    """Refuse a query that is not one reading statement with exactly these parameters."""
    plain = query.strip().removesuffix(";").rstrip()
    if not _STARTS.match(plain) or ";" in _without_literals(plain):
        raise MappingFault(f"{key}: expected one statement that begins with SELECT or WITH.", key=key)
    found = set(text(plain).compile().params)
    if found != parameters:
        expected = ", ".join(f":{name}" for name in sorted(parameters)) or "no parameters"
        raise MappingFault(
            f"{key}: expected {expected}, found {' '.join(f':{name}' for name in sorted(found)) or 'none'}.",
            remedy=r'A colon that is no parameter is written "\:"; within "…" of TOML it is "\\:".',
            key=key,
        )
    return plain


def _without_literals(query: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", "", query, flags=re.DOTALL)


class PeopleStatements:
    """The statements that look for persons: one text for each set of attributes, made once and kept."""

    def __init__(self, mapping: SystemMap) -> None:
        """Check the query, if it is one."""
        self._attributes = mapping.attributes
        self._people = mapping.people
        self._source = _people(mapping.people, mapping.attributes)

    def search(self, given: Iterable[str]) -> Select[Any]:
        """Give the statement that narrows down by those of the attributes which the database can compare."""
        conditions = [self._condition(self._attributes[name]) for name in sorted(given)]
        return self._every().where(*(one for one in conditions if one is not None))

    def one(self) -> Select[Any]:
        """Give the statement for the attributes of the person :person."""
        return self._every().where(self._key() == bindparam("person"))

    def any(self) -> Select[Any]:
        """Give the statement for the first person there is."""
        return self._every().order_by(self._key()).limit(1)

    def none(self) -> Select[Any]:
        """Give a statement that names everything and finds nobody: what a check runs."""
        return self._every().where(false())

    def _every(self) -> Select[Any]:
        held = [self._column(attribute).label(f"a_{name}") for name, attribute in self._attributes.items()]
        return select(self._key().label(KEY), *held).select_from(self._source)

    def _key(self) -> ColumnElement[Any]:
        return self._source.c[self._people.key]

    def _column(self, attribute: Attribute) -> ColumnElement[Any]:
        if attribute.is_expression:
            return literal_column(attribute.column)
        return self._source.c[attribute.column]

    def _condition(self, attribute: Attribute) -> ColumnElement[bool] | None:
        held = self._column(attribute)
        if attribute.compare == "exact":
            return held == bindparam(f"p_{attribute.name}")
        if attribute.compare == "date":
            return or_(*(_day(held, attribute.name, n, one) for n, one in enumerate(attribute.formats)))
        return None


def search_parameters(given: Mapping[str, str], attributes: Mapping[str, Attribute]) -> dict[str, Any] | None:
    """Give the values for `PeopleStatements.search`, or None when a date that is asked is no date."""
    found: dict[str, Any] = {}
    for name, asked in given.items():
        attribute = attributes[name]
        if attribute.compare == "exact":
            found[f"p_{name}"] = asked
        elif attribute.compare == "date":
            day = asked_day(asked)
            if day is None:
                return None
            for number, one in enumerate(attribute.formats):
                found.update(_day_values(attribute, number, one, day))
    return found


def _people(people: People, attributes: Mapping[str, Attribute]) -> FromClause:
    plain = [one.column for one in attributes.values() if not one.is_expression]
    columns = list(dict.fromkeys([people.key, *plain]))
    if people.is_query:
        query = text(checked_query(people.source, "person.query", set()))
        return query.columns(*(column(name) for name in columns)).subquery("accord_people")
    return table_clause(people.source, columns)


_SOME_DAY = date(2000, 1, 1)


def _day(held: ColumnElement[Any], name: str, number: int, one: DateFormat) -> ColumnElement[bool]:
    """Compare in the form in which the column is written, so that an index on it helps."""
    if one.text in EPOCH:
        return and_(held >= _bound(name, number, 0), held < _bound(name, number, 1))
    count = 1 if one.text == NATIVE else len(one.write(_SOME_DAY))
    return or_(*(held == _bound(name, number, n) for n in range(count)))


def _bound(name: str, number: int, n: int) -> BindParameter[Any]:
    return bindparam(f"p_{name}_{number}_{n}")


def _day_values(attribute: Attribute, number: int, one: DateFormat, day: date) -> dict[str, Any]:
    if one.text == NATIVE:
        values: tuple[Any, ...] = (day,)
    elif one.text in EPOCH:
        values = epoch_range(day, EPOCH[one.text], attribute.zone)
    else:
        values = one.write(day)
    return {f"p_{attribute.name}_{number}_{n}": value for n, value in enumerate(values)}
