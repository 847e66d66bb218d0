"""The lines of an evidence file `accord-evidence/1`: what each kind holds, and how one is written and read.

An evidence file is JSON Lines, each line in its one canonical spelling (RFC 8785), with the number of the
entry and the SHA-256 of the line before. What the lines claim is checked in `connectors.evidence.verify`.

    head        who made the file of which case, the coordinator's keys, one signed checkpoint of the log
    checkpoint  an earlier checkpoint that the maker had seen, with the proof that the log only grew
    message     a signed message as it was, its receipt, and the proof of its place in the log
    erased      a message that is no more: the log's commitment and the proof of its place, nothing else
    signed      a signed message of an agreement whose place in the log the maker does not know
    contents    an opened statement (only on request: personal data)
    end         the maker's signature over the number of entries and the last link of the chain
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from marshmallow import Schema, validate
from marshmallow import fields as ma

from connectors.errors import EvidenceUnreadable
from schemas.errors import Refusal
from schemas.messages import fields
from schemas.messages.reading import read as read_schema
from schemas.wire import canonical, parse

FORMAT: Final = "accord-evidence/1"
SEAL_TYP: Final = "accord-evidence+jws"
LINE_LIMIT: Final = 1024 * 1024
"""Bytes: a message of 256 KiB in base64, its receipt and its proof, and as much again."""
NO_LINE: Final = "0" * 64
"""The link of the first line, which has none before it."""
_PROOF_LIMIT = 64


class _Line(fields.Strict):
    entry = fields.Whole(required=True)
    previous = fields.Sha256(required=True)


def _proof() -> ma.List[str]:
    return ma.List(fields.Sha256(), validate=validate.Length(max=_PROOF_LIMIT), required=True)


class _KeysSchema(fields.Strict):
    coordinator = ma.List(
        ma.Nested(fields.SigningJwkSchema), required=True, validate=validate.Length(min=1, max=100)
    )
    log = ma.Nested(fields.SigningJwkSchema, required=True)
    origin = fields.Text(required=True)


class _HeadLine(_Line):
    kind = fields.Exactly("head")
    format = fields.Exactly(FORMAT)
    case = fields.Uuid(required=True)
    by = fields.MemberId(required=True)
    made_at = fields.Instant(required=True)
    keys = ma.Nested(_KeysSchema, required=True)
    checkpoint = fields.Text(longest=20_000, required=True)
    contents = fields.Flag(required=True)


class _CheckpointLine(_Line):
    kind = fields.Exactly("checkpoint")
    note = fields.Text(longest=20_000, required=True)
    consistency = _proof()


class _MessageLine(_Line):
    kind = fields.Exactly("message")
    index = fields.Whole(required=True)
    message = fields.Compact(required=True)
    receipt = fields.Compact(required=True)
    inclusion = _proof()


class _ErasedLine(_Line):
    kind = fields.Exactly("erased")
    index = fields.Whole(required=True)
    commitment = fields.Sha256(required=True)
    inclusion = _proof()


class _SignedLine(_Line):
    kind = fields.Exactly("signed")
    message = fields.Compact(required=True)


class _ContentsLine(_Line):
    kind = fields.Exactly("contents")
    message = fields.MessageId(required=True)
    statement = fields.Compact(required=True)


class _EndLine(_Line):
    kind = fields.Exactly("end")
    seal = fields.Compact(required=True)


KINDS: Final[Mapping[str, Schema]] = {
    "head": _HeadLine(),
    "checkpoint": _CheckpointLine(),
    "message": _MessageLine(),
    "erased": _ErasedLine(),
    "signed": _SignedLine(),
    "contents": _ContentsLine(),
    "end": _EndLine(),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is well-formed; what it claims is not checked."""

    entry: int
    kind: str
    previous: str
    data: Mapping[str, Any]
    sha256: str


def write(kind: str, entry: int, previous: str, members: Mapping[str, Any]) -> bytes:
    """Spell one line, without its line end."""
    return canonical({"entry": entry, "kind": kind, "previous": previous, **members})


def link(line: bytes) -> str:
    """Give what the next line names this one by."""
    return hashlib.sha256(line).hexdigest()


def read(raw: bytes) -> Line:
    """Read one line in its one spelling; raise EvidenceUnreadable that says what is wrong with it."""
    try:
        members = parse(raw, limit=LINE_LIMIT)
        kind = members.get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            raise EvidenceUnreadable("The line is of no kind that this version knows.")
        loaded = read_schema(KINDS[kind], members, what=kind)
        if canonical(members) != raw:
            raise EvidenceUnreadable("The line is not in its one canonical spelling.")
    except EvidenceUnreadable:
        raise
    except Refusal as refusal:
        raise EvidenceUnreadable(refusal.detail) from refusal
    return Line(loaded["entry"], kind, loaded["previous"], members, link(raw))
