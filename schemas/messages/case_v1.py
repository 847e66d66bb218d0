"""Types of the family `case`: who has a seat. Open; how a seat's keys are bound to a code is in `joining`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import ValidationError, fields, validates_schema

from schemas.consent_proof import PROOF_SCHEMAS, PasskeySchema
from schemas.errors import Invalid
from schemas.messages import fields as words
from schemas.messages.fields import CITIZEN, LANGUAGES, Several, Strict
from schemas.messages.key_fields import SealingJwk
from schemas.messages.shape import Message
from schemas.messages.type_rule import AGENCY, BOTH, opened
from schemas.messages.type_rule import CITIZEN as BY_CITIZEN

OPEN: Final = "case.open/1"
INVITE: Final = "case.invite/1"
JOIN: Final = "case.join/1"
ATTEST: Final = "case.attest/1"
KEYS: Final = "case.keys/1"
LEAVE: Final = "case.leave/1"
CLOSE: Final = "case.close/1"
REOPEN: Final = "case.reopen/1"


class SeatSchema(Strict):
    """The keys of a citizen's seat."""

    sealing = SealingJwk(required=True)
    passkeys = Several(fields.Nested(PasskeySchema), fewest=0, most=8, required=True)


class OpenBody(Strict):
    """`case.open/1`: by an agency, or by a citizen alone, who brings a seat and how they signed in."""

    language = words.Choice(*LANGUAGES, required=True)
    seat = fields.Nested(SeatSchema)
    acr = words.Text()
    auth_time = words.Instant()

    @validates_schema
    def seat_and_sign_in_go_together(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a seat without a sign-in: nobody would vouch for it."""
        if len({"seat", "acr", "auth_time"} & data.keys()) not in {0, 3}:
            raise ValidationError("A citizen who comes alone brings seat, acr and auth_time.")


class InvitedCitizen(Strict):
    """The citizen, by the hash of a one-time code that they get in person."""

    kind = words.Exactly("citizen")
    portal = words.MemberId(required=True)
    commitment = words.Sha256(required=True)


class InvitedAgency(Strict):
    """Another agency."""

    kind = words.Exactly("agency")
    member = words.MemberId(required=True)


class InviteBody(Strict):
    """`case.invite/1`."""

    invitee = words.Tagged("kind", {"citizen": InvitedCitizen, "agency": InvitedAgency}, required=True)


class JoinBody(Strict):
    """`case.join/1`: an agency names the invitation, a citizen also binds the seat's keys to the code."""

    invitation = words.MessageId(required=True)
    seat = fields.Nested(SeatSchema)
    proof = words.Bytes64(shortest=32, longest=32)

    @validates_schema
    def seat_and_proof_go_together(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse keys that no code vouches for."""
        if ("seat" in data) is not ("proof" in data):
            raise ValidationError("A citizen brings a seat and its proof, an agency neither.")


class AttestBody(Strict):
    """`case.attest/1`: an agency vouches for keys.

    With `join` and `sealing` they are those with which the citizen joined, after it checked the code; with
    `keys` they are passkeys that a `case.keys` brought and that somebody of the agency compared face to face.
    """

    join = words.MessageId()
    keys = words.MessageId()
    sealing = words.Thumbprint()
    passkeys = Several(words.Thumbprint(), fewest=0, most=8, required=True)
    method = words.Choice("code", "in_person", required=True)

    @validates_schema
    def about_one_thing(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse an attestation of nothing, of two things, or of later passkeys by a code nobody gave."""
        named = {"join", "keys", "sealing"} & data.keys()
        if named not in ({"join", "sealing"}, {"keys"}):
            raise ValidationError("It is about a join and its sealing key, or about keys that came later.")
        if "keys" in data and (not data["passkeys"] or data["method"] != "in_person"):
            raise ValidationError("Passkeys that came later are named, and compared in person.")


class KeysBody(Strict):
    """`case.keys/1`: the citizen's seat gets passkeys and loses others.

    The proof is an assertion by an earlier passkey in force; without it, what is added waits to be attested.
    """

    add = Several(fields.Nested(PasskeySchema), fewest=0, most=8, required=True)
    end = Several(words.Thumbprint(), fewest=0, most=64, required=True)
    proof = fields.Nested(PROOF_SCHEMAS["passkey"])

    @validates_schema
    def changes_something_once(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a change of nothing, a key twice, and a proof where none is asked for."""
        added = [each["jwk"].kid for each in data["add"]]
        if not added and not data["end"]:
            raise ValidationError("It adds a passkey or ends one.")
        if len({*added, *data["end"]}) != len(added) + len(data["end"]):
            raise ValidationError("Each passkey stands here once.")
        if "proof" in data and not added:
            raise ValidationError("Ending a passkey needs no proof.")


class LeaveBody(Strict):
    """`case.leave/1`: one's own seat, or that of an agency which is there by the citizen's wish."""

    member = words.MemberId()
    reason = words.Text()


class CloseBody(Strict):
    """`case.close/1`."""

    outcome = words.Code()
    reason = words.Text()


class ReopenBody(Strict):
    """`case.reopen/1`."""

    reason = words.Text(required=True)


def _invitee_is_asked(message: Message) -> None:
    invitee = (message.body or {})["invitee"]
    asked = invitee["portal"] if invitee["kind"] == "citizen" else invitee["member"]
    if message.to[0] != asked or set(message.to[1:]) - {CITIZEN}:
        raise Invalid("An invitation goes to the one it invites, and to the citizen.", path="message.to")


RULES = (
    opened(OPEN, BOTH, OpenBody, alone=True),
    opened(INVITE, BOTH, InviteBody, check=_invitee_is_asked),
    opened(JOIN, BOTH, JoinBody),
    opened(
        ATTEST,
        AGENCY,
        AttestBody,
        why_not_citizen="It is the word of the one who handed over the code that the keys are the citizen's.",
    ),
    opened(KEYS, BY_CITIZEN, KeysBody, alone=True, after_closing=True),
    opened(LEAVE, BOTH, LeaveBody, alone=True, after_closing=True),
    opened(CLOSE, BOTH, CloseBody, alone=True),
    opened(REOPEN, BOTH, ReopenBody, alone=True, after_closing=True),
)
