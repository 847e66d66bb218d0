"""A pair of connectors with a case between them: `source` may give `asker` the tenancy by a citizen's
consent.

Everything is brought about by the connectors' own acts over HTTP with a running coordinator. Afterwards each
connector can be opened again from its folder, also in another process.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from connectors.exchange import runner
from connectors.exchange.acts import agreements, cases, consents, membership
from connectors.exchange.connector import Connector, open_connector
from connectors.exchange.pinned import PinnedKeys
from connectors.policy.policy import Policy
from ops.bench.place import Place
from schemas import instant
from schemas.messages.envelope import Authority

SOURCE, ASKER, PORTAL = "housing", "advice", "portal"
KINDS = {SOURCE: "public", ASKER: "charity", PORTAL: "portal"}
CATEGORY, SCHEMA, PURPOSE, AGREEMENT = "housing", "housing.tenancy/1", "debt-plan", "bench@1"
FIELDS = ["landlord", "rent"]
RECORD = {"landlord": "Habitat Nord", "rent": {"amount": 61200, "currency": "EUR"}}
_BOTH = {"en": "Bench", "fr": "Mesure"}
_ROUNDS = 12
_MOMENT_S = 0.3


@dataclass(frozen=True, slots=True)
class Pair:
    """What the two need to know of each other."""

    folder: Path
    url: str
    case: str
    consent: str

    def write(self) -> None:
        """Put it where another process finds it."""
        values = {"url": self.url, "case": self.case, "consent": self.consent}
        (self.folder / "pair.json").write_text(json.dumps(values))

    @classmethod
    def read(cls, folder: Path) -> Pair:
        """Read what another process wrote."""
        return cls(folder, **json.loads((folder / "pair.json").read_text()))

    def open(self, member: str) -> Connector:
        """Open one of the connectors."""
        return open_member(self.folder, self.url, member)

    def store(self, member: str) -> Path:
        """Name the file in which a connector keeps what it has."""
        return self.folder / member / "store.sqlite3"


def open_member(folder: Path, url: str, member: str) -> Connector:
    """Open a connector that has enrolled."""
    return open_connector(
        member=member,
        kind=KINDS[member],
        name=member.title(),
        storage=f"sqlite:///{folder / member / 'store.sqlite3'}",
        keys=folder / member / "keys",
        url=url,
        pinned=PinnedKeys.read(folder / "pinned.json"),
        policy=Policy.load(),
    )


def prepare(folder: Path, place: Place) -> Pair:
    """Enrol the three, agree, open a case, let the citizen join and consent, let the source join."""
    url = place.server.url
    (folder / "pinned.json").write_text(requests.get(f"{url}/v1/keys", timeout=30).text)
    for member in KINDS:
        _enrol(folder, place, member)
    opened = {member: open_member(folder, url, member) for member in KINDS}
    everyone = list(opened.values())
    try:
        _agree(opened, everyone)
        case = _case(opened, everyone)
        consent = _consent(opened, everyone, case)
        cases.invite_agency(opened[ASKER], case, SOURCE, Authority("consent", consent))
        settle(everyone)
    finally:
        for connector in everyone:
            connector.close()
    pair = Pair(folder, url, case, consent)
    pair.write()
    return pair


def settle(connectors: Sequence[Connector]) -> None:
    """Let everybody send and receive until nothing moves, nor a moment later.

    On PostgreSQL a message has its place in the log, and so in mailboxes, a moment after it was admitted.
    """
    rests = False
    for _ in range(_ROUNDS):
        moved = [runner.sync_once(each).anything for each in connectors]  # everybody has a turn
        if rests and not any(moved):
            return
        rests = not any(moved)
        if rests:
            time.sleep(_MOMENT_S)
    raise RuntimeError("The connectors do not come to rest.")


def _enrol(folder: Path, place: Place, member: str) -> None:
    enrolment = membership.Enrolment(
        member=member,
        kind=KINDS[member],
        name=member.title(),
        code=place.invite(member, KINDS[member]),
        url=place.server.url,
        keys=folder / member / "keys",
    )
    membership.enrol(enrolment, PinnedKeys.read(folder / "pinned.json"))


def _agree(opened: dict[str, Connector], everyone: Sequence[Connector]) -> None:
    document = _agreement([opened[SOURCE], opened[ASKER]], instant.now())
    ref = agreements.propose(opened[SOURCE], document)
    settle(everyone)
    agreements.sign(opened[ASKER], ref)
    settle(everyone)


def _case(opened: dict[str, Connector], everyone: Sequence[Connector]) -> str:
    case = cases.open_case(opened[ASKER])
    invitation = cases.invite_citizen(opened[ASKER], case, PORTAL)
    settle(everyone)
    cases.join_case(opened[PORTAL], invitation.code)
    settle(everyone)
    return case


def _consent(opened: dict[str, Connector], everyone: Sequence[Connector], case: str) -> str:
    now = instant.now()
    request = consents.ask_consent(opened[ASKER], case, _terms(now), _BOTH)
    settle(everyone)
    document = consents.draft(opened[PORTAL], request, consents.Decision(shown_at=instant.now()))
    consents.grant(opened[PORTAL], document, [consents.portal_proof("substantial", now)])
    settle(everyone)
    return str(document["id"])


def _agreement(parties: Sequence[Connector], now: datetime) -> dict[str, Any]:
    id, _, version = AGREEMENT.partition("@")
    flow = {"source": SOURCE, "recipient": ASKER, "purpose": PURPOSE, "category": CATEGORY}
    return {
        "id": id,
        "version": int(version),
        "title": _BOTH,
        "parties": [{"member": each.id, "kid": each.keyring.entries[0].kid} for each in parties],
        "purposes": [{"code": PURPOSE, "text": _BOTH, "basis": "consent"}],
        "flows": [{**flow, "schema": SCHEMA, "fields": FIELDS}],
        "identify_with": ["family_name", "birth_date"],
        "clauses": [],
        "proof": {},
        "data_life_max_days": 180,
        "consent_head_max_age_s": 86_400,
        "valid_from": instant.format(now - timedelta(days=1)),
        "valid_until": instant.format(now + timedelta(days=300)),
    }


def _terms(now: datetime) -> dict[str, Any]:
    data = {"category": CATEGORY, "schema": SCHEMA, "fields": FIELDS, "necessity": "needed", "special": False}
    return {
        "agreement": AGREEMENT,
        "supersedes": None,
        "request_group": None,
        "request": None,
        "notice": {"language": "en", "version": "1", "sha256": "0" * 64},
        "purpose": {"code": PURPOSE, "text": _BOTH},
        "lawful_basis": "consent",
        "explicit": True,
        "sources": [SOURCE],
        "recipients": [ASKER],
        "data": [data],
        "data_period": None,
        "fetch": "repeated",
        "frequency": {"count": 1000, "per": "day"},
        "data_life": {"days": 90},
        "identify_with": ["family_name", "birth_date"],
        "on_withdrawal": {"erased": True, "kept": [], "why": None},
        "consequence_of_refusal": _BOTH,
        "valid_until": instant.format(now + timedelta(days=90)),
        "review_due": None,
        "withdrawal": {"url": "http://127.0.0.1/withdraw", "other_channels": [_BOTH]},
        "rights_url": "http://127.0.0.1/rights",
        "authority": "Data protection authority (sample)",
        "jurisdiction": "FR",
        "controllers": [{"member": ASKER, "name": "Bench agency"}],
    }
