"""From a verified payload to a Message, and from values to a payload that may be signed.

`load` checks the envelope, the rules of its type and the schema of an open body. It does not know the time,
the register or the consents, and cannot read what is sealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from uuid_utils import uuid7

from schemas import instant
from schemas.errors import UnknownType
from schemas.message import Verified
from schemas.messages.envelope_fast import recognise
from schemas.messages.envelope_rules import LONGEST_WAIT, check_envelope
from schemas.messages.envelope_schema import read_envelope
from schemas.messages.reading import read
from schemas.messages.shape import Attachment, Authority, Message, Sealed, Withheld
from schemas.messages.table import TYPES
from schemas.messages.type_rule import TypeRule

__all__ = [
    "LONGEST_WAIT",
    "Attachment",
    "Authority",
    "Message",
    "Sealed",
    "Withheld",
    "compose",
    "load",
    "new_id",
]


def load(verified: Verified) -> Message:
    """Check the envelope and the open body of a message; raise Invalid or UnknownType."""
    return _read(verified.payload, raw=verified.raw, sha256=verified.sha256, kid=verified.kid)


def _read(payload: Mapping[str, Any], **origin: Any) -> Message:
    rule = rule_of(payload.get("type"))
    message = recognise(payload, **origin) or read_envelope(payload, **origin)
    if rule.body_schema is not None and message.body is not None:
        read(rule.body_schema, message.body, what="body")
    check_envelope(message, rule)
    return message


def rule_of(type_name: object) -> TypeRule:
    """Find the rule of a type; unknown versions are as unknown as unknown names."""
    rule = TYPES.get(type_name) if isinstance(type_name, str) else None
    if rule is None:
        raise UnknownType(remedy="See the list of types for this version of the protocol.")
    return rule


def new_id() -> str:
    """Make a message id: time-ordered, so that stores keep their locality."""
    return str(uuid7())


def compose(
    *,
    type: str,
    sender: str,
    to: Sequence[str],
    at: datetime,
    case: str | None = None,
    id: str | None = None,
    until: datetime | None = None,
    re: str | None = None,
    authority: Authority | None = None,
    agreement: str | None = None,
    purpose: str | None = None,
    categories: Sequence[str] = (),
    schema: str | None = None,
    body: Mapping[str, Any] | None = None,
    sealed: Sequence[Sealed] = (),
    attachments: Sequence[Attachment] = (),
    withheld: Withheld | None = None,
) -> dict[str, Any]:
    """Build the payload of a message, ready to sign; raise Invalid if no receiver would take it.

    Without `id` a new one is made, without `until` the message may wait as long as any may.
    """
    members: dict[str, Any] = {
        "id": id or new_id(),
        "type": type,
        "from": sender,
        "to": list(to),
        "case": case,
        "at": instant.format(at),
        "until": instant.format(until or at + LONGEST_WAIT),
        "re": re,
        "authority": _authority(authority),
        "agreement": agreement,
        "purpose": purpose,
        "categories": list(categories) or None,
        "schema": schema,
        "body": dict(body) if body is not None else None,
        "sealed": [{"to": each.to, "jwe": each.jwe} for each in sealed] or None,
        "attachments": [{"sha256": each.sha256, "size": each.size} for each in attachments] or None,
        "withheld": _withheld(withheld),
    }
    payload = {name: value for name, value in members.items() if value is not None}
    _read(payload, raw=b"", sha256=b"", kid="")
    return payload


_NAMED_BY = {"consent": "consent", "statute": "clause", "emergency": "emergency"}
"""Which member names the thing that a basis rests on; a seat rests on nothing else."""


def _authority(authority: Authority | None) -> dict[str, str] | None:
    if authority is None:
        return None
    if authority.id is None:
        return {"basis": authority.basis}
    return {"basis": authority.basis, _NAMED_BY.get(authority.basis, "id"): authority.id}


def _withheld(withheld: Withheld | None) -> dict[str, str] | None:
    if withheld is None:
        return None
    return {"ground": withheld.ground, "review_on": withheld.review_on.isoformat()}
