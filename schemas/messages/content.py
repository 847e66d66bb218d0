"""The content of a statement against the schema that it names: a record, or what a sealed type carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from schemas.errors import UnknownSchema
from schemas.messages.reading import read
from schemas.messages.table import TYPES

_CONTENTS: Mapping[str, Schema] = {
    name: schema for rule in TYPES.values() for name, schema in rule.statement_schemas.items()
}


def check_content(schema: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the content back if it fits; raise Invalid or UnknownSchema.

    Whether the statement belongs to the message around it, `schemas.statement.belongs_to` says.
    """
    found = _CONTENTS.get(schema)
    if found is None:
        raise UnknownSchema
    read(found, content, what="content")
    return content
