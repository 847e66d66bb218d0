"""The parties of a bench: members, one agreement, cases with a citizen and a consent, and releases to admit.

Everything is said in the protocol's own messages, so that what a bench measures is what a deployment does.
Takes no short cut into the register but the one-time codes, which an operator issues.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from schemas import instant, message, seal, statement
from schemas.keys import SealingKey, SealingPublicKey, SigningKey
from schemas.messages.envelope import Authority, Sealed, compose, new_id
from schemas.messages.joining import commitment, join_proof, new_code
from schemas.wire import b64u, canonical

CATEGORY, SCHEMA, PURPOSE = "housing", "housing.tenancy/1", "prevent-eviction"
FIELDS = ["arrears", "living_situation", "rent"]
BOTH = {"en": "Bench", "fr": "Mesure"}
SEAT = Authority("seat")

Send = Callable[[list[bytes]], None]
"""Has messages admitted, in order; raises if one is refused."""
Enrol = Callable[["Member"], None]
"""Enrols a member by whatever way the bench has to the coordinator."""


@dataclass(frozen=True, slots=True)
class Member:
    """One organisation with its two keys."""

    id: str
    kind: str
    signing: SigningKey
    sealing: SealingKey

    @classmethod
    def make(cls, id: str, kind: str) -> Member:
        """Make a member with fresh keys."""
        return cls(id, kind, SigningKey.generate(), SealingKey.generate())

    def say(self, type: str, to: list[str], at: datetime, **members: Any) -> bytes:
        """Compose and sign a message."""
        return message.sign(compose(type=type, sender=self.id, to=to, at=at, **members), self.signing)


@dataclass(frozen=True, slots=True)
class Case:
    """A case in which `source` may release to `recipient` by a consent."""

    id: str
    source: Member
    recipient: Member
    citizen: SealingPublicKey
    consent: str


@dataclass(frozen=True, slots=True)
class World:
    """All parties, after the preparation."""

    portal: Member
    members: list[Member]
    agreement: str
    cases: list[Case]

    def releases(self, count: int) -> Iterator[bytes]:
        """Make signed releases of nearly six kilobytes (two sealed copies), all different."""
        now = instant.now()
        return (
            _release(case, self.agreement, now)
            for case in itertools.islice(itertools.cycle(self.cases), count)
        )


def prepare(send: Send, enrol: Enrol, *, agencies: int, cases: int) -> World:
    """Enrol, agree, open cases, join, consent; gives a world in which releases can be made."""
    now = instant.now()
    portal = Member.make("portal", "portal")
    members = [Member.make(f"agency-{number}", "public") for number in range(agencies)]
    for member in [portal, *members]:
        enrol(member)
    document = _agreement(members, now)
    ref = f"{document['id']}@{document['version']}"
    _agree(send, members, document, ref, now)
    made = [
        _case(send, portal, (members[number % agencies], members[(number + 1) % agencies]), ref, now)
        for number in range(cases)
    ]
    return World(portal, members, ref, made)


def _agreement(members: list[Member], now: datetime) -> dict[str, Any]:
    flows = [
        {
            "source": a.id,
            "recipient": b.id,
            "purpose": PURPOSE,
            "category": CATEGORY,
            "schema": SCHEMA,
            "fields": FIELDS,
        }
        for a, b in itertools.permutations(members, 2)
        if abs(members.index(a) - members.index(b)) in {1, len(members) - 1}
    ]
    return {
        "id": "bench",
        "version": 1,
        "title": BOTH,
        "parties": [{"member": member.id, "kid": member.signing.kid} for member in members],
        "purposes": [{"code": PURPOSE, "text": BOTH, "basis": "consent"}],
        "flows": flows,
        "identify_with": ["family_name", "birth_date"],
        "clauses": [],
        "proof": {},
        "data_life_max_days": 365,
        "consent_head_max_age_s": 86_400,
        "valid_from": instant.format(now - timedelta(days=1)),
        "valid_until": instant.format(now + timedelta(days=300)),
    }


def _agree(send: Send, members: list[Member], document: Mapping[str, Any], ref: str, now: datetime) -> None:
    def others(member: Member) -> list[str]:
        return [each.id for each in members if each is not member]

    digest = hashlib.sha256(canonical(document)).hexdigest()
    send([members[0].say("agreement.propose/1", others(members[0]), now, body={"agreement": dict(document)})])
    send(
        [
            member.say("agreement.sign/1", others(member), now, body={"agreement": ref, "sha256": digest})
            for member in members
        ]
    )


def _case(send: Send, portal: Member, parties: tuple[Member, Member], ref: str, now: datetime) -> Case:
    source, recipient = parties
    case, code, citizen = str(uuid.uuid4()), new_code(), SealingKey.generate()
    invite, join, consent = new_id(), new_id(), str(uuid.uuid4())
    proof = join_proof(code, invitation=invite, sealing_kid=citizen.kid, passkey_kids=[])
    seat = {"sealing": citizen.public.jwk, "passkeys": []}
    invitee = {"kind": "citizen", "portal": portal.id, "commitment": commitment(code)}
    attest = {"join": join, "sealing": citizen.kid, "passkeys": [], "method": "code"}
    document = consent_document(consent, case, ref, (source, recipient), now)
    by_consent = Authority("consent", consent)
    agency = {"kind": "agency", "member": source.id}
    second = new_id()
    send(
        [
            recipient.say(
                "case.open/1", ["citizen"], now, case=case, authority=SEAT, body={"language": "en"}
            ),
            recipient.say(
                "case.invite/1",
                [portal.id],
                now,
                case=case,
                id=invite,
                authority=SEAT,
                body={"invitee": invitee},
            ),
            portal.say(
                "case.join/1",
                [recipient.id],
                now,
                case=case,
                id=join,
                re=invite,
                authority=SEAT,
                body={"invitation": invite, "seat": seat, "proof": proof},
            ),
            recipient.say("case.attest/1", ["citizen"], now, case=case, re=join, authority=SEAT, body=attest),
            portal.say(
                "consent.grant/1",
                [source.id, recipient.id],
                now,
                case=case,
                authority=SEAT,
                agreement=ref,
                purpose=PURPOSE,
                body={"consent": document},
            ),
            recipient.say(
                "case.invite/1",
                [source.id, "citizen"],
                now,
                case=case,
                id=second,
                authority=by_consent,
                agreement=ref,
                body={"invitee": agency},
            ),
            source.say(
                "case.join/1",
                [recipient.id, "citizen"],
                now,
                case=case,
                re=second,
                authority=by_consent,
                body={"invitation": second},
            ),
        ]
    )
    return Case(case, source, recipient, citizen.public, consent)


def consent_document(
    id: str, case: str, ref: str, parties: tuple[Member, Member], now: datetime
) -> dict[str, Any]:
    """Write the consent by which the first of the parties may release to the second."""
    source, recipient = parties
    return {
        "schema": "consent/1",
        "id": id,
        "case": case,
        "agreement": ref,
        "supersedes": None,
        "request_group": None,
        "request": None,
        "notice": {"language": "en", "version": "1", "sha256": "0" * 64, "shown_at": instant.format(now)},
        "purpose": {"code": PURPOSE, "text": BOTH},
        "lawful_basis": "consent",
        "explicit": True,
        "sources": [source.id],
        "recipients": [recipient.id],
        "data": [
            {
                "category": CATEGORY,
                "schema": SCHEMA,
                "fields": FIELDS,
                "necessity": "needed",
                "special": False,
            }
        ],
        "data_period": None,
        "fetch": "repeated",
        "frequency": {"count": 1000, "per": "day"},
        "data_life": {"days": 90},
        "identify_with": ["family_name", "birth_date"],
        "on_withdrawal": {"erased": True, "kept": [], "why": None},
        "consequence_of_refusal": BOTH,
        "valid_from": instant.format(now),
        "valid_until": instant.format(now + timedelta(days=200)),
        "review_due": None,
        "withdrawal": {"url": "http://127.0.0.1/withdraw", "other_channels": [BOTH]},
        "rights_url": "http://127.0.0.1/rights",
        "authority": "Data protection authority (sample)",
        "jurisdiction": "FR",
        "controllers": [{"member": recipient.id, "name": "Bench agency"}],
        "actor": {"kind": "citizen"},
        "nonce": b64u(os.urandom(16)),
        "proof": [{"kind": "portal", "acr": "substantial", "auth_time": instant.format(now)}],
    }


_RECORD = {
    "living_situation": "rental_by_client_no_subsidy",
    "rent": {"amount": 61240, "currency": "EUR"},
    "arrears": {"amount": 124000, "currency": "EUR"},
}


def _release(case: Case, ref: str, now: datetime) -> bytes:
    key = case.source.signing
    asserted = statement.attest(
        _RECORD, id=str(uuid.uuid4()), iss=case.source.id, case=case.id, schema=SCHEMA, at=now, key=key
    ).encode()
    sealed = [
        Sealed(case.recipient.id, seal.seal(asserted, to=case.recipient.sealing.public, sender_kid=key.kid)),
        Sealed("citizen", seal.seal(asserted, to=case.citizen, sender_kid=key.kid)),
    ]
    return case.source.say(
        "record.release/1",
        [case.recipient.id, "citizen"],
        now,
        case=case.id,
        authority=Authority("consent", case.consent),
        agreement=ref,
        purpose=PURPOSE,
        categories=[CATEGORY],
        schema=SCHEMA,
        sealed=sealed,
    )
