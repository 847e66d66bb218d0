"""What a party asserts: a signed statement that outlives the message which carried it.

It can be shown again to someone else and stays verifiable. Whether it belongs to the message around it
(same issuer, case and schema) is checked by `belongs_to`; its content's schema by `schemas.records`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas import instant
from schemas.errors import Invalid, StatementMismatch
from schemas.keys import SigningKey
from schemas.signed import KeyFor, sign_typed, verify_typed

TYP = "accord-statement+jws"
_TEXTS = ("id", "iss", "case", "schema", "at")
_MARK = "contested"
_MOST_MARKS = 64


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement whose signature was checked."""

    id: str
    iss: str
    case: str
    schema: str
    at: datetime
    content: Mapping[str, Any]
    kid: str
    raw: bytes
    contested: tuple[str, ...] = ()
    """Earlier statements of the issuer about the same that the citizen contests, and nobody has settled."""


def attest(
    content: Mapping[str, Any],
    *,
    id: str,
    iss: str,
    case: str,
    schema: str,
    at: datetime,
    key: SigningKey,
    contested: Sequence[str] = (),
) -> str:
    """Sign what `iss` asserts in a case; gives the compact JWS to be sealed."""
    payload: dict[str, Any] = {
        "id": id,
        "iss": iss,
        "case": case,
        "schema": schema,
        "at": instant.format(at),
        "content": content,
    }
    if contested:
        payload[_MARK] = list(contested)[:_MOST_MARKS]
    return sign_typed(payload, key, typ=TYP).decode()


def attest_again(kept: Mapping[str, Any], key: SigningKey) -> str:
    """Sign the payload of a statement of one's own, as it was, with another key; gives the compact JWS."""
    return sign_typed(kept, key, typ=TYP).decode()


def check(compact: bytes, key_for: KeyFor) -> Statement:
    """Check signature and shape; raise Unverified, Malformed or Invalid.

    Not checked here: that the key is one of the issuer's, that the content fits its schema.
    """
    verified = verify_typed(compact, key_for, typ=TYP)
    payload = verified.payload
    if set(payload) - {_MARK} != {*_TEXTS, "content"} or not isinstance(payload["content"], dict):
        raise Invalid("A statement has exactly id, iss, case, schema, at and content, and maybe contested.")
    if not all(isinstance(payload[name], str) for name in _TEXTS):
        raise Invalid("The members of a statement around its content are strings.")
    contested = payload.get(_MARK, ())
    if _MARK in payload and not _are_marks(contested):
        raise Invalid(f"contested is a list of 1 to {_MOST_MARKS} different ids of statements.")
    return Statement(
        **{name: payload[name] for name in _TEXTS if name != "at"},
        at=instant.parse(payload["at"]),
        content=payload["content"],
        kid=verified.kid,
        raw=compact,
        contested=tuple(contested),
    )


def _are_marks(found: object) -> bool:
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        return False
    return 1 <= len(found) == len(set(found)) <= _MOST_MARKS


def belongs_to(statement: Statement, *, sender: str, case: str | None, schema: str | None) -> None:
    """Raise StatementMismatch unless the statement is the sender's own, of this case and schema.

    Without this check a recipient could seal someone else's statement again and pass it on as a
    fresh release to a third party (surreptitious forwarding).
    """
    for name, stated, carried in (
        ("iss", statement.iss, sender),
        ("case", statement.case, case),
        ("schema", statement.schema, schema),
    ):
        if stated != carried:
            raise StatementMismatch(f"The statement's {name} is not the message's.", member=name)
