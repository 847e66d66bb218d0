"""Proofs that the citizen decided: the portal's word for a signed-in person, or a passkey over the consent.

Keys are those that are pinned in the case's seat, never those that a message brings. A passkey's assertion
(WebAuthn level 3 §7.2) is checked without a library, because the ones that exist leave `crossOrigin` alone.
It does not show that a consent is still granted.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from schemas import instant
from schemas.errors import Malformed, ProofRefused
from schemas.messages import fields as words
from schemas.messages.fields import Several, Strict
from schemas.passkey import HostName, Origin, PasskeyJwk, PasskeyKey
from schemas.wire import b64u, canonical, parse, unb64u

_PROOF_PREFIX = b"accord/consent/1\x00"
"""Keeps a consent's challenge apart from every other challenge that a passkey signs."""
CLIENT_DATA_LIMIT = 4096
"""Bytes of the client data: type, challenge, origin, and what a browser may add."""
SIGN_IN_MAX_AGE = timedelta(hours=24)
"""A portal's session that was older is not the person deciding now."""
CLOCK_SKEW = timedelta(seconds=60)
_FLAGS_AT = 32
_LENGTH = 37
_USER_PRESENT, _USER_VERIFIED, _BACKUP_ELIGIBLE, _BACKED_UP = 0x01, 0x04, 0x08, 0x10
_ATTESTED, _EXTENSIONS = 0x40, 0x80


@dataclass(frozen=True, slots=True)
class PortalProof:
    """The portal attests that a person had signed in, how surely and when."""

    acr: str
    auth_time: datetime


@dataclass(frozen=True, slots=True)
class PasskeyProof:
    """An assertion of a passkey, as the authenticator gave it."""

    credential: str
    client_data: bytes
    authenticator_data: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey that is pinned in a seat."""

    credential: str
    key: PasskeyKey
    rp_id: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeatKeys:
    """What the case says about the citizen's seat: its portal and its passkeys."""

    portal: str
    passkeys: tuple[Passkey, ...] = ()


class PasskeySchema(Strict):
    """A passkey in a seat: its public key, and where it may be used."""

    credential = words.Bytes64(longest=1023, required=True)
    jwk = PasskeyJwk(required=True)
    rp_id = HostName(required=True)
    origins = Several(Origin(), most=8, required=True)


class _PortalSchema(Strict):
    kind = words.Exactly("portal")
    acr = words.Text(required=True)
    auth_time = words.Instant(required=True)


class _PasskeyProofSchema(Strict):
    kind = words.Exactly("passkey")
    credential = words.Bytes64(longest=1023, required=True)
    client_data = words.Bytes64(longest=CLIENT_DATA_LIMIT, required=True)
    authenticator_data = words.Bytes64(shortest=_LENGTH, longest=1024, required=True)
    signature = words.Bytes64(shortest=8, longest=512, required=True)


PROOF_SCHEMAS: Mapping[str, type[Strict]] = {"portal": _PortalSchema, "passkey": _PasskeyProofSchema}


def proofs_of(found: Iterable[Mapping[str, Any]]) -> tuple[PortalProof | PasskeyProof, ...]:
    """Give the proofs of a document that passed its schema."""
    return tuple(_proof(each) for each in found)


def _proof(found: Mapping[str, Any]) -> PortalProof | PasskeyProof:
    if found["kind"] == "portal":
        return PortalProof(found["acr"], instant.parse(found["auth_time"]))
    data, authenticator, signature = (
        unb64u(found[name]) for name in ("client_data", "authenticator_data", "signature")
    )
    return PasskeyProof(found["credential"], data, authenticator, signature)


def seat_keys(portal: str, passkeys: Iterable[Mapping[str, Any]]) -> SeatKeys:
    """Read the passkeys of a seat from the message that brought them, after that was judged."""
    return SeatKeys(portal, tuple(_pinned(each) for each in passkeys))


def _pinned(found: Mapping[str, Any]) -> Passkey:
    key = PasskeyKey.from_jwk(found["jwk"])
    return Passkey(found["credential"], key, found["rp_id"], tuple(found["origins"]))


def consent_bytes(document: Mapping[str, Any]) -> bytes:
    """Give the canonical bytes of what was decided: the document without its proofs (RFC 8785)."""
    return canonical({name: value for name, value in document.items() if name != "proof"})


def consent_challenge(document: Mapping[str, Any]) -> bytes:
    """Give the challenge that a passkey signs for this consent and for nothing else."""
    return hashlib.sha256(_PROOF_PREFIX + consent_bytes(document)).digest()


def check_portal(proof: PortalProof, seat: SeatKeys, *, sent_by: str, at: datetime) -> None:
    """Raise ProofRefused unless the seat's own portal says it, about a sign-in of that day."""
    if sent_by != seat.portal:
        raise _refused("foreign_portal", "The seat is served by another portal.")
    if not -CLOCK_SKEW <= at - proof.auth_time <= SIGN_IN_MAX_AGE:
        raise _refused("stale_sign_in", "The person had not signed in within the last day.")


def check_passkey(proof: PasskeyProof, pinned: Iterable[Passkey], challenge: bytes) -> Passkey:
    """Give the pinned passkey whose assertion this is, over this challenge; raise ProofRefused.

    1. the credential is pinned in the seat        (keys that an attacker brings)
    2. client data: type, challenge, origin        (sign-ins passed off as consents, foreign pages)
    3. not inside a frame of another site          (clickjacking; libraries parse this and do not check it)
    4. authenticator data: site, person verified   (foreign sites, a touch without PIN or biometric)
    5. the signature is over exactly these bytes
    The counter is ignored: passkeys that are synced between devices always say 0.
    """
    passkey = next((each for each in pinned if each.credential == proof.credential), None)
    if passkey is None:
        raise _refused("unknown_passkey", "The passkey is not one of this seat.")
    _check_client_data(_client_data(proof), passkey, challenge)
    _check_authenticator_data(proof.authenticator_data, passkey)
    signed = proof.authenticator_data + hashlib.sha256(proof.client_data).digest()
    passkey.key.verify(proof.signature, signed)
    return passkey


def _client_data(proof: PasskeyProof) -> Mapping[str, Any]:
    try:
        return parse(proof.client_data, limit=CLIENT_DATA_LIMIT)
    except Malformed as error:
        raise _refused("client_data", "The client data is not strict JSON.") from error


def _check_client_data(data: Mapping[str, Any], passkey: Passkey, challenge: bytes) -> None:
    if data.get("type") != "webauthn.get":
        raise _refused("type", "The assertion was not made to confirm anything.")
    found = data.get("challenge")
    if not isinstance(found, str) or not hmac.compare_digest(found.encode(), b64u(challenge).encode()):
        raise _refused("challenge", "The passkey confirmed something else than this consent.")
    if data.get("origin") not in passkey.origins:
        raise _refused("origin", "The passkey was used on a page that is not the portal's.")
    if data.get("crossOrigin", False) is not False:
        raise _refused("cross_origin", "The page was inside a frame of another site.")
    if "topOrigin" in data and data["topOrigin"] not in passkey.origins:
        raise _refused("top_origin", "The page was inside a frame of another site.")


def _check_authenticator_data(data: bytes, passkey: Passkey) -> None:
    if not hmac.compare_digest(data[:_FLAGS_AT], hashlib.sha256(passkey.rp_id.encode()).digest()):
        raise _refused("rp_id", "The passkey was used for another site.")
    flags = data[_FLAGS_AT]
    if not flags & _USER_PRESENT or not flags & _USER_VERIFIED:
        raise _refused("user_verification", "The device did not verify the person.")
    if flags & _BACKED_UP and not flags & _BACKUP_ELIGIBLE:
        raise _refused("flags", "The authenticator contradicts itself about backups.")
    if flags & _ATTESTED or (len(data) > _LENGTH and not flags & _EXTENSIONS):
        raise _refused("flags", "The authenticator's data has more than an assertion has.")


def _refused(reason: str, detail: str) -> ProofRefused:
    return ProofRefused(detail, reason=reason)
