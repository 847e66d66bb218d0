"""The keys of a mapping file, as one marshmallow schema: what each means, which go together, what is refused.

Gives the parts of a mapping as frozen values; `mapping_file.py` puts them together and names the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from connectors.systems.dates import DateFormat, refuse_ambiguous
from connectors.systems.mapping import Column, Constant, FieldMap, Group, Items, Query, Rows, RowsOf, Table
from connectors.systems.values import Code, Conversion, Date, Money, Split, Text, Whole, YesNo
from schemas.messages.fields import Checked

_YES = ("yes", "y", "oui", "o", "true", "1")
_NO = ("no", "n", "non", "false", "0")

# --- the kinds of values ----------------------------------------------------------------------------


class _Words(Checked[tuple[str, ...]]):
    """One word or several."""

    def take(self, value: Any) -> tuple[str, ...]:
        """Give a tuple in either case."""
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValidationError("expected text, or a list of texts")
        return tuple(words)


class _Formats(_Words):
    """One or several date formats that do not contradict each other."""

    def take(self, value: Any) -> Any:
        """Give the formats, read."""
        texts = super().take(value)
        if not texts:
            raise ValidationError("expected at least one date format")
        try:
            formats = tuple(DateFormat.parse(text) for text in texts)
            refuse_ambiguous(formats)
        except ValueError as error:
            raise ValidationError(str(error)) from error
        return formats


class _Zone(Checked[ZoneInfo]):
    """A time zone by its name."""

    def take(self, value: Any) -> ZoneInfo:
        """Give the zone, if its data is installed."""
        try:
            return ZoneInfo(str(value))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValidationError(
                f'no time zone "{value}" is known here (example: "Europe/Paris")'
            ) from error


class _Named(Checked[dict[str, Any]]):
    """A table whose keys are names, each with a value of one kind; errors name the key as the file has it."""

    def __init__(self, inner: fields.Field[Any], **more: Any) -> None:
        """Take what `inner` takes under each name; at least one."""
        super().__init__(**more)
        self.inner = inner

    def take(self, value: Any) -> dict[str, Any]:
        """Give the values by their names."""
        if not isinstance(value, dict) or not value:
            raise ValidationError("expected a table with at least one key")
        taken, faults = {}, {}
        for name, one in value.items():
            try:
                taken[name] = self.inner.deserialize(one)
            except ValidationError as error:
                faults[name] = error.messages
        if faults:
            raise ValidationError(faults)
        return taken


class _Field(Checked[FieldMap]):
    """A column's name, or a table that has one of: column, constant, fields, items, query, table."""

    def take(self, value: Any) -> FieldMap:
        """Read it by the schema that its key names."""
        if isinstance(value, str):
            return Column(value, Text())
        if not isinstance(value, Mapping):
            raise ValidationError("expected a column's name, or a table")
        for keys, schema in _FIELD_KINDS.items():
            if any(key in value for key in keys):
                made: FieldMap = schema().load(value)
                return made
        raise ValidationError("expected one of: column, constant, fields, items, query, table")


_INNER_TYPES = ("text", "integer", "date", "yes_no", "code", "money")
_TYPES = (*_INNER_TYPES, "list")
_KEYS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "text": (frozenset(), frozenset()),
    "integer": (frozenset(), frozenset()),
    "date": (frozenset({"formats"}), frozenset({"timezone"})),
    "yes_no": (frozenset(), frozenset({"yes", "no"})),
    "code": (frozenset({"codes"}), frozenset({"otherwise"})),
    "money": (frozenset({"currency"}), frozenset({"decimal", "unit"})),
    "list": (frozenset({"separators"}), frozenset({"of", "each_as"})),
}
"""For each type the keys that it needs, and those that it may have."""
_MAKE: Mapping[str, Callable[[Mapping[str, Any]], Conversion]] = {
    "text": lambda _: Text(),
    "integer": lambda _: Whole(),
    "date": lambda keys: Date(keys["formats"], keys.get("timezone") or UTC),
    "yes_no": lambda keys: YesNo(_word_set(keys.get("yes", _YES)), _word_set(keys.get("no", _NO))),
    "code": lambda keys: Code(keys["codes"], keys.get("otherwise")),
    "money": lambda keys: Money(keys["currency"], keys.get("decimal", "."), keys.get("unit", "major")),
    "list": lambda keys: Split(keys["separators"], keys.get("of", Text()), keys.get("each_as")),
}


def _word_set(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.strip().casefold() for word in words)


class _Conversion(Schema):
    """The keys of a conversion, and which of them its type takes."""

    type = fields.String(load_default="text", validate=validate.OneOf(_TYPES))
    formats = _Formats()
    timezone = _Zone()
    yes = _Words()
    no = _Words()
    codes = _Named(fields.String())
    otherwise = fields.String()
    currency = fields.String(validate=validate.Regexp(r"^[A-Z]{3}\Z", error='an ISO 4217 code such as "EUR"'))
    decimal = fields.String(validate=validate.OneOf([",", "."]))
    unit = fields.String(validate=validate.OneOf(["major", "minor"]))
    separators = _Words(validate=validate.Length(min=1))
    of = fields.Nested(lambda: _Inner())  # noqa: PLW0108 - the class is made further down
    each_as = fields.String()

    @validates_schema
    def _keys_of_the_type(self, data: Mapping[str, Any], **_: Any) -> None:
        needed, allowed = _KEYS[data["type"]]
        given = set(data) - {"type", "column", "empty"}
        faults = {key: [f'needed for type "{data["type"]}"'] for key in needed - given}
        faults |= {key: [f'not a key of type "{data["type"]}"'] for key in given - needed - allowed}
        if not faults and data["type"] == "yes_no":
            both = sorted(_word_set(data.get("yes", _YES)) & _word_set(data.get("no", _NO)))
            faults |= {"no": [f'"{both[0]}" means yes too']} if both else {}
        if faults:
            raise ValidationError(dict(faults))


class _Inner(_Conversion):
    type = fields.String(required=True, validate=validate.OneOf(_INNER_TYPES))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Conversion:
        return _MAKE[data["type"]](data)


class _Column(_Conversion):
    column = fields.String(required=True)
    empty = _Words()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Column:
        empty = frozenset(word.strip() for word in data.get("empty", ()))
        return Column(data["column"], _MAKE[data["type"]](data), empty)


class _Plain(Checked[str | int | bool]):
    """Text, a whole number, true or false."""

    def take(self, value: Any) -> str | int | bool:
        """Refuse fractions, lists and tables."""
        if not isinstance(value, (str, int)):
            raise ValidationError("expected text, a whole number, true or false")
        return value


class _Constant(Schema):
    constant = _Plain(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Constant:
        return Constant(data["constant"])


class _Group(Schema):
    fields_ = _Named(_Field(), required=True, data_key="fields")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Group:
        return Group(data["fields_"])


class _Items(Schema):
    items = fields.List(_Field(), required=True, validate=validate.Length(min=1))

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Items:
        return Items(tuple(data["items"]))


# --- where rows come from ---------------------------------------------------------------------------


class _WithRows(Schema):
    query = fields.String()
    table = fields.String()
    person = fields.String()
    where = _Named(_Plain())

    @validates_schema
    def _one_origin(self, data: Mapping[str, Any], **_: Any) -> None:
        if "query" in data and {"table", "person", "where"} & set(data):
            raise ValidationError({"query": ["stands alone: without table, person, where"]})
        if "table" in data and "person" not in data:
            raise ValidationError({"person": ["needed with table: the column that holds the person's key"]})
        if "table" not in data and {"person", "where"} & set(data):
            raise ValidationError({"table": ["needed with person and where"]})


def rows_from(data: Mapping[str, Any]) -> Rows | None:
    """Give the rows that a table of the file names, if it names any."""
    if "query" in data:
        return Query(data["query"])
    if "table" in data:
        return Table(data["table"], data["person"], data.get("where", {}))
    return None


class _RowsOf(_WithRows):
    fields_ = _Named(_Field(), data_key="fields")
    each = _Field()

    @validates_schema
    def _one_kind_of_entry(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("fields_" in data) == ("each" in data):
            raise ValidationError(
                {"fields": ["either fields (a list of objects) or each (a list of values)"]}
            )

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> RowsOf:
        rows = rows_from(data)
        if rows is None:
            raise ValidationError({"table": ["either table or query"]})
        return RowsOf(rows, data["each"] if "each" in data else Group(data["fields_"]))


_FIELD_KINDS: Mapping[tuple[str, ...], type[Schema]] = {
    ("column",): _Column,
    ("constant",): _Constant,
    ("items",): _Items,
    ("query", "table"): _RowsOf,
    ("fields",): _Group,
}


class _Category(_WithRows):
    schema = fields.String(required=True)
    fields_ = _Named(_Field(), required=True, data_key="fields")


# --- the file ---------------------------------------------------------------------------------------


class _People(Schema):
    table = fields.String()
    query = fields.String()
    key = fields.String(required=True)
    enough = fields.List(
        fields.List(fields.String(), validate=validate.Length(min=1)), validate=validate.Length(min=1)
    )

    @validates_schema
    def _one_origin(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("table" in data) == ("query" in data):
            raise ValidationError({"table": ["either table or query"]})


class _Attribute(Schema):
    column = fields.String()
    expr = fields.String()
    compare = fields.String(
        load_default="exact", validate=validate.OneOf(["exact", "folded", "folded_first", "date", "digits"])
    )
    formats = _Formats()
    timezone = _Zone()

    @validates_schema
    def _fits(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("column" in data) == ("expr" in data):
            raise ValidationError({"column": ["either column or expr"]})
        if (data.get("compare") == "date") != ("formats" in data):
            raise ValidationError({"formats": ['goes with compare = "date", and only with it']})


class _DropFile(Schema):
    pattern = fields.String(required=True)
    key = _Words(required=True, validate=validate.Length(min=1))
    required = _Words(load_default=())
    encoding = fields.String(load_default="auto", validate=validate.OneOf(["auto", "utf-8", "cp1252"]))
    delimiter = fields.String(load_default=None, validate=validate.OneOf([",", ";", "\t", "|"]))
    whole = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class MappingFileSchema(Schema):
    """A mapping file."""

    kind = fields.String(required=True)
    url = fields.String()
    url_file = fields.String()
    folder = fields.String()
    store = fields.String()
    stable_s = fields.Integer(strict=True, load_default=5, validate=validate.Range(0, 3600))
    files = _Named(fields.Nested(_DropFile))
    person = fields.Nested(_People, required=True)
    identify = _Named(fields.Nested(_Attribute), required=True)
    categories = _Named(fields.Nested(_Category), required=True)

    @validates_schema
    def _place(self, data: Mapping[str, Any], **_: Any) -> None:
        if "url" in data and "url_file" in data:
            raise ValidationError({"url": ["either url or url_file"]})
        for name in data.get("files", ()):
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
                raise ValidationError({"files": {name: ["small letters, digits and _ only"]}})
        for number, group in enumerate(data["person"].get("enough", ())):
            for name in set(group) - set(data["identify"]):
                raise ValidationError({"person": {"enough": {number: [f'"{name}" is not under [identify]']}}})
