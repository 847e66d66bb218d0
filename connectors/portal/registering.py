"""Making a passkey: what the browser is asked for, and what came back; the one file that knows `webauthn`.

Only the three algorithms are asked for and taken that every party of the exchange can check. Attestation is
"none": which device somebody has is nobody's business.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from webauthn import generate_registration_options, options_to_json, verify_registration_response
from webauthn.helpers import decode_credential_public_key
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm
from webauthn.helpers.decode_credential_public_key import (
    DecodedEC2PublicKey,
    DecodedOKPPublicKey,
    DecodedRSAPublicKey,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from schemas.errors import Malformed, ProofRefused, WeakKey
from schemas.passkey import PasskeyKey
from schemas.wire import b64u, parse, unb64u

# ES256 first: some authenticators make the first kind they know, and it is the one that all of them can.
_ALGORITHMS: Final = [
    Algorithm.ECDSA_SHA_256,
    Algorithm.EDDSA,
    Algorithm.RSASSA_PKCS1_v1_5_SHA_256,
]
_LONGEST: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys are made: the name to which they are bound, and the one origin that may ask for them."""

    rp_id: str
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey as it was made."""

    credential: str
    jwk: Mapping[str, str]
    sign_count: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What the browser is asked, as JSON, and the challenge by which the answer is known again."""

    options: str
    challenge: str


def ask(site: Site, *, account: str, name: str, known: Iterable[str]) -> Asked:
    """Ask for a passkey for an account; authenticators that hold one of the `known` make no second."""
    options = generate_registration_options(
        rp_id=site.rp_id,
        rp_name=site.name,
        user_id=account.encode(),
        user_name=name,
        user_display_name=name,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        supported_pub_key_algs=_ALGORITHMS,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=unb64u(each)) for each in known],
    )
    return Asked(options_to_json(options), b64u(options.challenge))


def read(site: Site, answer: str, challenge: str) -> Made:
    """Check what the browser made for this challenge; raise ProofRefused with `reason`.

    1. it is an answer, and not a huge one                           answer
    2. made for this challenge, on this origin, for this site, by a
       person who was verified (PIN or biometric), with a key of ours  registration
    3. not inside a frame of another site; the library parses this
       and does not check it                                          cross_origin, top_origin
    4. the key is one that every party can check                      key
    """
    if not answer or len(answer) > _LONGEST:
        raise ProofRefused("The browser gave no passkey.", reason="answer")
    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=unb64u(challenge),
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise ProofRefused("The passkey was not made as it has to be.", reason="registration") from error
    _check_not_framed(site, answer)
    jwk = _jwk(found.credential_public_key)
    return Made(b64u(found.credential_id), jwk, found.sign_count)


def _check_not_framed(site: Site, answer: str) -> None:
    """Refuse a page inside another's frame (clickjacking; WebAuthn level 3 §5.8.1)."""
    try:
        data = parse(unb64u(json.loads(answer)["response"]["clientDataJSON"]))
    except (Malformed, ValueError, KeyError, TypeError) as error:
        raise ProofRefused("The client data is not strict JSON.", reason="answer") from error
    if data.get("crossOrigin", False) is not False:
        raise ProofRefused("The page was inside a frame of another site.", reason="cross_origin")
    if "topOrigin" in data and data["topOrigin"] != site.origin:
        raise ProofRefused("The page was inside a frame of another site.", reason="top_origin")


def _jwk(cose: bytes) -> Mapping[str, str]:
    """Give the public key as a seat takes it; raise ProofRefused for one that no party could check."""
    key: Any = decode_credential_public_key(cose)
    if isinstance(key, DecodedEC2PublicKey):
        jwk = {"kty": "EC", "crv": "P-256", "x": b64u(key.x), "y": b64u(key.y)}
    elif isinstance(key, DecodedOKPPublicKey):
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64u(key.x)}
    elif isinstance(key, DecodedRSAPublicKey):
        jwk = {"kty": "RSA", "n": b64u(key.n), "e": b64u(key.e)}
    else:
        raise ProofRefused("The passkey has a key of another kind.", reason="key")
    try:
        return PasskeyKey.from_jwk(jwk).jwk
    except (Malformed, WeakKey) as error:
        raise ProofRefused("The passkey's key is not one that can be checked.", reason="key") from error
