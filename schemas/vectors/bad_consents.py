"""Consents that nobody gave, that name nobody, or whose proof is for something else; and agreements alike."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from schemas.consent_proof import consent_challenge
from schemas.vectors import examples
from schemas.vectors.assertion import assertion, signs_ed25519
from schemas.vectors.examples import NORTH, ORIGIN, RP_ID, SOUTH
from schemas.vectors.vector import Vector
from schemas.wire import b64u

_EVIL = "https://evil.example"


def vectors() -> Iterator[Vector]:
    """Give the bad consents and agreements."""
    yield from _assertions()
    yield from _proofs()
    yield from _documents()
    yield from _beyond_agreement()
    yield from _uses()
    yield from _agreements()


def _bad(name: str, attack: str, document: Any, expect: str, reason: str = "", **context: Any) -> Vector:
    return Vector(name, "consent", document, expect, attack, reason, context)


def _with_assertion(**changes: Any) -> examples.Json:
    document = examples.consent()
    settings = {"rp_id": RP_ID, "origin": ORIGIN, **changes}
    challenge = settings.pop("over", None) or consent_challenge(document)
    return {**document, "proof": [assertion(challenge, **settings)]}


def _assertions() -> Iterator[Vector]:
    for name, attack, reason, changes in (
        ("a sign-in", "P14", "challenge", {"over": bytes(32)}),
        ("another type of assertion", "P14", "type", {"type": "webauthn.create"}),
        ("a payment", "P14", "type", {"type": "payment.get"}),
        ("another site's page", "W6", "origin", {"origin": _EVIL}),
        ("a page of the same site on another port", "W6", "origin", {"origin": f"{ORIGIN}:8443"}),
        ("a frame of another site", "W6", "cross_origin", {"crossOrigin": True}),
        ("a frame, said in words", "W6", "cross_origin", {"crossOrigin": "false"}),
        ("a frame, said as null", "W6", "cross_origin", {"crossOrigin": None}),
        ("a page above of another site", "W6", "top_origin", {"topOrigin": _EVIL}),
        ("another site's passkey", "P14", "rp_id", {"rp_id": "evil.example"}),
        ("a touch without verification", "P14", "user_verification", {"flags": 0x01}),
        ("verification without presence", "P14", "user_verification", {"flags": 0x04}),
        ("a backup that was never possible", "P14", "flags", {"flags": 0x15}),
        ("new key material", "P14", "flags", {"flags": 0x45, "extra": bytes(16)}),
        ("bytes that no flag announces", "P14", "flags", {"extra": b"\0"}),
        ("a key that the coordinator brought", "P14", "unknown_passkey", {"credential": b"credential-2"}),
        ("another key under the same name", "P14", "signature", {"sign": signs_ed25519}),
    ):
        yield _bad(f"proof: {name}", attack, _with_assertion(**changes), "proof_refused", reason)
    for name, flags in (("synced", 0x1D), ("of one device", 0x0D)):
        document = _with_assertion(flags=flags, counter=7)
        yield Vector(f"proof: a passkey that is {name}", "consent", document)


def _proofs() -> Iterator[Vector]:
    document = examples.consent()
    portal, passkey = document["proof"]
    without = {**document, "proof": [portal]}
    yield _bad("proof: a passkey is demanded", "P14", without, "proof_refused", "passkey_demanded")
    yield _bad(
        "proof: sent by another portal", "P14", document, "proof_refused", "foreign_portal", sent_by=NORTH
    )
    stale = {**portal, "auth_time": "2026-11-21T04:55:00.000Z"}
    yield _bad(
        "proof: an old sign-in",
        "P14",
        {**document, "proof": [stale, passkey]},
        "proof_refused",
        "stale_sign_in",
    )
    future = {**portal, "auth_time": "2026-11-23T06:00:00.000Z"}
    yield _bad(
        "proof: a sign-in to come",
        "P14",
        {**document, "proof": [future, passkey]},
        "proof_refused",
        "stale_sign_in",
    )
    broken = {**passkey, "signature": b64u(bytes(70))}
    yield _bad(
        "proof: a bad one beside a good one",
        "P14",
        {**document, "proof": [portal, broken, passkey]},
        "proof_refused",
        "signature",
    )
    for name, changes in (
        ("a recipient", {"recipients": ["third-agency"]}),
        ("a longer time", {"valid_until": "2027-06-23T05:00:00.000Z"}),
        ("another text", {"consequence_of_refusal": {"en": "Else.", "fr": "Autre chose."}}),
        ("another notice", {"notice": {**document["notice"], "sha256": "0" * 64}}),
    ):
        changed = {**document, **changes}
        agreed = "consent_does_not_cover" if name == "a recipient" else "proof_refused"
        yield _bad(
            f"consent changed after the proof: {name}",
            "P15",
            changed,
            agreed,
            "" if name == "a recipient" else "challenge",
        )
    not_json = {**passkey, "client_data": b64u(b"{")}
    yield _bad(
        "proof: client data that is not JSON",
        "J7",
        {**document, "proof": [not_json]},
        "proof_refused",
        "client_data",
    )
    twice = b'{"type":"webauthn.create","type":"webauthn.get"}'
    double = {**passkey, "client_data": b64u(twice)}
    yield _bad(
        "proof: client data with type twice",
        "J7",
        {**document, "proof": [double]},
        "proof_refused",
        "client_data",
    )


def _documents() -> Iterator[Vector]:
    good = examples.consent()
    data, no = good["data"][0], good["consequence_of_refusal"]
    for name, changes in (
        ("for partners", {"recipients": ["partners"]}),
        ("for nobody", {"recipients": []}),
        ("from nobody", {"sources": []}),
        ("from and to the same one", {"sources": [SOUTH]}),
        ("to the citizen", {"recipients": ["citizen"]}),
        ("without any data", {"data": []}),
        ("to fields that do not exist", {"data": [{**data, "fields": ["everything"]}]}),
        ("to no field", {"data": [{**data, "fields": []}]}),
        ("that is perhaps needed", {"data": [{**data, "necessity": "useful"}]}),
        ("to a category under another's schema", {"data": [{**data, "category": "debts"}]}),
        ("twice about one category", {"data": [data, {**data, "fields": ["rent"]}]}),
        ("for two years", {"valid_until": "2028-11-23T05:00:00.000Z", "review_due": None}),
        ("without end", {"valid_until": None}),
        ("before the notice was shown", {"valid_from": "2026-11-23T04:57:59.999Z"}),
        ("that is not explicit", {"explicit": False}),
        ("that is explicit by a number", {"explicit": 1}),
        ("on another basis", {"lawful_basis": "legitimate_interest"}),
        ("with a short nonce", {"nonce": b64u(bytes(15))}),
        ("repeated without limit", {"frequency": None}),
        ("once, but often", {"fetch": "once"}),
        ("kept without a reason", {"on_withdrawal": {"erased": True, "kept": ["invoices"], "why": None}}),
        ("without a way out on paper", {"withdrawal": {**good["withdrawal"], "other_channels": []}}),
        ("with an unsafe link", {"rights_url": "javascript:alert(1)"}),
        ("with a plain link", {"rights_url": "http://portal.example/rights"}),
        ("with a reversed text", {"consequence_of_refusal": {**no, "fr": "Rien \u202echange"}}),
        ("with an empty text", {"consequence_of_refusal": {**no, "fr": " "}}),
        ("with a text in one language", {"consequence_of_refusal": {"fr": no["fr"]}}),
        ("with a text in no language", {"consequence_of_refusal": no["fr"]}),
        ("reviewed after its end", {"review_due": "2027-06-23T05:00:00.000Z"}),
        ("without any proof", {"proof": []}),
        ("superseding itself", {"supersedes": good["id"]}),
        ("with an unknown member", {"marketing": True}),
        ("by an unknown actor", {"actor": {"kind": "neighbour"}}),
        ("with a preview by a number", {"preview": 1}),
        ("with a preview of nothing", {"preview": None}),
    ):
        yield _bad(f"consent {name}", "W13", {**good, **changes}, "invalid")
    for member in sorted(good):
        short = {name: value for name, value in good.items() if name != member}
        yield _bad(f"consent without {member}", "W13", short, "invalid")


def _beyond_agreement() -> Iterator[Vector]:
    good = examples.consent()
    rent = good["data"][0]
    for name, changes in (
        ("another version of the agreement", {"agreement": "winter-support@2"}),
        ("a purpose by statute", {"purpose": {"code": "prevent-eviction", "text": good["purpose"]["text"]}}),
        ("a flow the other way", {"sources": [SOUTH], "recipients": [NORTH]}),
        ("a third party", {"recipients": [SOUTH, "third-agency"]}),
        ("fields that are not agreed", {"data": [{**rent, "fields": ["landlord"]}]}),
        ("longer keeping", {"data_life": {"days": 366}}),
    ):
        yield _bad(
            f"consent beyond the agreement: {name}", "P7", {**good, **changes}, "consent_does_not_cover"
        )
    demanded = {**examples.agreement(), "preview": ["housing"]}
    yield _bad(
        "consent without the preview that is agreed", "P7", good, "preview_demanded", agreement=demanded
    )
    changed = {**good, "purpose": {"code": "marketing", "text": good["purpose"]["text"]}}
    yield _bad("consent beyond the agreement: its own purpose", "P7", changed, "agreement_does_not_cover")
    text = {"en": "To help", "fr": "Pour aider"}
    changed = {**good, "purpose": {**good["purpose"], "text": text}}
    yield _bad("consent beyond the agreement: other words for it", "P7", changed, "agreement_does_not_cover")
    changed = {**good, "identify_with": ["family_name", "national_number"]}
    yield _bad("consent beyond the agreement: a national number", "P8", changed, "agreement_does_not_cover")


def _uses() -> Iterator[Vector]:
    asked = {
        "source": NORTH,
        "recipient": SOUTH,
        "purpose": "rent-help",
        "categories": ["housing", "debts"],
        "agreement": examples.AGREEMENT,
        "at": examples.AT,
    }
    yield Vector("a use that the consent covers", "covers", examples.consent(), context={"use": asked})
    for name, expect, changes in (
        ("another source", "consent_does_not_cover", {"source": "third-agency"}),
        ("another recipient", "consent_does_not_cover", {"recipient": "third-agency"}),
        ("the other direction", "consent_does_not_cover", {"source": SOUTH, "recipient": NORTH}),
        ("another purpose", "consent_does_not_cover", {"purpose": "danger"}),
        ("another version of the agreement", "consent_does_not_cover", {"agreement": "winter-support@2"}),
        ("one category more", "consent_does_not_cover", {"categories": ["housing", "income"]}),
        ("before it starts", "consent_not_in_force", {"at": "2026-11-23T04:59:29.999Z"}),
        ("at its end", "consent_not_in_force", {"at": "2027-05-23T05:00:00.000Z"}),
    ):
        use = {**asked, **changes}
        yield Vector(f"use for {name}", "covers", examples.consent(), expect, "P7", context={"use": use})


def _agreements() -> Iterator[Vector]:
    good = examples.agreement()
    flow, purpose = good["flows"][0], good["purposes"][1]
    for name, changes in (
        ("with one party", {"parties": good["parties"][:1]}),
        ("with a party twice", {"parties": [good["parties"][0], *good["parties"]]}),
        ("with a flow to a stranger", {"flows": [{**flow, "recipient": "stranger"}]}),
        ("with a flow to oneself", {"flows": [{**flow, "recipient": NORTH}]}),
        ("with a flow for no purpose", {"flows": [{**flow, "purpose": "other"}]}),
        ("with two flows alike", {"flows": [flow, {**flow, "fields": ["rent"]}]}),
        ("with an unknown field", {"flows": [{**flow, "fields": ["everything"]}]}),
        ("with a statute that is not there", {"clauses": []}),
        ("with a statute that is not named", {"purposes": [_without(purpose, "clause")], "flows": []}),
        ("with a consent behind a clause", {"purposes": [{**purpose, "basis": "consent"}], "flows": []}),
        ("with an emergency of 25 hours", {"emergency": {**good["emergency"], "max_hours": 25}}),
        ("with an emergency for more", {"emergency": {**good["emergency"], "categories": ["debts"]}}),
        ("with an unknown proof", {"proof": {"debts": "selfie"}}),
        ("that ends before it starts", {"valid_until": "2026-10-01T00:00:00.000Z"}),
        ("with a preview of what is no category", {"preview": ["everything"]}),
        ("with a preview of nothing", {"preview": []}),
        ("in version 0", {"version": 0}),
        ("in one language", {"title": {"en": "Help"}}),
        ("with an unknown member", {"silent": True}),
    ):
        document = {**copy.deepcopy(good), **changes}
        yield Vector(f"agreement {name}", "agreement", document, "invalid", "P7")


def _without(found: examples.Json, member: str) -> examples.Json:
    return {name: value for name, value in found.items() if name != member}
