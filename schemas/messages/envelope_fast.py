"""The envelope by hand: takes exactly what `envelope_schema` takes, in a tenth of the time.

Admission has to check more than a thousand envelopes a second. This never refuses: for everything that it
does not recognise it gives None, and the definition then takes the document or says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from schemas.messages import fields as words
from schemas.messages.envelope_schema import (
    ATTACHMENT_BYTES,
    MOST_ATTACHMENTS,
    MOST_CATEGORIES,
    MOST_RECIPIENTS,
    EnvelopeSchema,
    looks_sealed,
)
from schemas.messages.shape import Attachment, Authority, Message, Sealed, Withheld

_NAMES = frozenset(field.data_key or name for name, field in EnvelopeSchema().fields.items())
_OPTIONAL = (
    ("case", words.UUID.fullmatch),
    ("re", words.UUID7.fullmatch),
    ("agreement", words.AGREEMENT.fullmatch),
    ("purpose", words.CODE.fullmatch),
    ("schema", words.SCHEMA.fullmatch),
)
_BASES = {
    "consent": ("consent", words.UUID.fullmatch),
    "statute": ("clause", words.CODE.fullmatch),
    "emergency": ("emergency", words.UUID7.fullmatch),
}
_is_party = words.MEMBER.fullmatch
_is_code = words.CODE.fullmatch
_is_type = words.TYPE.fullmatch
_is_message_id = words.UUID7.fullmatch
_is_instant = words.INSTANT.fullmatch


class _Unrecognised(Exception):
    """Something is not as expected here."""


def recognise(payload: Mapping[str, Any], *, raw: bytes, sha256: bytes, kid: str) -> Message | None:
    """Give the message if its envelope is plainly well formed, else None."""
    if not payload.keys() <= _NAMES:
        return None
    try:
        return _take(payload, raw, sha256, kid)
    except (_Unrecognised, KeyError, TypeError, ValueError):
        # A missing member, another type than expected, or a day that does not exist.
        return None


def _take(payload: Mapping[str, Any], raw: bytes, sha256: bytes, kid: str) -> Message:
    for name, matches in _OPTIONAL:
        if name in payload and not matches(payload[name]):
            raise _Unrecognised
    if not (_is_message_id(payload["id"]) and _is_type(payload["type"]) and _is_party(payload["from"])):
        raise _Unrecognised
    if "body" in payload and type(payload["body"]) is not dict:
        raise _Unrecognised
    get = payload.get
    return Message(
        payload["id"],
        payload["type"],
        payload["from"],
        _codes(payload["to"], _is_party, MOST_RECIPIENTS),
        get("case"),
        _instant(payload["at"]),
        _instant(payload["until"]),
        get("re"),
        _authority(payload["authority"]) if "authority" in payload else None,
        get("agreement"),
        get("purpose"),
        _codes(payload["categories"], _is_code, MOST_CATEGORIES) if "categories" in payload else (),
        get("schema"),
        get("body"),
        _sealed(payload["sealed"]) if "sealed" in payload else (),
        _attachments(payload["attachments"]) if "attachments" in payload else (),
        _withheld(payload["withheld"]) if "withheld" in payload else None,
        raw,
        sha256,
        kid,
    )


def _codes(found: Any, matches: Any, most: int) -> tuple[str, ...]:
    if type(found) is not list or not 0 < len(found) <= most:
        raise _Unrecognised
    for each in found:
        if not matches(each):
            raise _Unrecognised
    if len(found) > 1 and len(set(found)) != len(found):
        raise _Unrecognised
    return tuple(found)


def _instant(text: Any) -> datetime:
    if not _is_instant(text):
        raise _Unrecognised
    return datetime.fromisoformat(text)


def _authority(found: Any) -> Authority:
    if type(found) is not dict:
        raise _Unrecognised
    basis = found["basis"]
    if basis == "seat" and len(found) == 1:
        return Authority("seat")
    member, matches = _BASES[basis]
    if len(found) != 2 or not matches(found[member]):  # noqa: PLR2004 - the basis and what it rests on
        raise _Unrecognised
    return Authority(basis, found[member])


def _sealed(found: Any) -> tuple[Sealed, ...]:
    if type(found) is not list or not 0 < len(found) <= MOST_RECIPIENTS:
        raise _Unrecognised
    taken = tuple([_sealed_one(each) for each in found])
    if len(set(taken)) != len(taken):
        raise _Unrecognised
    return taken


def _sealed_one(each: Any) -> Sealed:
    if type(each) is not dict or len(each) != 2:  # noqa: PLR2004 - exactly `to` and `jwe`
        raise _Unrecognised
    to, jwe = each["to"], each["jwe"]
    if not _is_party(to) or type(jwe) is not str or not looks_sealed(jwe):
        raise _Unrecognised
    return Sealed(to, jwe)


def _attachments(found: Any) -> tuple[Attachment, ...]:
    if type(found) is not list or not 0 < len(found) <= MOST_ATTACHMENTS:
        raise _Unrecognised
    taken = tuple([_attachment(each) for each in found])
    if len(set(taken)) != len(taken):
        raise _Unrecognised
    return taken


def _attachment(each: Any) -> Attachment:
    if type(each) is not dict or len(each) != 2:  # noqa: PLR2004 - exactly `sha256` and `size`
        raise _Unrecognised
    sha256, size = each["sha256"], each["size"]
    if not words.SHA256.fullmatch(sha256) or type(size) is not int or not 1 <= size <= ATTACHMENT_BYTES:
        raise _Unrecognised
    return Attachment(sha256, size)


def _withheld(found: Any) -> Withheld:
    if type(found) is not dict or len(found) != 2:  # noqa: PLR2004 - exactly `ground` and `review_on`
        raise _Unrecognised
    ground, day = found["ground"], found["review_on"]
    if not _is_code(ground) or not words.DAY.fullmatch(day):
        raise _Unrecognised
    return Withheld(ground, date.fromisoformat(day))
