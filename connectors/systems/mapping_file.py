"""Reads a mapping file (TOML) into a SystemMap, or says which key is wrong and what is expected.

Takes a path, gives frozen values. Unknown keys are refused. Whether tables and columns exist is for the
system to say (`Source.check`).
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

import marshmallow
from marshmallow import ValidationError

from connectors.systems.faults import MappingFault
from connectors.systems.mapping import (
    Attribute,
    CategoryMap,
    Column,
    Constant,
    DropFile,
    FieldMap,
    Group,
    Items,
    People,
    RowsOf,
    SystemMap,
)
from connectors.systems.mapping_keys import MappingFileSchema, rows_from
from connectors.systems.values import Code, Split
from schemas import records
from schemas.errors import Refusal

_QUOTES = 'A name with a dot in it needs quotes: ["a.b"].'


def load_mapping(path: Path, overrides: Mapping[str, Any] | None = None) -> SystemMap:
    """Read one mapping file; `overrides` are the keys that connector.toml sets beside `mapping`."""
    return parse_mapping({**_read(path), **(overrides or {})}, path)


def parse_mapping(document: Mapping[str, Any], path: Path) -> SystemMap:
    """Check one mapping document. `path` is named in errors, and relative places start at its folder."""
    try:
        values: dict[str, Any] = MappingFileSchema().load(document)
    except ValidationError as error:
        raise _fault(path, list(_flat(error.normalized_messages()))) from None
    made = _system(values, path)
    _check_records(made)
    return made


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise MappingFault(f"{path.name}: this is not TOML: {error}.", file=path.name) from error
    except (OSError, UnicodeDecodeError) as error:
        raise MappingFault(
            f"{path.name}: the file cannot be read as UTF-8 text.",
            remedy="Check `mapping` under [systems] in connector.toml, and that the file may be read.",
            file=path.name,
        ) from error


def _fault(path: Path, faults: list[tuple[str, str]]) -> MappingFault:
    listed = "; ".join(f"{key}: {what}" for key, what in faults[:10])
    remedy = "Correct the keys that are named."
    if any(key.startswith("categories.") for key, _ in faults):
        remedy = f"{remedy} {_QUOTES}"
    return MappingFault(f"{path.name}: {listed}", remedy=remedy, file=path.name, key=faults[0][0])


def _flat(messages: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Turn marshmallow's nested messages into key paths."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            below = (
                path if key == "_schema" else f"{path}[{key}]" if isinstance(key, int) else _join(path, key)
            )
            yield from _flat(inner, below)
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            yield path or "the file", str(message)


def _join(path: str, key: str) -> str:
    shown = f'"{key}"' if "." in key else key
    return f"{path}.{shown}" if path else shown


def _system(values: Mapping[str, Any], path: Path) -> SystemMap:
    attributes = {name: _attribute(name, keys) for name, keys in values["identify"].items()}
    person = values["person"]
    return SystemMap(
        kind=values["kind"],
        path=path,
        url=_url(values, path),
        folder=_place(path, values.get("folder")),
        store=_place(path, values.get("store")),
        files={name: DropFile(name=name, **keys) for name, keys in values.get("files", {}).items()},
        people=People(
            source=person.get("query") or person["table"],
            is_query="query" in person,
            key=person["key"],
            enough=tuple(tuple(group) for group in person.get("enough", [list(attributes)])),
        ),
        attributes=attributes,
        categories={
            name: CategoryMap(name, keys["schema"], rows_from(keys), keys["fields_"])
            for name, keys in values["categories"].items()
        },
        stable_s=values["stable_s"],
    )


def _attribute(name: str, keys: Mapping[str, Any]) -> Attribute:
    return Attribute(
        name=name,
        column=keys.get("column") or keys["expr"],
        is_expression="expr" in keys,
        compare=keys["compare"],
        formats=keys.get("formats", ()),
        zone=keys.get("timezone") or UTC,
    )


def _place(path: Path, place: str | None) -> Path | None:
    return None if place is None else path.parent / place


def _url(values: Mapping[str, Any], path: Path) -> str | None:
    """Give the database's URL; a password belongs in url_file, which only the connector may read."""
    if "url_file" not in values:
        url: str | None = values.get("url")
        return url
    try:
        return Path(path.parent / values["url_file"]).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise MappingFault(
            f'{path.name}: url_file: "{values["url_file"]}" cannot be read.',
            remedy="Write the database's URL into that file, readable by the connector's account alone.",
            file=path.name,
            key="url_file",
        ) from error


def _check_records(mapping: SystemMap) -> None:
    """Refuse schemas, fields and codes that no record has: a misspelt field would never be shared."""
    for category in mapping.categories.values():
        key = _join("categories", category.category)
        try:
            schema = records.schema_for(category.schema)
        except Refusal as error:
            what = f'no record schema "{category.schema}" exists'
            raise _fault(mapping.path, [(f"{key}.schema", what)]) from error
        faults = list(_field_faults(schema, category.fields, f"{key}.fields"))
        if faults:
            raise _fault(mapping.path, faults)


def _field_faults(
    schema: marshmallow.Schema, mapped: Mapping[str, FieldMap], path: str
) -> Iterator[tuple[str, str]]:
    for name, inner in mapped.items():
        if name in schema.fields:
            yield from _faults_within(schema.fields[name], inner, f"{path}.{name}")
        else:
            known = sorted(schema.fields)
            near = difflib.get_close_matches(name, known, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(known)}"
            yield f"{path}.{name}", f"no such field; {hint}"


def _faults_within(
    field: marshmallow.fields.Field[Any], mapped: FieldMap, path: str
) -> Iterator[tuple[str, str]]:
    """Compare what the mapping makes with what the field takes, as far as both are known beforehand."""
    match mapped, field:
        case Group(fields=inner), marshmallow.fields.Nested():
            yield from _field_faults(field.schema, inner, f"{path}.fields")
        case Items(items=items), marshmallow.fields.List(inner=entry):
            for number, item in enumerate(items):
                yield from _faults_within(entry, item, f"{path}.items[{number}]")
        case RowsOf(entry=item), marshmallow.fields.List(inner=entry):
            yield from _faults_within(entry, item, path)
        case ((Group() | Items() | RowsOf()), _):
            yield path, "the record has one value here"
        case Constant(value=value), _:
            yield from _code_faults(field, [value], path)
        case Column(conversion=Code(codes=codes, otherwise=otherwise)), _:
            yield from _code_faults(field, [*codes.values(), *([otherwise] if otherwise else [])], path)
        case Column(conversion=Split()), _ if not isinstance(field, marshmallow.fields.List):
            yield path, "the record has one value here, not a list"
        case _:
            return


def _code_faults(
    field: marshmallow.fields.Field[Any], values: Iterable[object], path: str
) -> Iterator[tuple[str, str]]:
    try:
        for value in values:
            field.deserialize(value)
    except ValidationError as error:
        what = next(iter(_flat(error.normalized_messages())))[1]
        yield path, f'"{value}" does not fit: {what}'
