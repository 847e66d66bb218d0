"""Forms: what a visitor typed, and what is wrong with it, in their language; marshmallow judges.

A form that is refused is shown again with everything that was typed. Text is normalised (NFC) and may hold
any script; control characters and marks that reorder text are refused, because they can make a line say
something else than it does (Unicode TR 36 §2).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError, fields

from connectors.pages.languages import gettext as _
from connectors.pages.languages import lazy as N_

_LAYOUT: Final = frozenset("\n\t")
_REORDERING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")

FILL_IN: Final = N_("Fill this in.")
CHOOSE: Final = N_("Choose one of these.")
TOO_LONG: Final = N_("Write less: at most %(most)s characters.")
STRANGE: Final = N_("Remove invisible characters, and type this again.")


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it is shown: what stands in its fields, and what is wrong, by field."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    """What was read, when nothing is wrong."""

    @property
    def is_right(self) -> bool:
        """Whether everything could be taken."""
        return not self.errors

    def with_error(self, name: str, text: str) -> Form:
        """Give the form with a fault that was found only while doing what it asks for."""
        return Form(self.values, {**self.errors, name: text}, self.data)


class Words(fields.String):
    """Text that a person typed; `most` characters at most, counted after normalising."""

    def __init__(self, *, most: int, required: bool = False, **kwargs: Any) -> None:
        """Take how long it may be; an optional one that is empty is read as None."""
        if not required:
            kwargs.setdefault("load_default", None)
        super().__init__(required=required, **kwargs)
        self._most = most

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Read it; an empty field is a missing one."""
        text = (
            unicodedata.normalize("NFC", value).replace("\r\n", "\n").strip()
            if isinstance(value, str)
            else ""
        )
        if not text:
            if self.required:
                raise ValidationError(_(FILL_IN))
            return None
        if len(text) > self._most:
            raise ValidationError(_(TOO_LONG, most=self._most))
        if any(_is_strange(each) for each in text):
            raise ValidationError(_(STRANGE))
        return super().deserialize(text, attr, data, **kwargs)


def _is_strange(character: str) -> bool:
    category = unicodedata.category(character)
    return character in _REORDERING or (category in {"Cc", "Cs", "Co", "Cn"} and character not in _LAYOUT)


class Choice(fields.String):
    """One of several; nothing is chosen beforehand."""

    def __init__(self, *choices: str, required: bool = True, **kwargs: Any) -> None:
        """Take what may be chosen."""
        if not required:
            kwargs.setdefault("load_default", None)
        super().__init__(required=required, **kwargs)
        self._choices = choices

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Read it; raise when it is none of them."""
        if not isinstance(value, str) or not value:
            if self.required:
                raise ValidationError(_(CHOOSE))
            return None
        if value not in self._choices:
            raise ValidationError(_(CHOOSE))
        return super().deserialize(value, attr, data, **kwargs)


def read_form(schema: Schema) -> Form:
    """Read the form that was posted; what it does not ask for is left alone."""
    several = {name for name, each in schema.fields.items() if isinstance(each, fields.List)}
    values = {
        name: request.form.getlist(name) if name in several else request.form.get(name, "")
        for name in schema.fields
        if name in request.form or name in several
    }
    try:
        read = schema.load({**dict.fromkeys(set(schema.fields) - several, ""), **values}, unknown=EXCLUDE)
    except ValidationError as error:
        found = error.normalized_messages()
        return Form(values, {name: _first(found[name]) for name in schema.fields if name in found})
    return Form(values, {}, read)


def _first(found: Any) -> str:
    while isinstance(found, dict):
        found = next(iter(found.values()))
    return str(found[0] if isinstance(found, list) else found)
