"""The words that every schema is written with: ids, codes, instants, texts, keys.

Each field takes JSON and gives a value, refuses every second spelling, and carries the limits that the
published JSON Schema shows. It knows one value at a time; rules between fields are elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Literal, TypeVar

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from schemas import instant
from schemas.errors import Malformed
from schemas.wire import INTEGER_LIMIT, unb64u

T = TypeVar("T")

_HEX = "[0-9a-f]"
UUID = re.compile(rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}", re.ASCII)
UUID7 = re.compile(rf"{_HEX}{{8}}-{_HEX}{{4}}-7{_HEX}{{3}}-[89ab]{_HEX}{{3}}-{_HEX}{{12}}", re.ASCII)
"""Version 7 (RFC 9562 §5.7), lower case only: one id has one spelling."""
MEMBER = re.compile(r"[a-z][a-z0-9-]{1,39}", re.ASCII)
CODE = re.compile(r"[a-z][a-z0-9_.-]{0,63}", re.ASCII)
TYPE = re.compile(r"[a-z]+(?:\.[a-z]+)+/[1-9][0-9]{0,2}", re.ASCII)
SCHEMA = re.compile(r"[a-z]+(?:\.[a-z_]+)+/[1-9][0-9]{0,2}", re.ASCII)
AGREEMENT = re.compile(r"[a-z][a-z0-9-]{1,63}@[1-9][0-9]{0,5}", re.ASCII)
SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
PSEUDONYM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and the bidirectional overrides that make a text read as another."""

RESERVED = frozenset({"coordinator", "citizen"})
"""Names that `to` and `from` use for what is not a member."""
COORDINATOR = "coordinator"
CITIZEN = "citizen"
LANGUAGES = ("en", "fr")


def _publish(arguments: dict[str, Any], **properties: Any) -> None:
    """Put JSON Schema properties into a field's metadata; what the field's user gave stands."""
    arguments["metadata"] = {**properties, **arguments.get("metadata", {})}


def _chars(size: int) -> int:
    """Characters that `size` bytes have in base64url without padding."""
    return -(-size * 4 // 3)


class Strict(Schema):
    """A schema that refuses every member it does not name."""

    class Meta:
        """Refuse unknown members: what is not in the schema was not agreed."""

        unknown = RAISE


class Checked(fields.Field[T]):
    """A field with one rule: `take` gives the value or raises ValidationError."""

    published: ClassVar[tuple[type[Schema], ...]] = ()
    """The objects that it takes, for the published JSON Schema; several are alternatives."""

    def take(self, value: Any) -> T:
        """Give what the JSON value stands for."""
        raise NotImplementedError

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002 - marshmallow's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002 - marshmallow's signature
        **kwargs: Any,  # noqa: ARG002 - marshmallow's signature
    ) -> T:
        return self.take(value)


class Text(Checked[str]):
    """Words for people: bounded, without control characters or reversed writing direction."""

    def __init__(self, *, longest: int = 200, **kwargs: Any) -> None:
        """Allow 1 to `longest` characters."""
        _publish(kwargs, type="string", minLength=1, maxLength=longest)
        super().__init__(**kwargs)
        self.longest = longest

    def take(self, value: Any) -> str:
        """Refuse empty, long and invisible text."""
        if type(value) is not str or not value.strip():
            raise ValidationError("Takes a text that is not empty.")
        if len(value) > self.longest or _CONTROL.search(value):
            raise ValidationError(f"Takes up to {self.longest} characters and no control characters.")
        return value


class Spelled(Checked[str]):
    """A string that one pattern describes completely."""

    spelling: ClassVar[re.Pattern[str]]
    says: ClassVar[str]

    def __init__(self, **kwargs: Any) -> None:
        """Publish the pattern in the form of ECMA-262 (`^…$`); Python's own `$` would allow a line end."""
        _publish(kwargs, type="string", pattern=f"^(?:{self.spelling.pattern})$")
        super().__init__(**kwargs)

    def take(self, value: Any) -> str:
        """Refuse every other spelling."""
        if type(value) is not str or not self.spelling.fullmatch(value):
            raise ValidationError(self.says)
        return value


class MemberId(Spelled):
    """A member's id, which is never one of the reserved names."""

    spelling = MEMBER
    says = "Takes a member id: a lower-case letter, then 1 to 39 letters, digits or hyphens."

    def take(self, value: Any) -> str:
        """Refuse the names that stand for what is not a member."""
        text = super().take(value)
        if text in RESERVED:
            raise ValidationError(f"{text} is not a member.")
        return text


class PartyId(Spelled):
    """Who a message is from or for: a member, `citizen` or `coordinator`."""

    spelling = MEMBER
    says = "Takes a member id or citizen."


class Uuid(Spelled):
    """The id of a case, consent or statement."""

    spelling = UUID
    says = "Takes a UUID in lower case."


class MessageId(Spelled):
    """The id of a message: UUID version 7."""

    spelling = UUID7
    says = "Takes a UUID of version 7 in lower case."


class Code(Spelled):
    """A code of an agreement or a code list."""

    spelling = CODE
    says = "Takes a code: a lower-case letter, then letters, digits, dot, hyphen or underscore, 64 at most."


class TypeName(Spelled):
    """The name and version of a message type."""

    spelling = TYPE
    says = "Takes a type and version like record.release/1."


class SchemaName(Spelled):
    """The name and version of a statement's schema."""

    spelling = SCHEMA
    says = "Takes a schema and version like housing.tenancy/1."


class AgreementRef(Spelled):
    """An agreement in one version."""

    spelling = AGREEMENT
    says = "Takes an agreement and version like winter-support@3."


class Sha256(Spelled):
    """A digest in lower-case hexadecimal."""

    spelling = SHA256
    says = "Takes a SHA-256 in lower-case hexadecimal."


class Thumbprint(Spelled):
    """The name of a key (RFC 7638)."""

    spelling = THUMBPRINT
    says = "Takes a key thumbprint (RFC 7638)."


class Pseudonym(Spelled):
    """A member of staff or their role, as their agency names them outside: never a person's name."""

    spelling = PSEUDONYM
    says = "Takes a pseudonym of letters, digits, dot, hyphen or underscore, 64 at most."


class Country(Spelled):
    """A country by ISO 3166-1, two letters."""

    spelling = COUNTRY
    says = "Takes a country code of two capital letters."


class Compact(Spelled):
    """A JWS compact inside a message."""

    spelling = COMPACT
    says = "Takes a JWS in compact form."


class Exactly(Checked[Any]):
    """One fixed value."""

    def __init__(self, value: str | Literal[True], **kwargs: Any) -> None:
        """Take this value and no other; it is always required."""
        _publish(kwargs, type="boolean" if value is True else "string", enum=[value])
        super().__init__(required=True, **kwargs)
        self.value = value

    def take(self, value: Any) -> str | bool:
        """Refuse any other value; 1 is not true."""
        if type(value) is not type(self.value) or value != self.value:
            raise ValidationError(f"Takes {str(self.value).lower()} only.")
        return self.value


class Bytes64(Checked[bytes]):
    """Bytes in base64url without padding."""

    def __init__(self, *, shortest: int = 1, longest: int, **kwargs: Any) -> None:
        """Allow `shortest` to `longest` bytes."""
        pattern = "^[A-Za-z0-9_-]+$"
        _publish(
            kwargs, type="string", pattern=pattern, minLength=_chars(shortest), maxLength=_chars(longest)
        )
        super().__init__(**kwargs)
        self.shortest, self.longest = shortest, longest

    def take(self, value: Any) -> bytes:
        """Decode; refuse padding and other lengths."""
        if type(value) is not str or not _chars(self.shortest) <= len(value) <= _chars(self.longest):
            raise ValidationError(f"Takes {self.shortest} to {self.longest} bytes in base64url.")
        try:
            return unb64u(value)
        except Malformed as error:
            raise ValidationError(error.detail) from error


class Instant(Checked[datetime]):
    """A point in time, UTC, milliseconds."""

    def __init__(self, **kwargs: Any) -> None:
        """Publish as a date-time whose one spelling the pattern states."""
        _publish(kwargs, type="string", format="date-time", pattern=f"^{INSTANT.pattern}$")
        super().__init__(**kwargs)

    def take(self, value: Any) -> datetime:
        """Read the one spelling that the protocol has."""
        if type(value) is not str:
            raise ValidationError("Takes an instant like 2026-11-23T04:30:35.123Z.")
        try:
            return instant.parse(value)
        except Malformed as error:
            raise ValidationError(error.detail) from error


class Day(Checked[date]):
    """A calendar day (ISO 8601)."""

    def __init__(self, **kwargs: Any) -> None:
        """Publish as a date."""
        _publish(kwargs, type="string", format="date", pattern=f"^{DAY.pattern}$")
        super().__init__(**kwargs)

    def take(self, value: Any) -> date:
        """Read `2026-11-23`; week dates and short forms are refused."""
        if type(value) is not str or not DAY.fullmatch(value):
            raise ValidationError("Takes a day like 2026-11-23.")
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError("There is no such day.") from error


class Whole(Checked[int]):
    """A whole number: never a boolean, a text or a float that happens to be whole."""

    def __init__(self, *, least: int = 0, most: int = INTEGER_LIMIT, **kwargs: Any) -> None:
        """Allow `least` to `most`."""
        _publish(kwargs, type="integer", minimum=least, maximum=most)
        super().__init__(**kwargs)
        self.least, self.most = least, most

    def take(self, value: Any) -> int:
        """Refuse other types and numbers outside."""
        if type(value) is not int or not self.least <= value <= self.most:
            raise ValidationError(f"Takes a whole number from {self.least} to {self.most}.")
        return value


class Flag(Checked[bool]):
    """True or false, and no text that could be read as one."""

    def __init__(self, **kwargs: Any) -> None:
        """Publish as a boolean."""
        _publish(kwargs, type="boolean")
        super().__init__(**kwargs)

    def take(self, value: Any) -> bool:
        """Refuse what only looks like a boolean."""
        if type(value) is not bool:
            raise ValidationError("Takes true or false.")
        return value


class Choice(Checked[str]):
    """One of a short list of codes."""

    def __init__(self, *choices: str, **kwargs: Any) -> None:
        """Take one of `choices`."""
        _publish(kwargs, type="string", enum=list(choices))
        super().__init__(**kwargs)
        self.choices = choices

    def take(self, value: Any) -> str:
        """Refuse what is not in the list."""
        if type(value) is not str or value not in self.choices:
            raise ValidationError(f"Takes one of {', '.join(self.choices)}.")
        return value


class Several(fields.List[Any]):
    """A list of different values, bounded at both ends."""

    def __init__(self, inner: fields.Field[Any], *, fewest: int = 1, most: int, **kwargs: Any) -> None:
        """Allow `fewest` to `most` values, none twice."""
        _publish(kwargs, uniqueItems=True)
        super().__init__(inner, validate=validate.Length(min=fewest, max=most), **kwargs)
        self.most = most

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[Any]:
        if type(value) is not list or len(value) > self.most:
            raise ValidationError(f"Takes a list of up to {self.most}.")
        if any(each in value[:place] for place, each in enumerate(value)):
            raise ValidationError("Takes each value once.")
        return super()._deserialize(value, attr, data, **kwargs)


class Tagged(Checked[dict[str, Any]]):
    """One of several objects, told apart by one member: unknown tags are refused."""

    def __init__(self, tag: str, choices: Mapping[str, type[Schema]], **kwargs: Any) -> None:
        """Choose among `choices` by the value of the member `tag`."""
        super().__init__(**kwargs)
        self.tag = tag
        self.choices = {value: schema() for value, schema in choices.items()}

    def take(self, value: Any) -> dict[str, Any]:
        """Read the object by the schema that its tag names."""
        kind = value.get(self.tag) if type(value) is dict else None
        if type(kind) is not str or kind not in self.choices:
            raise ValidationError({self.tag: [f"Takes one of {', '.join(sorted(self.choices))}."]})
        loaded: dict[str, Any] = self.choices[kind].load(value)
        return loaded


class _JwkSchema(Strict):
    kty = Exactly("OKP")
    x = Thumbprint(required=True)


class SigningJwkSchema(_JwkSchema):
    """A public Ed25519 key (RFC 8037)."""

    crv = Exactly("Ed25519")


class SealingJwkSchema(_JwkSchema):
    """A public X25519 key (RFC 8037)."""

    crv = Exactly("X25519")


class InBothLanguagesSchema(Strict):
    """Words in every language that the pages have."""

    en = Text(longest=2000, required=True)
    fr = Text(longest=2000, required=True)
