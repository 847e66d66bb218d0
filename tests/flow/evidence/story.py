"""A case from enrolment to erasure, told by real keys to a real log, for tests of evidence files.

No database and no coordinator: only what each of them would have signed. Each step can be told or left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from connectors.evidence.collect import Gathered
from connectors.evidence.export import Making, write
from connectors.evidence.held import Piece, payload_of
from connectors.evidence.verify.trust import Trust
from connectors.exchange.pinned import PinnedKeys
from schemas import instant, log, message, receipt, seal, statement
from schemas.agreement import agreement_sha256
from schemas.keys import SealingKey, SigningKey
from schemas.messages.envelope import Authority, Sealed, compose
from schemas.wire import b64u

CASE = "0d4c2f4e-6f3a-4f5b-9a60-1f2e3d4c5b6a"
CONSENT = "5b1f9f0a-7a49-4c3e-8c35-0a9b8c7d6e5f"
STATEMENTS = "9c2f4e0d-6f3a-4f5b-9a60-{:012d}"
AGREEMENT = "winter-support@1"
PURPOSE_TEXT = {"en": "Keep a home", "fr": "Garder un toit"}
BY_LETTER = {"en": "by letter", "fr": "par courrier"}
CANARY = "Yasmine Canari"
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ORIGIN = "accord.example.org/log"


@dataclass(slots=True)
class Teller:
    """One member with its keys."""

    id: str
    kind: str
    sign: SigningKey = field(default_factory=SigningKey.generate)
    seal: SealingKey = field(default_factory=SealingKey.generate)


@dataclass(slots=True)
class Story:
    """What was said so far, and the log over it."""

    housing: Teller = field(default_factory=lambda: Teller("city-housing", "public"))
    clinic: Teller = field(default_factory=lambda: Teller("north-clinic", "charity"))
    portal: Teller = field(default_factory=lambda: Teller("my-portal", "portal"))
    coordinator: SigningKey = field(default_factory=SigningKey.generate)
    log_key: SigningKey = field(default_factory=SigningKey.generate)
    citizen: SealingKey = field(default_factory=SealingKey.generate)
    leaves: list[bytes] = field(default_factory=list)
    commitments: list[bytes] = field(default_factory=list)
    gathered: Gathered = field(default_factory=Gathered)
    ids: dict[str, str] = field(default_factory=dict)
    opened: list[tuple[str, str]] = field(default_factory=list)
    seen: list[tuple[int, str]] = field(default_factory=list)
    clock: datetime = START
    _numbers: Any = field(default_factory=lambda: count(1))

    # --- the log, as a source of proofs ------------------------------------------------------------

    def checkpoint(self) -> str:
        return log.sign_checkpoint(ORIGIN, len(self.leaves), log.tree_root(self.leaves), self.log_key)

    def inclusion(self, index: int, size: int) -> list[str]:
        return [node.hex() for node in log.inclusion_proof(self.leaves[:size], index)]

    def consistency(self, old: int, new: int) -> list[str]:
        return [node.hex() for node in log.consistency_proof(self.leaves[:new], old)]

    def commitment(self, index: int, _size: int) -> bytes:
        return self.commitments[index]

    @property
    def pinned(self) -> PinnedKeys:
        key = self.coordinator.public
        return PinnedKeys({key.kid: key}, self.log_key.public, ORIGIN)

    @property
    def trust(self) -> Trust:
        return Trust.of_keys(self.pinned)

    def see_checkpoint(self) -> None:
        self.seen.append((len(self.leaves), self.checkpoint()))

    # --- saying something --------------------------------------------------------------------------

    def say(self, who: Teller, type_name: str, *, name: str | None = None, **members: Any) -> str:
        """Let a member say something; the coordinator admits it whatever it is."""
        self.clock += timedelta(seconds=30)
        payload = compose(type=type_name, sender=who.id, at=self.clock, **members)
        return self.admit(payload, who.sign, name)

    def admit(self, payload: dict[str, Any], key: SigningKey, name: str | None = None) -> str:
        raw = message.sign(payload, key)
        digest = hashlib.sha256(raw).digest()
        salt = hashlib.sha256(b"salt" + digest).digest()[:16]
        admitted_at = self.clock + timedelta(milliseconds=40)
        promise = receipt.issue(
            id=payload["id"], sha256=digest, salt=salt, admitted_at=admitted_at, key=self.coordinator
        )
        index = len(self.leaves)
        self.commitments.append(receipt.commitment(salt, digest))
        self.leaves.append(log.leaf_hash(self.commitments[-1]))
        self.gathered.add([Piece(index, raw.decode(), promise.decode())])
        self.ids[name or payload["type"]] = payload["id"]
        return str(payload["id"])

    def others(self, entries: int) -> None:
        """Let strangers say things, of which the file holds nothing."""
        for _ in range(entries):
            self.commitments.append(hashlib.sha256(str(next(self._numbers)).encode()).digest())
            self.leaves.append(log.leaf_hash(self.commitments[-1]))

    # --- the steps ---------------------------------------------------------------------------------

    def enrol(self, who: Teller) -> None:
        body = {
            "member": {"id": who.id, "kind": who.kind, "name": who.id.title()},
            "keys": {
                "sign": who.sign.public.jwk,
                "seal": who.seal.public.jwk,
                "valid_from": instant.format(START - timedelta(days=1)),
                "valid_until": instant.format(START + timedelta(days=700)),
            },
            "code_proof": b64u(bytes(32)),
            "challenge": b64u(bytes(32)),
        }
        self.say(who, "member.enrol/1", to=["coordinator"], body=body)

    def agreement(self) -> dict[str, Any]:
        """Give the document that both agencies sign."""
        flow = {"source": "north-clinic", "recipient": "city-housing", "purpose": "keep_home"}
        return {
            "id": "winter-support",
            "version": 1,
            "title": {"en": "Winter support", "fr": "Soutien d’hiver"},
            "parties": [{"member": who.id, "kid": who.sign.kid} for who in (self.housing, self.clinic)],
            "purposes": [
                {
                    "code": "keep_home",
                    "text": PURPOSE_TEXT,
                    "basis": "consent",
                },
                {
                    "code": "protect",
                    "text": {"en": "Protect", "fr": "Protéger"},
                    "basis": "statute",
                    "clause": "act-12",
                },
                {"code": "rescue", "text": {"en": "Rescue", "fr": "Secourir"}, "basis": "emergency"},
            ],
            "flows": [
                {**flow, "category": "housing", "schema": "housing.tenancy/1", "fields": ["tenure"]},
                {
                    **flow,
                    "purpose": "protect",
                    "category": "housing",
                    "schema": "housing.tenancy/1",
                    "fields": ["tenure"],
                },
                {
                    **flow,
                    "purpose": "rescue",
                    "category": "housing",
                    "schema": "housing.tenancy/1",
                    "fields": ["tenure"],
                },
            ],
            "identify_with": ["family_name"],
            "clauses": [
                {
                    "id": "act-12",
                    "law": "Act 12",
                    "title": {"en": "Protection", "fr": "Protection"},
                    "url": "https://law.example.org/12",
                    "withhold": False,
                }
            ],
            "emergency": {"categories": ["housing"], "max_hours": 12, "officers": ["officer-1"]},
            "proof": {},
            "data_life_max_days": 365,
            "valid_from": instant.format(START - timedelta(days=1)),
            "valid_until": instant.format(START + timedelta(days=600)),
        }

    def agree(self, *, signers: tuple[str, ...] = ("city-housing", "north-clinic")) -> None:
        document = self.agreement()
        self.say(self.housing, "agreement.propose/1", to=["north-clinic"], body={"agreement": document})
        for who in (self.housing, self.clinic):
            if who.id in signers:
                other = {"city-housing": "north-clinic", "north-clinic": "city-housing"}[who.id]
                body = {"agreement": AGREEMENT, "sha256": agreement_sha256(document)}
                self.say(who, "agreement.sign/1", name=f"signed-{who.id}", to=[other], body=body)

    def open_case(self) -> None:
        self.say(self.housing, "case.open/1", case=CASE, to=["coordinator"], body={"language": "en"})
        invitee = {"kind": "citizen", "portal": "my-portal", "commitment": "ab" * 32}
        invitation = self.say(
            self.housing,
            "case.invite/1",
            name="invite-citizen",
            case=CASE,
            to=["my-portal"],
            authority=Authority("seat"),
            body={"invitee": invitee},
        )
        seat = {"sealing": self.citizen.public.jwk, "passkeys": []}
        join = self.say(
            self.portal,
            "case.join/1",
            name="join-citizen",
            case=CASE,
            to=["city-housing"],
            body={"invitation": invitation, "seat": seat, "proof": b64u(bytes(32))},
        )
        self.attest(join)

    def attest(self, join: str, *, sealing: str | None = None) -> None:
        body = {"join": join, "sealing": sealing or self.citizen.kid, "passkeys": [], "method": "code"}
        self.say(self.housing, "case.attest/1", case=CASE, to=["citizen"], body=body)

    def bring_clinic(self) -> None:
        invitation = self.say(
            self.housing,
            "case.invite/1",
            name="invite-clinic",
            case=CASE,
            to=["north-clinic", "citizen"],
            authority=Authority("consent", CONSENT),
            body={"invitee": {"kind": "agency", "member": "north-clinic"}},
        )
        body = {"invitation": invitation}
        self.say(self.clinic, "case.join/1", name="join-clinic", case=CASE, to=["city-housing"], body=body)

    def consent(self, **changed: Any) -> dict[str, Any]:
        """Give a consent document."""
        document: dict[str, Any] = {
            "schema": "consent/1",
            "id": CONSENT,
            "case": CASE,
            "agreement": AGREEMENT,
            "supersedes": None,
            "request_group": None,
            "request": None,
            "notice": {
                "language": "en",
                "version": "1",
                "sha256": "cd" * 32,
                "shown_at": instant.format(self.clock),
            },
            "purpose": {"code": "keep_home", "text": PURPOSE_TEXT},
            "lawful_basis": "consent",
            "explicit": True,
            "sources": ["north-clinic"],
            "recipients": ["city-housing"],
            "data": [
                {
                    "category": "housing",
                    "schema": "housing.tenancy/1",
                    "fields": ["tenure"],
                    "necessity": "needed",
                    "special": False,
                }
            ],
            "data_period": None,
            "fetch": "repeated",
            "frequency": {"count": 5, "per": "day"},
            "data_life": {"days": 90},
            "identify_with": ["family_name"],
            "on_withdrawal": {"erased": True, "kept": [], "why": None},
            "consequence_of_refusal": {
                "en": "You are asked for the papers yourself.",
                "fr": "Les papiers vous sont alors demandés.",
            },
            "valid_from": instant.format(self.clock),
            "valid_until": instant.format(self.clock + timedelta(days=90)),
            "review_due": None,
            "withdrawal": {"url": "https://portal.example.org/withdraw", "other_channels": [BY_LETTER]},
            "rights_url": "https://portal.example.org/rights",
            "authority": "Data protection authority",
            "jurisdiction": "FR",
            "controllers": [{"member": "city-housing", "name": "City Housing"}],
            "actor": {"kind": "citizen"},
            "nonce": b64u(bytes(range(16))),
            "proof": [{"kind": "portal", "acr": "substantial", "auth_time": instant.format(self.clock)}],
        }
        return {**document, **changed}

    def grant(self, who: Teller | None = None, **changed: Any) -> None:
        self.say(
            who or self.portal,
            "consent.grant/1",
            case=CASE,
            to=["north-clinic", "city-housing"],
            body={"consent": self.consent(**changed)},
        )

    def decide(self, verb: str) -> None:
        body = {"consent": CONSENT}
        self.say(self.portal, f"consent.{verb}/1", case=CASE, to=["north-clinic", "city-housing"], body=body)

    def release(self, *, name: str = "release", issuer: Teller | None = None, **changed: Any) -> str:
        """Let the clinic release a tenancy record, sealed for housing and the citizen."""
        asserted = statement.attest(
            {"tenure": "social", "landlord": CANARY},
            id=STATEMENTS.format(next(self._numbers)),
            iss=(issuer or self.clinic).id,
            case=CASE,
            schema="housing.tenancy/1",
            at=self.clock,
            key=(issuer or self.clinic).sign,
        )
        kid = self.clinic.sign.kid
        readers = {"city-housing": self.housing.seal.public, "citizen": self.citizen.public}
        sealed = [
            Sealed(to, seal.seal(asserted.encode(), to=key, sender_kid=kid)) for to, key in readers.items()
        ]
        members: dict[str, Any] = {
            "case": CASE,
            "to": list(readers),
            "authority": Authority("consent", CONSENT),
            "agreement": AGREEMENT,
            "purpose": "keep_home",
            "categories": ["housing"],
            "schema": "housing.tenancy/1",
            "sealed": sealed,
        }
        made = self.say(self.clinic, "record.release/1", name=name, **{**members, **changed})
        self.opened.append((made, asserted))
        return made

    def erased(
        self, release: str, *, sha256: str | None = None, to: Sequence[str] = ("north-clinic", "citizen")
    ) -> None:
        """Let housing confirm an erasure."""
        held = next(piece for piece in self.gathered.pieces.values() if self._is(piece, release))
        digest = sha256 or hashlib.sha256((held.message or "").encode()).hexdigest()
        body = {
            "messages": [{"id": release, "sha256": digest}],
            "why": "withdrawn",
            "at": instant.format(self.clock),
        }
        self.say(self.housing, "record.erased/1", case=CASE, to=list(to), body=body)

    def forget(self, made: str) -> None:
        """Erase a message: only its place in the log is left."""
        for index, piece in self.gathered.pieces.items():
            if self._is(piece, made):
                self.gathered.pieces[index] = Piece(index, None, None)

    def leave_out(self, made: str) -> None:
        """Let the maker of the file hide a message."""
        hidden = next(index for index, piece in self.gathered.pieces.items() if self._is(piece, made))
        del self.gathered.pieces[hidden]

    def _is(self, piece: Piece, made: str) -> bool:
        return piece.message is not None and payload_of(piece.message)["id"] == made

    # --- the file ----------------------------------------------------------------------------------

    def write(self, path: Path, *, contents: bool = False) -> Path:
        """Make the evidence file, sealed by housing."""
        making = Making(CASE, "city-housing", self.housing.sign, self.clock, self.pinned, self)
        write(making, path, self.gathered, seen=self.seen, opened=self.opened if contents else None)
        return path


def begun() -> Story:
    """Tell a case up to the point at which the citizen has consented and both agencies sit in it."""
    story = Story()
    for who in (story.housing, story.clinic, story.portal):
        story.enrol(who)
    story.others(5)
    story.agree()
    story.see_checkpoint()
    story.open_case()
    story.grant()
    story.bring_clinic()
    story.others(3)
    return story


def whole() -> Story:
    """Tell a whole case: consent, release, withdrawal, confirmed erasure."""
    story = begun()
    release = story.release()
    story.decide("withdraw")
    story.erased(release)
    story.others(9)
    return story
