"""Makes messages: attests a statement, seals it for each reader, signs the whole, and checks it as a
receiver would.

Takes values that were judged already, gives signed bytes for the outbox; it sends nothing and stores nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row
from uuid_utils import uuid7

from connectors.exchange.connector import Connector
from connectors.exchange.errors import NotHere
from connectors.exchange.store import cases
from connectors.exchange.store.outbox import Signed
from connectors.exchange.store.statements import Kept
from schemas import message, statement
from schemas import seal as sealing
from schemas.errors import CitizenNotJoined, UnknownKey
from schemas.instant import to_ms
from schemas.keys import SealingPublicKey, SigningKey, VerifyingKey
from schemas.messages import case_v1, envelope
from schemas.messages.content import check_content
from schemas.messages.envelope import Attachment, Authority, Sealed
from schemas.signed import KeyFor
from schemas.statement import Statement

CITIZEN: Final = "citizen"
_METADATA_ONLY: Final = frozenset({"record.release/1", "record.correct/1"})
"""Of our own records we keep only that they were sent: the record itself stays in the agency's system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A sealed message about to be made: what is asserted, to whom, by what right."""

    type: str
    schema: str
    content: Mapping[str, Any]
    case: str
    to: tuple[str, ...]
    authority: Authority
    agreement: str | None = None
    purpose: str | None = None
    categories: tuple[str, ...] = ()
    re: str | None = None
    attachments: tuple[Attachment, ...] = ()
    withheld: envelope.Withheld | None = None
    contested: tuple[str, ...] = ()


def sign_open(connector: Connector, now: datetime, *, about: str | None = None, **members: Any) -> Signed:
    """Make a message with an open body; `about` is the consent it speaks of."""
    payload = envelope.compose(sender=connector.id, at=now, **members)
    return _signed(payload, connector.keyring.signing_key(now), about)


_SAME = ("type", "to", "case", "re", "agreement", "purpose", "schema", "body")
"""What a message that is said again has in common with the first; it gets another id, date and signature."""


def sign_again(
    connector: Connector, raw: bytes, now: datetime, *, about: str | None, kept: Row[Any] | None
) -> Signed:
    """Say the same again under a new id and date, because the first could not be admitted for its date.

    A record is not said again: it is read and judged anew. Raises the Refusal that a receiver would.
    """
    verified = message.verify(raw, _ours(connector))
    old, loaded = dict(verified.payload), envelope.load(verified)
    if loaded.type == case_v1.KEYS and loaded.body is not None:
        # A passkey confirmed the old date: under another one what it vouched for waits to be attested.
        old["body"] = {name: value for name, value in loaded.body.items() if name != "proof"}
    key = connector.keyring.signing_key(now)
    sealed: tuple[Sealed, ...] = ()
    if loaded.sealed:
        if kept is None or kept.plaintext is None:
            raise NotHere("What was sealed is not here to be sealed again.")
        case = loaded.case or ""
        sealed = _seal_for(connector, case, loaded.to, bytes(kept.plaintext), now=now, key=key)
    payload = envelope.compose(
        sender=connector.id,
        at=now,
        authority=loaded.authority,
        categories=loaded.categories,
        sealed=sealed,
        attachments=loaded.attachments,
        withheld=loaded.withheld,
        **{name: old[name] for name in _SAME if name in old},
    )
    return _signed(payload, key, about)


def address_again(connector: Connector, raw: bytes, to: Sequence[str]) -> Signed:
    """Say the same to others under a new id, with its old date; only what is open can be said so."""
    verified = message.verify(raw, _ours(connector))
    old, loaded = verified.payload, envelope.load(verified)
    payload = envelope.compose(
        sender=connector.id,
        at=loaded.at,
        until=loaded.until,
        authority=loaded.authority,
        **{**{name: old[name] for name in _SAME if name in old}, "to": list(to)},
    )
    return _signed(payload, connector.keyring.signing_key(loaded.at), None)


def _seal_for(
    connector: Connector, case: str, to: Sequence[str], asserted: bytes, *, now: datetime, key: SigningKey
) -> tuple[Sealed, ...]:
    return tuple(
        Sealed(
            reader, sealing.seal(asserted, to=_reader_key(connector, case, reader, now), sender_kid=key.kid)
        )
        for reader in to
    )


@dataclass(frozen=True, slots=True)
class Attested:
    """A statement that we have signed, checked as its receiver will check it."""

    letter: Letter
    statement: Statement
    key: SigningKey


def attest(connector: Connector, letter: Letter, now: datetime) -> Attested:
    """Sign what we assert: ours, of this case and schema, so that no one can pass it on as theirs."""
    key = connector.keyring.signing_key(now)
    asserted = statement.attest(
        letter.content,
        id=str(uuid7()),
        iss=connector.id,
        case=letter.case,
        schema=letter.schema,
        at=now,
        key=key,
        contested=letter.contested,
    ).encode()
    return Attested(letter, _check_as_receiver(letter, asserted, key), key)


def seal(connector: Connector, attested: Attested, now: datetime) -> tuple[Signed, Kept]:
    """Seal a statement for each reader and sign the message around it; gives it and what we keep.

    1. one seal for each reader, to a key that was proven, never to one from a message
    2. signed once; a retry sends the same bytes
    3. checked with the receiver's code before it leaves
    """
    letter, key = attested.letter, attested.key
    payload = envelope.compose(
        type=letter.type,
        sender=connector.id,
        to=letter.to,
        at=now,
        case=letter.case,
        re=letter.re,
        authority=letter.authority,
        agreement=letter.agreement,
        purpose=letter.purpose,
        categories=letter.categories,
        schema=letter.schema,
        sealed=_seal_for(connector, letter.case, letter.to, attested.statement.raw, now=now, key=key),
        attachments=letter.attachments,
        withheld=letter.withheld,
    )
    signed = _signed(payload, key, None)
    return signed, _kept(connector, letter, signed, attested.statement)


def seal_and_sign(connector: Connector, letter: Letter, now: datetime) -> tuple[Signed, Kept]:
    """Attest and seal in one go."""
    return seal(connector, attest(connector, letter, now), now)


def _check_as_receiver(letter: Letter, asserted: bytes, key: SigningKey) -> Statement:
    """Verify our own statement with the receiver's code (what we cannot read back, nobody should get)."""
    checked = statement.check(asserted, lambda _kid, _payload: key.public)
    statement.belongs_to(checked, sender=checked.iss, case=letter.case, schema=letter.schema)
    check_content(letter.schema, checked.content)
    return checked


def _kept(connector: Connector, letter: Letter, signed: Signed, checked: Statement) -> Kept:
    return Kept(
        id=checked.id,
        message=signed.id,
        sender=connector.id,
        type=letter.type,
        case=letter.case,
        schema=letter.schema,
        issuer=connector.id,
        at=to_ms(checked.at),
        log_index=None,
        re=letter.re,
        basis=letter.authority.basis,
        consent=letter.authority.id if letter.authority.basis == "consent" else None,
        agreement=letter.agreement,
        purpose=letter.purpose,
        categories=list(letter.categories),
        mine=True,
        plaintext=None if letter.type in _METADATA_ONLY else checked.raw,
        erase_at=None,
    )


def _reader_key(connector: Connector, case: str, reader: str, now: datetime) -> SealingPublicKey:
    if reader != CITIZEN:
        return connector.directory.member(reader).sealing_key(now)
    with connector.database.reading() as connection:
        key = cases.citizen_sealing_key(connection, case)
    if key is None:
        raise CitizenNotJoined(case=case)
    return key


def _signed(payload: Mapping[str, Any], key: SigningKey, about: str | None) -> Signed:
    raw = message.sign(payload, key)
    checked = envelope.load(message.verify(raw, lambda _kid, _payload: key.public))
    return Signed(checked.id, checked.type, checked.case, about, raw, hashlib.sha256(raw).hexdigest())


def _ours(connector: Connector) -> KeyFor:
    def find(kid: str, _payload: Mapping[str, Any]) -> VerifyingKey:
        jwk = connector.keyring.public_jwk(kid)
        if jwk["crv"] != "Ed25519":
            raise UnknownKey(kid=kid)
        return VerifyingKey.from_jwk(jwk)

    return find


def own_payload(connector: Connector, raw: bytes | None) -> Mapping[str, Any]:
    """Read back what we signed ourselves; raise NotHere once it has been erased."""
    if raw is None:
        raise NotHere("The message was erased.")
    return message.verify(raw, _ours(connector)).payload
