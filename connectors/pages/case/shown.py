"""What is inside a record, in words: labels, amounts, dates and codes as people read them, in their language.

Takes a record that fits its schema; decides nothing about who may see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency
from marshmallow import fields

from connectors.pages.languages import day, language
from connectors.pages.languages import gettext as _
from schemas.messages.fields import Day, Several
from schemas.records import schema_for
from schemas.records.record import Coded, MoneySchema

Field = fields.Field[Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """One field: its name, its label, its value in words, and lines of fields where it has parts."""

    name: str
    label: str
    text: str = ""
    parts: tuple[tuple[Shown, ...], ...] = ()


def shown(schema: str, content: Mapping[str, Any]) -> tuple[Shown, ...]:
    """Put a record into words, in the order of its schema."""
    return _fields(schema_for(schema).fields, content)


def labels(schema: str, names: list[str] | tuple[str, ...]) -> list[str]:
    """Give the labels of some fields."""
    known = schema_for(schema).fields
    return [_label(known[name]) if name in known else name for name in names]


def _fields(known: Mapping[str, Field], content: Mapping[str, Any]) -> tuple[Shown, ...]:
    found = []
    for name, field in known.items():
        key = field.data_key or name
        if key in content:
            found.append(_field(key, field, content[key]))
    return tuple(found)


def _field(name: str, field: Field, value: Any) -> Shown:
    label = _label(field)
    if isinstance(field, fields.Nested):
        if isinstance(field.schema, MoneySchema):
            return Shown(name, label, _money(value))
        return Shown(name, label, parts=(_fields(field.schema.fields, value),))
    if isinstance(field, Several):
        inner = field.inner
        if isinstance(inner, fields.Nested):
            return Shown(name, label, parts=tuple(_fields(inner.schema.fields, each) for each in value))
        return Shown(name, label, ", ".join(_plain(inner, each) for each in value))
    return Shown(name, label, _plain(field, value))


def _label(field: Field) -> str:
    found: Mapping[str, str] = field.metadata.get("x-label", {})
    return found.get(language(), str(field.name or ""))


def _plain(field: Field, value: Any) -> str:
    if isinstance(field, Coded):
        return str(field.metadata["x-codes"][value][language()])
    if isinstance(field, Day):
        return day(date.fromisoformat(value))
    if value is True:
        return _("Yes")
    if value is False:
        return _("No")
    return str(value)


def _money(value: Mapping[str, Any]) -> str:
    amount = Decimal(value["amount"]) / 100
    return str(format_currency(amount, value["currency"], locale=language()))
