"""Makes a record from rows by a category's field map. Takes rows as mappings, gives JSON; reads nothing.

A value that is empty is left out, a value that does not convert is an error with its column and field: a
record is never released with a part silently missing. Whether the result is valid is for its schema to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connectors.systems.faults import NotConvertible
from connectors.systems.mapping import Column, Constant, FieldMap, Group, Items, RowsOf

Row = Mapping[str, object]
MoreRows = Callable[[RowsOf, str], Iterable[Row]]
"""Gives the rows of another table that belong to the same person; the text names their field."""


def record_of(fields: Mapping[str, FieldMap], row: Row, more: MoreRows) -> dict[str, Any] | None:
    """Give the record, or None when there is nothing in it but constants."""
    made: dict[str, Any] | None = _value(Group(fields), row, more, "")
    return made


def is_empty(value: object, empty: frozenset[str] = frozenset()) -> bool:
    """Say whether the value stands for nothing."""
    if value is None:
        return True
    text = str(value).strip()
    return not text or text in empty


def column_value(mapped: Column, row: Row, field: str) -> Any:
    """Convert one column of the row, or give None when it is empty."""
    value = row[mapped.column]
    if is_empty(value, mapped.empty):
        return None
    try:
        converted = mapped.conversion.convert(value)
    except NotConvertible as error:
        raise error.at(column=mapped.column, field=field) from None
    return None if converted == [] else converted


def _value(mapped: FieldMap, row: Row, more: MoreRows, path: str) -> Any:
    match mapped:
        case Column():
            return column_value(mapped, row, path)
        case Constant(value=value):
            return value
        case Group(fields=fields):
            return _group(fields, row, more, path)
        case Items(items=items):
            values = [_value(item, row, more, f"{path}[{n}]") for n, item in enumerate(items)]
            # The same number in two columns is one number.
            entries = [value for place, value in enumerate(values) if value not in values[:place]]
        case RowsOf(entry=entry):
            entries = [_value(entry, one, more, path) for one in more(mapped, path)]
    return [entry for entry in entries if entry is not None] or None


def _group(fields: Mapping[str, FieldMap], row: Row, more: MoreRows, path: str) -> dict[str, Any] | None:
    made = {
        name: _value(inner, row, more, f"{path}.{name}" if path else name) for name, inner in fields.items()
    }
    filled = {name: value for name, value in made.items() if value is not None}
    says_something = [name for name in filled if not isinstance(fields[name], Constant)]
    only_constants = all(isinstance(inner, Constant) for inner in fields.values())
    return filled if says_something or only_constants else None
