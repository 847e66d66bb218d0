"""The definition of the envelope: its fields one by one, in marshmallow. From here the JSON Schema is made.

Gives a Message. Rules between fields and those of the type are in `envelope_rules`; `envelope_fast` takes
the same documents in a tenth of the time and is held equal to this by a property test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from schemas.messages import fields as words
from schemas.messages.fields import Exactly, Several, Strict
from schemas.messages.reading import read
from schemas.messages.shape import Attachment, Authority, Message, Sealed, Withheld
from schemas.wire import MESSAGE_LIMIT

MOST_RECIPIENTS = 32
MOST_CATEGORIES = 32
MOST_ATTACHMENTS = 16
ATTACHMENT_BYTES = 25 * 1024 * 1024
"""A scanned file of many pages (protocol, "A message")."""


_SEALED_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."


def looks_sealed(text: str) -> bool:
    """Say whether this has the form of a JWE compact: five parts of base64url, none empty.

    Whether it opens is for its reader to find; a regular expression over it would cost ten times more.
    """
    return (
        text.count(".") == 4  # noqa: PLR2004 - RFC 7516 §7.1
        and text.isascii()
        and not text.encode().translate(None, _SEALED_ALPHABET)
        and all(text.split("."))
        and len(text) <= MESSAGE_LIMIT
    )


class _ConsentBasis(Strict):
    basis = Exactly("consent")
    consent = words.Uuid(required=True)


class _StatuteBasis(Strict):
    basis = Exactly("statute")
    clause = words.Code(required=True)


class _EmergencyBasis(Strict):
    basis = Exactly("emergency")
    emergency = words.MessageId(required=True)


class _SeatBasis(Strict):
    basis = Exactly("seat")


class SealedText(words.Checked[str]):
    """A JWE compact for one recipient."""

    def __init__(self, **kwargs: Any) -> None:
        """Publish the form of a JWE compact (RFC 7516 §7.1)."""
        part = "[A-Za-z0-9_-]+"
        pattern = f"^{part}(?:\\.{part}){{4}}$"
        kwargs["metadata"] = {"type": "string", "pattern": pattern, "maxLength": MESSAGE_LIMIT}
        super().__init__(**kwargs)

    def take(self, value: Any) -> str:
        """Refuse what cannot be a JWE; opening it is for its reader."""
        if type(value) is not str or not looks_sealed(value):
            raise ValidationError("Takes a JWE in compact form.")
        return value


class _SealedSchema(Strict):
    to = words.PartyId(required=True)
    jwe = SealedText(required=True)


class _AttachmentSchema(Strict):
    sha256 = words.Sha256(required=True)
    size = words.Whole(required=True, least=1, most=ATTACHMENT_BYTES)


class _WithheldSchema(Strict):
    ground = words.Code(required=True)
    review_on = words.Day(required=True)


class AnyObject(words.Checked[dict[str, Any]]):
    """An object whose own schema is known elsewhere (by the type of the message)."""

    def __init__(self, **kwargs: Any) -> None:
        """Publish as an object."""
        kwargs["metadata"] = {"type": "object", **kwargs.get("metadata", {})}
        super().__init__(**kwargs)

    def take(self, value: Any) -> dict[str, Any]:
        """Take any object: the size and depth of the whole were bounded before."""
        if type(value) is not dict:
            raise ValidationError("Takes an object.")
        return value


class EnvelopeSchema(Strict):
    """What is around every message, readable for the coordinator."""

    id = words.MessageId(required=True)
    type = words.TypeName(required=True)
    sender = words.PartyId(required=True, data_key="from")
    to = Several(words.PartyId(), most=MOST_RECIPIENTS, required=True)
    case = words.Uuid()
    at = words.Instant(required=True)
    until = words.Instant(required=True)
    re = words.MessageId()
    authority = words.Tagged(
        "basis",
        {
            "consent": _ConsentBasis,
            "statute": _StatuteBasis,
            "emergency": _EmergencyBasis,
            "seat": _SeatBasis,
        },
    )
    agreement = words.AgreementRef()
    purpose = words.Code()
    categories = Several(words.Code(), most=MOST_CATEGORIES)
    schema = words.SchemaName()
    body = AnyObject()
    sealed = Several(fields.Nested(_SealedSchema), most=MOST_RECIPIENTS)
    attachments = Several(fields.Nested(_AttachmentSchema), most=MOST_ATTACHMENTS)
    withheld = fields.Nested(_WithheldSchema)


_ENVELOPE = EnvelopeSchema()


def read_envelope(payload: Mapping[str, Any], *, raw: bytes, sha256: bytes, kid: str) -> Message:
    """Read the fields of the envelope by their definition; raise Invalid with the path of the first fault."""
    found = read(_ENVELOPE, payload, what="message")
    withheld = found.get("withheld")
    return Message(
        id=found["id"],
        type=found["type"],
        sender=found["sender"],
        to=tuple(found["to"]),
        case=found.get("case"),
        at=found["at"],
        until=found["until"],
        re=found.get("re"),
        authority=_authority(found.get("authority")),
        agreement=found.get("agreement"),
        purpose=found.get("purpose"),
        categories=tuple(found.get("categories", ())),
        schema=found.get("schema"),
        body=found.get("body"),
        sealed=tuple(Sealed(**each) for each in found.get("sealed", ())),
        attachments=tuple(Attachment(**each) for each in found.get("attachments", ())),
        withheld=Withheld(**withheld) if withheld else None,
        raw=raw,
        sha256=sha256,
        kid=kid,
    )


def _authority(found: dict[str, Any] | None) -> Authority | None:
    if found is None:
        return None
    basis = found.pop("basis")
    return Authority(basis, *found.values())
