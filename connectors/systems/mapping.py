"""What a mapping file says, once it is read and checked: where persons are found, how rows become records.

Frozen values only; `mapping_file.py` makes them from TOML, `record.py` and `sql.py` follow them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Literal

from connectors.systems.dates import DateFormat
from connectors.systems.values import Conversion

Compare = Literal["exact", "folded", "folded_first", "date", "digits"]


@dataclass(frozen=True, slots=True)
class Column:
    """A field that one column holds; the texts in `empty` stand for nothing."""

    column: str
    conversion: Conversion
    empty: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Constant:
    """A field that is the same for everyone in this system."""

    value: str | int | bool


@dataclass(frozen=True, slots=True)
class Group:
    """An object within the record, of fields of the same row; left out when only constants are in it."""

    fields: Mapping[str, FieldMap]


@dataclass(frozen=True, slots=True)
class Items:
    """A list whose entries stand in different columns of the same row; empty entries are left out."""

    items: tuple[FieldMap, ...]


@dataclass(frozen=True, slots=True)
class RowsOf:
    """A list with one entry for each row that belongs to the person."""

    rows: Rows
    entry: FieldMap


FieldMap = Column | Constant | Group | Items | RowsOf


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table or view whose `person` column is the person's key."""

    table: str
    person: str
    where: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Query:
    """The rows of a query with the parameter :person."""

    query: str


Rows = Table | Query


@dataclass(frozen=True, slots=True)
class People:
    """Where persons are looked up: a table, view or query without parameters, and the column that keys them.

    `enough` lists sets of attributes; a search must give at least one whole set.
    """

    source: str
    is_query: bool
    key: str
    enough: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute by which a person can be found: the column or expression, and how values compare."""

    name: str
    column: str
    is_expression: bool
    compare: Compare
    formats: tuple[DateFormat, ...] = ()
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class CategoryMap:
    """How one category's record is made: its schema, the person's row (if it needs one), its fields."""

    category: str
    schema: str
    rows: Rows | None
    fields: Mapping[str, FieldMap]


@dataclass(frozen=True, slots=True)
class DropFile:
    """One kind of file that arrives in a drop folder."""

    name: str
    pattern: str
    key: tuple[str, ...]
    required: tuple[str, ...]
    encoding: Literal["auto", "utf-8", "cp1252"] = "auto"
    delimiter: str | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class SystemMap:
    """One mapping file. `path` is named in errors; relative places in it are relative to its folder."""

    kind: str
    path: Path
    url: str | None
    folder: Path | None
    store: Path | None
    files: Mapping[str, DropFile]
    people: People
    attributes: Mapping[str, Attribute]
    categories: Mapping[str, CategoryMap]
    stable_s: int = 5


def columns_of(mapped: FieldMap, path: str) -> Iterator[tuple[str, Column]]:
    """Give every column of the same row with the key path of its field; other tables are not walked."""
    match mapped:
        case Column():
            yield path, mapped
        case Group(fields=fields):
            for name, inner in fields.items():
                yield from columns_of(inner, f"{path}.fields.{name}")
        case Items(items=items):
            for number, inner in enumerate(items):
                yield from columns_of(inner, f"{path}.items[{number}]")
        case Constant() | RowsOf():
            return


def rows_of(mapped: FieldMap, path: str) -> Iterator[tuple[str, RowsOf]]:
    """Give every list that comes from rows of its own, with the key path of its field."""
    match mapped:
        case RowsOf():
            yield path, mapped
        case Group(fields=fields):
            for name, inner in fields.items():
                yield from rows_of(inner, f"{path}.fields.{name}")
        case Items(items=items):
            for number, inner in enumerate(items):
                yield from rows_of(inner, f"{path}.items[{number}]")
        case Constant() | Column():
            return
