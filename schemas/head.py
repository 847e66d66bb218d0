"""The signed head: what the coordinator says it has for one member, at one instant.

It names the log's size and root and the index of the newest message, and of the newest consent decision, for
that member. A connector that has seen everything up to there knows that no withdrawal was kept from it;
a coordinator that hides one has signed the lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schemas import instant
from schemas.errors import Invalid, Unverified
from schemas.keys import SigningKey
from schemas.signed import KeyFor, sign_typed, verify_typed

TYP = "accord-head+jws"


@dataclass(frozen=True, slots=True)
class Head:
    """The state of log and mailbox that the coordinator vouches for."""

    member: str
    at: datetime
    size: int
    root: bytes
    last: int
    last_consent: int


def issue(head: Head, key: SigningKey) -> bytes:
    """Sign a head; `last` and `last_consent` are -1 when there is nothing yet."""
    payload = {
        "member": head.member,
        "at": instant.format(head.at),
        "size": head.size,
        "root": head.root.hex(),
        "last": head.last,
        "last_consent": head.last_consent,
    }
    return sign_typed(payload, key, typ=TYP)


def check(raw: bytes, key_for: KeyFor, *, member: str) -> Head:
    """Check signature, shape and addressee; raise Unverified or Invalid. Its age is the caller's to judge."""
    payload = verify_typed(raw, key_for, typ=TYP).payload
    if set(payload) != {"member", "at", "size", "root", "last", "last_consent"}:
        raise Invalid("A head has exactly member, at, size, root, last and last_consent.")
    numbers = [payload[name] for name in ("size", "last", "last_consent")]
    texts = [payload[name] for name in ("member", "at", "root")]
    if not all(type(number) is int for number in numbers) or not all(isinstance(text, str) for text in texts):
        raise Invalid("A member of the head is of the wrong kind.")
    if payload["member"] != member:
        raise Unverified("The head was signed for another member.", member=member)
    try:
        root = bytes.fromhex(payload["root"])
    except ValueError as error:
        raise Invalid("The root is written in hexadecimal.") from error
    return Head(member, instant.parse(payload["at"]), numbers[0], root, numbers[1], numbers[2])
