"""What every implementation has to accept: one message of each type, and what they are made of."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.consent_proof import consent_challenge
from schemas.vectors import crafting, examples
from schemas.vectors.assertion import assertion, signs_ed25519, signs_rs256
from schemas.vectors.examples import CITIZEN, NORTH, PORTAL
from schemas.vectors.known_keys import PASSKEY_ED25519, SEALING, SIGNING, rs256_jwk
from schemas.vectors.vector import Vector


def vectors() -> Iterator[Vector]:
    """Give the good vectors."""
    for name, payload in examples.payloads().items():
        yield Vector(f"a good {name}", "message", crafting.token(payload))
    for name in examples.sealed_types():
        for reader, sealed in examples.seals()[name].items():
            sender = examples.payload(name)["from"]
            yield Vector(
                f"a good seal of {name} for {reader}",
                "seal",
                sealed,
                context={"reader": reader, "sender": sender, **_around(name)},
            )
    for name, record in examples.records().items():
        yield Vector(f"a good record {name}", "record", record, context={"schema": name})
    yield Vector("a good agreement", "agreement", examples.agreement())
    yield from consents()
    yield Vector("a good signing key", "signing_key", SIGNING[NORTH].public.jwk)
    yield Vector("a good sealing key", "sealing_key", SEALING[CITIZEN].public.jwk)
    yield Vector("a good passkey, RSA", "passkey_key", rs256_jwk())


def consents() -> Iterator[Vector]:
    """Give a consent confirmed with each of the three algorithms of passkeys."""
    yield Vector("a good consent, ES256", "consent", examples.consent())
    seen_first = {**examples.consent(), "preview": True}
    proof = [assertion(consent_challenge(seen_first), rp_id=examples.RP_ID, origin=examples.ORIGIN)]
    demanded = {**examples.agreement(), "preview": ["housing"]}
    with_preview = {**seen_first, "proof": proof}
    yield Vector("a good consent, seen first", "consent", with_preview, context={"agreement": demanded})
    for name, sign, jwk in (
        ("Ed25519", signs_ed25519, PASSKEY_ED25519.public.jwk),
        ("RS256", signs_rs256, rs256_jwk()),
    ):
        seat = consent_context()["seat"]
        seat["passkeys"][0]["jwk"] = jwk
        yield Vector(f"a good consent, {name}", "consent", examples.consent(sign), context={"seat": seat})


def consent_context() -> examples.Json:
    """Give what a verifier of a consent knows from elsewhere: agreement, seat, who sent it, when."""
    seat = {"portal": PORTAL, "passkeys": examples.seat()["passkeys"]}
    return {"agreement": examples.agreement(), "seat": seat, "sent_by": PORTAL, "at": examples.AT}


def _around(name: str) -> examples.Json:
    """Give the members of the envelope that a statement inside has to repeat."""
    payload = examples.payload(name)
    return {member: payload[member] for member in ("case", "schema")}
