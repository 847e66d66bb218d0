"""Types of the family `member`: enrolling, rotating keys, leaving; open, outside of any case.

Holds the recipe by which a one-time enrolment code vouches for two keys; whether the code is a known one
is the coordinator's question.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from schemas.errors import Invalid
from schemas.messages import fields as words
from schemas.messages.fields import COORDINATOR, Several, Strict
from schemas.messages.key_fields import SealingJwk, SigningJwk
from schemas.messages.shape import Message
from schemas.messages.type_rule import MEMBER, opened
from schemas.wire import b64u

KINDS = ("public", "charity", "company", "portal", "oversight")
_WHY = "A citizen holds a seat in a case, not a membership: their keys belong to the seat."


class ValiditySchema(Strict):
    """From when until when a key may sign or unseal."""

    valid_from = words.Instant(required=True)
    valid_until = words.Instant(required=True)

    @validates_schema
    def ends_after_it_starts(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse an empty interval."""
        if data["valid_from"] >= data["valid_until"]:
            raise ValidationError("A key's validity ends after it starts.", "valid_until")


class MemberDocument(Strict):
    """Who enrols."""

    id = words.MemberId(required=True)
    kind = words.Choice(*KINDS, required=True)
    name = words.Text(required=True)
    country = words.Country()
    contact = words.Text()


class FirstKeysSchema(ValiditySchema):
    """The first two keys of a member."""

    sign = SigningJwk(required=True)
    seal = SealingJwk(required=True)


class EnrolBody(Strict):
    """`member.enrol/1`: signed with the key that it brings."""

    member = fields.Nested(MemberDocument, required=True)
    keys = fields.Nested(FirstKeysSchema, required=True)
    code_proof = words.Bytes64(shortest=32, longest=32, required=True)
    challenge = words.Bytes64(shortest=16, longest=64, required=True)


class SigningKeySchema(ValiditySchema):
    """A further key to sign with."""

    use = words.Exactly("sign")
    jwk = SigningJwk(required=True)


class SealingKeySchema(ValiditySchema):
    """A further key to unseal with."""

    use = words.Exactly("seal")
    jwk = SealingJwk(required=True)


class EndedKeySchema(Strict):
    """A key that ends earlier than it said."""

    kid = words.Thumbprint(required=True)
    at = words.Instant(required=True)


class KeysBody(Strict):
    """`member.keys/1`: adds and ends keys, signed by one that is in force."""

    add = Several(words.Tagged("use", {"sign": SigningKeySchema, "seal": SealingKeySchema}), fewest=0, most=8)
    end = Several(fields.Nested(EndedKeySchema), fewest=0, most=8)

    @validates_schema
    def something_changes(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse the message that says nothing."""
        if not data.get("add") and not data.get("end"):
            raise ValidationError("Names at least one key to add or to end.")


class LeaveBody(Strict):
    """`member.leave/1`."""

    reason = words.Text()


def code_proof(code: str, *, sign_kid: str, seal_kid: str) -> str:
    """Vouch with the enrolment code for the two keys, without sending the code."""
    key = hashlib.sha256(b"accord/enrol/1\x00" + code.encode()).digest()
    return b64u(hmac.digest(key, f"{sign_kid}.{seal_kid}".encode(), "sha256"))


def _enrols_itself(message: Message) -> None:
    body = message.body or {}
    if body["member"]["id"] != message.sender:
        raise Invalid("A member enrols under the id that it sends from.", path="body.member.id")


_TO = (COORDINATOR,)
RULES = (
    opened(
        "member.enrol/1", MEMBER, EnrolBody, in_case=False, to=_TO, check=_enrols_itself, why_not_citizen=_WHY
    ),
    opened("member.keys/1", MEMBER, KeysBody, in_case=False, to=_TO, why_not_citizen=_WHY),
    opened("member.leave/1", MEMBER, LeaveBody, in_case=False, to=_TO, why_not_citizen=_WHY),
)
