"""A real coordinator and real connectors in one process, for tests: only the clock and the line can be set.

Two agencies and a portal, an agreement between them, a made-up person in the housing agency's records.
"""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from sqlalchemy import Row, insert

from connectors.exchange import runner
from connectors.exchange.acts import access, agreements, cases, consents, membership, records
from connectors.exchange.connector import Connector, open_connector
from connectors.exchange.pinned import PinnedKeys
from connectors.policy.policy import Policy
from coordinator.app import create_app
from coordinator.commands.register import new_code
from coordinator.commands.setup import found
from coordinator.config import Config, Rates, from_mapping
from coordinator.database.engine import writing
from coordinator.database.tables import enrolment_codes
from coordinator.http.edge import edge
from coordinator.register.codes import code_key
from schemas import instant
from schemas.messages.envelope import Authority
from tests.conftest import MakeDatabase
from tests.flow.exchange.register import housing_records
from tests.flow.exchange.standing import Beginning, Standing
from tests.placed import placing
from tests.prepared import connectors_tables, coordinators_tables
from tests.wsgi import WsgiAdapter

START = datetime(2031, 3, 10, 9, 0, tzinfo=UTC)
URL = "https://accord.example.org"
AGREEMENT = "winter-support@1"
HOUSING, DEBT, PORTAL = "city-housing", "debt-advice", "my-portal"


def there(row: Row[Any] | None) -> Row[Any]:
    """Give a row that the test says is there."""
    assert row is not None
    return row


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime = START) -> None:
        self.at = start

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class World:
    """A coordinator and its members, each with a database of the kind that this run of the test is for."""

    folder: Path
    make_database: MakeDatabase
    clock: Clock = field(default_factory=Clock)
    members: dict[str, Connector] = field(default_factory=dict)
    lines: dict[str, WsgiAdapter] = field(default_factory=dict)
    stores: dict[str, str] = field(default_factory=dict)
    """The URL of each member's database."""
    _config: Config | None = None
    _app: Flask | None = None

    @property
    def config(self) -> Config:
        """Founds the coordinator when somebody first needs it, unless it is there as a copy."""
        if self._config is None:
            self._config = self._settings(self.make_database(prepared_by=coordinators_tables))
            found(self._config)
        return self._config

    @property
    def app(self) -> Flask:
        if self._app is None:
            self._app = placing(create_app(self.config, started=True, now=self.clock))
        return self._app

    def _settings(self, database_url: str) -> Config:
        values = {
            "database_url": database_url,
            "origin": "accord.example.org/log",
            "name": "Test",
            "keys_dir": "coordinator-keys",
            "bind": "127.0.0.1:0",
            "public_url": URL,
            "rates": {rate.name: 0 for rate in fields(Rates)},
        }
        return from_mapping(values, source="test", folder=self.folder)

    def close(self) -> None:
        for connector in self.members.values():
            connector.close()
        if self._app is not None:
            edge(self._app).coordinator.stop()

    def restart_coordinator(self) -> None:
        edge(self.app).coordinator.stop()
        self._app = None
        for line in self.lines.values():
            line.application = self.app

    # --- members -----------------------------------------------------------------------------------

    def code(self, member: str, kind: str) -> str:
        code = new_code()
        until = instant.to_ms(self.clock() + timedelta(days=7))
        row = {"key_hash": code_key(code), "member": member, "kind": kind, "expires_at": until}
        with writing(edge(self.app).coordinator.engine) as connection:
            connection.execute(insert(enrolment_codes), row)
        return code

    @property
    def pinned(self) -> PinnedKeys:
        return PinnedKeys.from_document(self.app.test_client().get("/v1/keys").json or {})

    def session(self, member: str) -> requests.Session:
        session = requests.Session()
        line = self.lines.setdefault(member, WsgiAdapter(self.app))
        session.mount(URL, line)
        return session

    def enrol(self, member: str, kind: str = "public", **options: Any) -> Connector:
        enrolment = membership.Enrolment(
            member=member,
            kind=kind,
            name=member.title(),
            code=self.code(member, kind),
            url=URL,
            keys=self.folder / member / "keys",
        )
        membership.enrol(enrolment, self.pinned, self.clock, self.session(member))
        return self.open(member, kind, **options)

    def open(self, member: str, kind: str = "public", **options: Any) -> Connector:
        if member not in self.stores:
            self.stores[member] = self.make_database(prepared_by=connectors_tables)
        options.setdefault("policy", Policy.load())
        connector = open_connector(
            member=member,
            kind=kind,
            name=member.title(),
            keys=self.folder / member / "keys",
            url=URL,
            pinned=self.pinned,
            clock=self.clock,
            session=self.session(member),
            storage=self.stores[member],
            **options,
        )
        self.members[member] = connector
        return connector

    def reopen(self, member: str) -> Connector:
        """Stop a connector and start it again from its files."""
        old = self.members[member]
        old.close()
        return self.open(member, old.kind, sources=old.sources, auto_join=old.auto_join)

    def settle(self, rounds: int = 12) -> None:
        """Let everybody send and receive until nothing moves.

        Who took in all there was and had no word to say to it is at rest until somebody else speaks.
        """
        silent = 0
        for each in itertools.chain.from_iterable(itertools.repeat(list(self.members.values()), rounds)):
            done = runner.sync_once(each)
            silent = 0 if replace(done, received=0).anything else silent + 1
            if silent == len(self.members):  # everybody has looked since anybody spoke
                return
        raise AssertionError("it does not come to rest")

    # --- the usual story, step by step -------------------------------------------------------------

    def agencies(self, **options: Any) -> tuple[Connector, Connector, Connector]:
        """Enrol housing (a source), debt advice (who asks) and the portal."""
        source = options.pop("source", None) or housing_records()
        return (
            self.enrol(HOUSING, sources={"register": source}, **options),
            self.enrol(DEBT, "charity"),
            self.enrol(PORTAL, "portal"),
        )

    def agree(self, **changed: Any) -> str:
        """Bring the agreement into force."""
        document = agreement_document(self.members, self.clock(), **changed)
        ref = agreements.propose(self.members[HOUSING], document)
        self.settle()
        agreements.sign(self.members[DEBT], ref)
        self.settle()
        return ref

    def case(self) -> str:
        """Debt advice opens a case; the citizen joins with the code that they were given."""
        asker, portal = self.members[DEBT], self.members[PORTAL]
        case = cases.open_case(asker)
        invitation = cases.invite_citizen(asker, case, PORTAL)
        self.settle()
        assert cases.join_case(portal, invitation.code) == case
        self.settle()
        return case

    def consent(self, case: str, **changed: Any) -> str:
        """The citizen is asked and says yes; gives the consent."""
        request = consents.ask_consent(
            self.members[DEBT],
            case,
            terms(self.clock(), **changed),
            {"en": "For your plan.", "fr": "Pour le plan."},
        )
        self.settle()
        return self.grant(request)

    def grant(self, request: str, **decided: Any) -> str:
        portal = self.members[PORTAL]
        decision = consents.Decision(shown_at=self.clock(), **decided)
        document = consents.draft(portal, request, decision)
        consents.grant(portal, document, [consents.portal_proof("substantial", self.clock())])
        self.settle()
        return str(document["id"])

    def invite_source(self, case: str, consent: str) -> None:
        """Debt advice invites the housing agency into the case, carried by the consent."""
        cases.invite_agency(self.members[DEBT], case, HOUSING, Authority("consent", consent))
        self.settle()

    def request(self, case: str, consent: str, **changed: Any) -> str:
        """Debt advice asks the housing agency for the tenancy."""
        asked: dict[str, Any] = {
            "source": HOUSING,
            "categories": {"housing": ["landlord", "rent"]},
            "identify": {"family_name": "Martin", "birth_date": "1990-04-01"},
            "why": {"en": "To check the rent."},
            "authority": Authority("consent", consent),
            "agreement": AGREEMENT,
            "purpose": "debt-plan",
            **changed,
        }
        return records.request_records(self.members[DEBT], case, **asked)

    def emergency(self, case: str, **changed: Any) -> str:
        """Debt advice opens the housing data of a case in an emergency; gives the emergency."""
        said: dict[str, Any] = {
            "agreement": AGREEMENT,
            "reason": "danger-to-life",
            "categories": ["housing"],
            "until": self.clock() + timedelta(hours=2),
            "second_person": "worker-9",
            **changed,
        }
        opened = access.open_emergency(self.members[DEBT], access.Emergency(case=case, **said))
        self.settle()
        return opened

    def agreed(self, **changed: Any) -> None:
        """Begin with agencies, portal and agreement, as after `agencies()` and `agree(**changed)`."""
        self.go_on_from(self.make_database.once(Beginning(World, json.dumps(changed))))

    def joined(self) -> str:
        """Begin with a case in which debt advice and the citizen sit, as after `agreed()` and `case()`."""
        standing = self.make_database.once(Beginning(World, "{}", with_case=True))
        self.go_on_from(standing)
        return standing.case

    def everything(
        self,
        *,
        agreement: Mapping[str, Any] | None = None,
        consent: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> tuple[str, str]:
        """Begin with a case and a consent in which the source sits; gives both.

        What differs from the usual agreement and consent may be said, and how connectors are opened.
        """
        beginning = Beginning(World, json.dumps(agreement or {}), json.dumps(consent or {}))
        standing = self.make_database.once(beginning)
        self.go_on_from(standing, **options)
        return standing.case, standing.consent

    def go_on_from(self, standing: Standing, **options: Any) -> None:
        """Become a copy of a world that stands still; `options` are the housing agency's."""
        assert (self._config, self.clock.at) == (None, START), "it has begun already"
        shutil.copytree(standing.folder, self.folder, dirs_exist_ok=True)
        self._config = self._settings(self.make_database(copy_of=standing.coordinator))
        source = options.pop("source", None) or housing_records()
        for member, (kind, url) in standing.members.items():
            self.stores[member] = self.make_database(copy_of=url)
            self.open(
                member, kind, **({"sources": {"register": source}} | options if member == HOUSING else {})
            )

    def stand_still(self, case: str = "", consent: str = "") -> Standing:
        """Stop; gives what other worlds may go on from."""
        self.close()
        members = {name: (each.kind, self.stores[name]) for name, each in self.members.items()}
        return Standing(self.folder, self.config.database_url, members, case, consent)


PURPOSE_TEXT = {"en": "Debt plan", "fr": "Plan de dettes"}
BY_PHONE = {"en": "By phone", "fr": "Par téléphone"}
_BY_LAW = {"en": "The law asks us to keep it.", "fr": "La loi nous demande de le garder."}
KEPT: dict[str, Any] = {"erased": False, "kept": ["audit"], "why": _BY_LAW}
"""What a consent says where some copies stay after a withdrawal."""


def agreement_document(members: Mapping[str, Connector], now: datetime, **changed: Any) -> dict[str, Any]:
    parties = [
        {"member": each.id, "kid": each.keyring.entries[0].kid}
        for each in members.values()
        if each.kind != "portal"
    ]
    return {
        "id": "winter-support",
        "version": 1,
        "title": {"en": "Winter support", "fr": "Aide hivernale"},
        "parties": parties,
        "purposes": [{"code": "debt-plan", "text": PURPOSE_TEXT, "basis": "consent"}],
        "flows": [
            {
                "source": HOUSING,
                "recipient": DEBT,
                "purpose": "debt-plan",
                "category": "housing",
                "schema": "housing.tenancy/1",
                "fields": ["landlord", "rent"],
            }
        ],
        "identify_with": ["family_name", "given_name", "birth_date"],
        "clauses": [],
        "proof": {},
        "data_life_max_days": 180,
        "consent_head_max_age_s": 86_400,
        "valid_from": instant.format(now - timedelta(days=1)),
        "valid_until": instant.format(now + timedelta(days=365)),
        **changed,
    }


def terms(now: datetime, **changed: Any) -> dict[str, Any]:
    return {
        "agreement": AGREEMENT,
        "supersedes": None,
        "request_group": None,
        "request": None,
        "notice": {"language": "en", "version": "1", "sha256": "0" * 64},
        "purpose": {"code": "debt-plan", "text": PURPOSE_TEXT},
        "lawful_basis": "consent",
        "explicit": True,
        "sources": [HOUSING],
        "recipients": [DEBT],
        "data": [
            {
                "category": "housing",
                "schema": "housing.tenancy/1",
                "fields": ["landlord", "rent"],
                "necessity": "needed",
                "special": False,
            }
        ],
        "data_period": None,
        "fetch": "repeated",
        "frequency": {"count": 10, "per": "day"},
        "data_life": {"days": 90},
        "identify_with": ["family_name", "birth_date"],
        "on_withdrawal": {"erased": True, "kept": [], "why": None},
        "consequence_of_refusal": {
            "en": "We ask you for papers instead.",
            "fr": "Nous vous demandons alors des papiers.",
        },
        "valid_until": instant.format(now + timedelta(days=90)),
        "review_due": None,
        "withdrawal": {"url": f"{URL}/withdraw", "other_channels": [BY_PHONE]},
        "rights_url": f"{URL}/rights",
        "authority": "CNIL",
        "jurisdiction": "FR",
        "controllers": [{"member": DEBT, "name": "Debt Advice"}],
        **changed,
    }
