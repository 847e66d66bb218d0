"""From the marshmallow schemas to JSON Schema 2020-12, one self-contained file each, and a table of types.

Rules between fields (a consent lasts at most a year, and the like) cannot be said in JSON Schema: a document
that fits may still be refused. The vectors show which.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from schemas.agreement_schema import AgreementSchema
from schemas.consent_schema import ConsentSchema, TermsSchema
from schemas.messages.envelope_schema import EnvelopeSchema
from schemas.messages.fields import Checked, Tagged
from schemas.messages.table import TYPES
from schemas.records import RECORDS
from schemas.records.record import RecordSchema

FOLDER = Path(__file__).parent
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def documents() -> dict[str, dict[str, Any]]:
    """Give every published document by its path below this folder."""
    found = {
        "types.json": types(),
        "envelope.json": document("envelope", EnvelopeSchema()),
        "consent.json": document("consent/1", ConsentSchema()),
        "consent_terms.json": document("consent-terms/1", TermsSchema()),
        "agreement.json": document("agreement/1", AgreementSchema()),
    }
    for rule in TYPES.values():
        if rule.body_schema is not None:
            found[path("bodies", rule.name)] = document(rule.name, rule.body_schema)
        for name, schema in rule.statement_schemas.items():
            folder = "records" if name in RECORDS else "statements"
            found[path(folder, name)] = document(name, schema)
    return found


def path(folder: str, name: str) -> str:
    """Give the file of a versioned name: `housing.tenancy/1` is in `records/housing.tenancy.1.json`."""
    return f"{folder}/{name.replace('/', '.')}.json"


def document(name: str, schema: Schema) -> dict[str, Any]:
    """Give one schema with its name, inlined so that no other file is needed."""
    made = _converter().schema2jsonschema(schema)
    if isinstance(schema, RecordSchema):
        made["minProperties"] = 1
    about = inspect.getdoc(schema) or name
    return {"$schema": _DIALECT, "$id": f"urn:accord:schema:{name}", "description": about, **made}


def types() -> dict[str, Any]:
    """Give the table of types, for programs that cannot read ours."""
    return {
        name: {
            "sealed": rule.sealed,
            "by": sorted(rule.by),
            "in_case": rule.in_case,
            "anywhere": rule.anywhere,
            "alone": rule.alone,
            "to": list(rule.to) if rule.to else None,
            "needs": sorted(rule.needs),
            "body": path("bodies", name) if rule.body_schema else None,
            "statements": sorted(rule.statement_schemas),
            "why_not_citizen": rule.why_not_citizen,
        }
        for name, rule in TYPES.items()
    }


def write() -> None:
    """Write all documents and remove those that no schema makes any more."""
    made = {FOLDER / name: text(content) for name, content in documents().items()}
    for stale in set(FOLDER.rglob("*.json")) - set(made):
        if not stale.name.startswith("openapi-"):  # those are made from the routes, by their own command
            stale.unlink()
    for file, content in made.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, "utf-8")


def text(content: Mapping[str, Any]) -> str:
    """Give a document's bytes as they are committed."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _converter() -> Any:
    """Make apispec's converter (untyped) for OpenAPI 3.1, whose schemas are JSON Schema 2020-12."""
    # A schema without a name is written where it is used instead of being referred to.
    plugin = MarshmallowPlugin(schema_name_resolver=lambda _schema: "")
    APISpec(title="Accord", version="1", openapi_version="3.1.0", plugins=[plugin])
    converter: Any = plugin.converter
    for function in (_alternatives(converter), _never_empty):
        converter.add_attribute_function(function)
    return converter


def _alternatives(converter: Any) -> Callable[..., dict[str, Any]]:
    """Publish fields that take one of several objects, and keys."""

    def attributes(_self: object, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
        if isinstance(field, Tagged):
            return {"oneOf": [converter.schema2jsonschema(each) for each in field.choices.values()]}
        shapes = field.published if isinstance(field, Checked) else ()
        made = [converter.schema2jsonschema(each()) for each in shapes]
        return made[0] if len(made) == 1 else {"oneOf": made} if made else {}

    return attributes


def _never_empty(_self: object, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    nested = field.schema if isinstance(field, fields.Nested) else None
    return {"minProperties": 1} if isinstance(nested, RecordSchema) else {}
