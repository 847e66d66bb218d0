"""Types of the family `agreement`: proposing, signing, retiring; open, outside of any case."""

from __future__ import annotations

from marshmallow import fields

from schemas.agreement_schema import AgreementSchema
from schemas.errors import Invalid
from schemas.messages import fields as words
from schemas.messages.fields import Strict
from schemas.messages.shape import Message
from schemas.messages.type_rule import MEMBER, opened

_WHY = "An agreement binds organisations; a citizen decides by consent, and sees every agreement."


class ProposeBody(Strict):
    """`agreement.propose/1`: the whole document, to every other party."""

    agreement = fields.Nested(AgreementSchema, required=True)


class SignBody(Strict):
    """`agreement.sign/1`: names the version and the digest of its canonical document."""

    agreement = words.AgreementRef(required=True)
    sha256 = words.Sha256(required=True)


class RetireBody(Strict):
    """`agreement.retire/1`."""

    agreement = words.AgreementRef(required=True)
    reason = words.Text(required=True)


def _to_every_other_party(message: Message) -> None:
    document = (message.body or {})["agreement"]
    parties = {party["member"] for party in document["parties"]}
    if {*message.to, message.sender} != parties or message.sender not in parties:
        raise Invalid("A proposal is from one party to all the others.", path="message.to")


RULES = (
    opened(
        "agreement.propose/1",
        MEMBER,
        ProposeBody,
        in_case=False,
        check=_to_every_other_party,
        why_not_citizen=_WHY,
    ),
    opened("agreement.sign/1", MEMBER, SignBody, in_case=False, why_not_citizen=_WHY),
    opened("agreement.retire/1", MEMBER, RetireBody, in_case=False, why_not_citizen=_WHY),
)
