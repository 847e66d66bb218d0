"""Everything behind a browser test, all real: coordinator and agencies over HTTP, the portal with its pages,
an identity provider. One world serves all tests of a worker; each makes people and cases of its own.

How to write a test (see also conftest.py):

    def test_a_citizen_sees_who_asks(world, page, sign_in, audit):
        citizen = world.person()                    # an account at the provider and at the portal
        case = world.case_with_citizen(citizen)     # opened by debt advice, joined with the code, attested
        request = world.ask_consent(case)           # city housing → debt advice, purpose `debt-plan`
        sign_in(page, citizen)                      # through the provider, as a person does it
        page.goto(world.at("/cases"))
        audit(page)                                 # axe, reflow, language, one h1, console, policy, origins

    world.invitation()              a case that nobody has joined, and the code for it
    world.passkeys_of(citizen)      what they made in the browser, for case_with_citizen(passkeys=…)
    world.grant(request)            the citizen's yes by acts, not by pages; gives the consent's id
    world.release(case, consent)    the agency asks for the record and gets it; gives the statement's id there
    world.look(statement)           a worker of debt advice opens it, which the citizen is told
    world.settle()                  everybody sends and receives until nothing moves; after a page has posted
    world.portal                    the portal's connector; `world.portal.database.reading()` for its store
    world.members[HOUSING]          an agency's connector, for everything else that acts can do
"""

from __future__ import annotations

import itertools
import json
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import requests
from sqlalchemy import insert

from connectors.exchange import runner
from connectors.exchange.acts import access as looking
from connectors.exchange.acts import agreements, cases, consents, membership, records
from connectors.exchange.connector import Connector, open_connector
from connectors.exchange.pinned import PinnedKeys
from connectors.exchange.store import cases as case_store
from connectors.exchange.store import outbox, statements
from connectors.policy.policy import Policy
from connectors.portal.app import create_portal
from connectors.portal.opening import open_portal
from connectors.portal.portal import Portal
from connectors.portal.settings import OidcSettings, PortalSettings
from connectors.portal.store import accounts, passkeys
from connectors.systems.memory import InsecureStandIn, MemoryPerson, MemorySource
from connectors.systems.source import Source
from coordinator.app import create_app
from coordinator.commands.register import new_code
from coordinator.commands.setup import found
from coordinator.config import from_mapping
from coordinator.database.engine import writing
from coordinator.database.tables import enrolment_codes
from coordinator.http.edge import edge
from coordinator.register.codes import code_key
from schemas import instant
from schemas.messages.envelope import Authority
from tests.browser.services import Provider, Served, listening
from tests.flow.exchange import world as documents

HOUSING, BENEFITS, DEBT, PORTAL = "city-housing", "benefits-office", "debt-advice", "citizen-portal"
NAMES: Final = {
    HOUSING: "City Housing Office",
    BENEFITS: "Benefits Office",
    DEBT: "Debt Advice Centre",
    PORTAL: "Sample portal",
}
IDENTITY: Final = {"family_name": "Citizen", "given_name": "Sample", "birth_date": "1990-04-01"}
TENANCY: Final = {
    "landlord": "Sample Homes",
    "rent": {"amount": 61200, "currency": "EUR"},
    "tenure": "private",
}
INCOME: Final = {"sources": [{"kind": "wages", "amount": {"amount": 120000, "currency": "EUR"}}]}
AGREEMENT: Final = "winter-support@1"
_STREAM_ENDS_S: Final = 1.2
"""A live stream looks once a second whether it should end."""


@dataclass(frozen=True, slots=True)
class Person:
    """A sample person: who they are at the provider, and their account at the portal."""

    subject: str
    name: str
    account: str


CLAUSE: Final = {
    "id": "housing-act-7",
    "law": "Sample Housing Act, section 7",
    "title": {"en": "Notices of eviction", "fr": "Avis d’expulsion"},
    "url": "https://law.example.org/7",
    "withhold": True,
}
PURPOSES: Final[list[dict[str, Any]]] = [
    {"code": "debt-plan", "text": documents.PURPOSE_TEXT, "basis": "consent"},
    {
        "code": "eviction",
        "text": {"en": "Preventing eviction", "fr": "Prévenir une expulsion"},
        "basis": "statute",
        "clause": "housing-act-7",
    },
    {"code": "danger", "text": {"en": "Danger", "fr": "Danger"}, "basis": "emergency"},
]


@dataclass
class World:
    """A coordinator, three agencies and the portal with its pages."""

    folder: Path
    database: Callable[[str], str]
    """Gives the URL of a database for the coordinator (`coordinator`) or for a member."""
    members: dict[str, Connector] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        """Start the services, enrol everybody, bring the agreement into force."""
        self.provider = Provider.start(self.folder)
        self.coordinator = self._coordinator()
        sources = {
            HOUSING: _source("register", "housing", TENANCY),
            BENEFITS: _source("files", "income", INCOME),
        }
        for member, kind in (
            (HOUSING, "public"),
            (BENEFITS, "public"),
            (DEBT, "charity"),
            (PORTAL, "portal"),
        ):
            self._enrol(member, kind, {"register": sources[member]} if member in sources else {})
        self._agree()
        self.provider.wait()
        self.made, self.application, self._pages = self._portal()

    def close(self) -> None:
        """Stop everything."""
        self.made.places.close()
        time.sleep(_STREAM_ENDS_S)
        self._pages.close()
        self.provider.close()
        for connector in self.members.values():
            connector.close()
        self._api.close()
        edge(self.coordinator).coordinator.stop()

    # --- services ----------------------------------------------------------------------------------

    def _coordinator(self) -> Any:
        taken = listening()
        self.url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        values = {
            "database_url": self.database("coordinator"),
            "origin": "accord.example.org/log",
            "name": "Sample",
            "keys_dir": "coordinator-keys",
            "bind": "127.0.0.1:0",
            "public_url": self.url,
            "rates": {
                "requests_per_member_per_minute": 0,
                "requests_per_address_per_minute": 0,
                "tokens_per_address_per_minute": 0,
                "code_guesses_per_address_per_hour": 0,
            },
        }
        config = from_mapping(values, source="test", folder=self.folder)
        found(config)
        app = create_app(config, started=True)
        self._api = Served(taken, app, threads=8)
        return app

    def _enrol(self, member: str, kind: str, sources: Mapping[str, Source]) -> None:
        code = new_code()
        until = instant.to_ms(instant.now()) + 3_600_000
        with writing(edge(self.coordinator).coordinator.engine) as connection:
            connection.execute(
                insert(enrolment_codes),
                {"key_hash": code_key(code), "member": member, "kind": kind, "expires_at": until},
            )
        keys = self.folder / member / "keys"
        pinned = PinnedKeys.from_document(requests.get(f"{self.url}/v1/keys", timeout=5).json())
        enrolment = membership.Enrolment(
            member=member, kind=kind, name=NAMES[member], code=code, url=self.url, keys=keys
        )
        membership.enrol(enrolment, pinned, instant.now, requests.Session())
        self.members[member] = open_connector(
            member=member,
            kind=kind,
            name=NAMES[member],
            keys=keys,
            url=self.url,
            pinned=pinned,
            storage=self.database(member),
            policy=Policy.load(),
            sources=sources,
        )

    def _agree(self) -> None:
        housing = _flow(HOUSING, "housing", "housing.tenancy/1", ["landlord", "rent", "tenure"])
        income = _flow(BENEFITS, "income", "income.sources/1", ["sources"])
        by_law = {**housing, "purpose": "eviction", "fields": ["landlord", "rent"]}
        document = documents.agreement_document(
            self.members,
            instant.now(),
            flows=[housing, income, by_law, {**by_law, "purpose": "danger"}],
            purposes=PURPOSES,
            clauses=[CLAUSE],
            emergency={"categories": ["housing"], "max_hours": 12, "officers": ["officer-1"]},
        )
        ref = agreements.propose(self.members[HOUSING], document)
        self.settle()
        for member in (BENEFITS, DEBT):
            agreements.sign(self.members[member], ref)
        self.settle()

    def _portal(self) -> tuple[Portal, Any, Served]:
        taken = listening()
        secret = self.folder / "oidc-secret"
        secret.write_text("sample")
        settings = PortalSettings(
            public_url=f"http://localhost:{taken.getsockname()[1]}",
            name={"en": "Sample portal", "fr": "Portail exemple"},
            contact={"phone": "0800 000 000", "email": "help@portal.example", "address": "1 Sample Street"},
            oidc=OidcSettings(
                issuer=self.provider.url,
                client_id="accord-portal",
                client_secret_file=secret,
                name={"en": "Sample sign-in", "fr": "Connexion exemple"},
            ),
        )
        made, protection = open_portal(self.portal, settings, self.folder / PORTAL / "keys")
        app = create_portal(made, secret=protection)
        return made, app, Served(taken, app, threads=12)

    @property
    def portal(self) -> Connector:
        """The connector of the portal."""
        return self.members[PORTAL]

    def at(self, path: str) -> str:
        """Give the address of a page of the portal."""
        return self.made.origin + path

    def settle(self, most: int = 60) -> None:
        """Let everybody send and receive until nothing moves; nothing may have been refused."""
        quiet = 0
        for _, member in zip(range(most), itertools.cycle(self.members.values()), strict=False):
            quiet = 0 if runner.sync_once(member).anything else quiet + 1
            if quiet == len(self.members):
                break
        else:
            raise AssertionError("it does not come to rest")
        for member in self.members.values():
            with member.database.reading() as connection:
                assert outbox.failed(connection) == [], f"{member.id} was refused by the coordinator"

    # --- people and cases --------------------------------------------------------------------------

    def person(
        self, name: str = "Sample Citizen", *, acr: str = "substantial", language: str = "en"
    ) -> Person:
        """Make a person nobody else in this world is; they can sign in at once."""
        subject = f"{name.lower().replace(' ', '-')}-{next(self.numbers)}"
        self.provider.knows(subject, {"name": name, "acr": acr})
        with self.portal.database.writing() as connection:
            account = accounts.create(
                connection,
                kind="person",
                language=language,
                now=instant.now(),
                issuer=self.provider.url,
                subject=subject,
                name=name,
            )
        return Person(subject, name, account)

    def invitation(self, agency: str = DEBT) -> tuple[str, str]:
        """An agency opens a case and invites the citizen; gives the case and the code that it hands over."""
        case = cases.open_case(self.members[agency])
        invitation = cases.invite_citizen(self.members[agency], case, PORTAL)
        self.settle()
        return case, invitation.code

    def case_with_citizen(self, person: Person, agency: str = DEBT, *, passkeys: Any = ()) -> str:
        """An agency opens a case; this person joins with the code, and the agency attests."""
        case, code = self.invitation(agency)
        assert cases.join_case(self.portal, code, passkeys) == case
        with self.portal.database.writing() as connection:
            accounts.own(connection, person.account, case, instant.now())
        self.settle()
        return case

    def passkeys_of(self, person: Person) -> list[dict[str, Any]]:
        """Give the passkeys that a person has made, as a seat takes them (for `case_with_citizen`)."""
        with self.portal.database.reading() as connection:
            rows = passkeys.in_use(connection, person.account)
        return [
            {"credential": row.credential, "jwk": row.jwk, "rp_id": row.rp_id, "origins": row.origins}
            for row in rows
        ]

    def ask_consent(self, case: str, **changed: Any) -> str:
        """Debt advice asks to get the tenancy from city housing; `changed` are terms. Gives the request."""
        whole = documents.terms(instant.now(), **{"sources": [HOUSING], **changed})
        why = {"en": "To make a plan for your debts.", "fr": "Pour faire un plan pour vos dettes."}
        request = consents.ask_consent(self.members[DEBT], case, whole, why)
        self.settle()
        return request

    def grant(self, request: str, **decided: Any) -> str:
        """The citizen says yes, without pages; gives the consent."""
        decision = consents.Decision(shown_at=instant.now(), **decided)
        document = consents.draft(self.portal, request, decision)
        consents.grant(self.portal, document, [consents.portal_proof("substantial", instant.now())])
        self.settle()
        return str(document["id"])

    def request_records(self, case: str, consent: str, **changed: Any) -> str:
        """Debt advice lets city housing into the case, if it is not there, and asks for the tenancy."""
        debt = self.members[DEBT]
        with debt.database.reading() as connection:
            seat = case_store.seat(connection, case, "agency", HOUSING)
        if seat is None or seat.status == "ended":
            cases.invite_agency(debt, case, HOUSING, Authority("consent", consent))
            self.settle()
        asked: dict[str, Any] = {
            "source": HOUSING,
            "categories": {"housing": ["landlord", "rent"]},
            "identify": {"family_name": "Citizen", "birth_date": "1990-04-01"},
            "why": {"en": "To check the rent.", "fr": "Pour vérifier le loyer."},
            "authority": Authority("consent", consent),
            "agreement": AGREEMENT,
            "purpose": "debt-plan",
            **changed,
        }
        request = records.request_records(debt, case, **asked)
        self.settle()
        return request

    def release(self, case: str, consent: str, **changed: Any) -> str:
        """Debt advice asks city housing and gets the tenancy; gives the statement's id at debt advice."""
        request = self.request_records(case, consent, **changed)
        with self.members[DEBT].database.reading() as connection:
            (released,) = [each for each in statements.answers_to(connection, request) if not each.mine]
        return str(released.id)

    def look(self, statement: str, member: str = DEBT, role: str = "adviser", reason: str = "plan") -> None:
        """Somebody at an agency opens a record; the citizen is told."""
        actor, why = looking.Actor("worker-7", role), looking.Reason(reason)
        looking.view_record(self.members[member], statement, actor, why)
        self.settle()


def _source(name: str, category: str, record: Mapping[str, Any]) -> Source:
    schema = {"housing": "housing.tenancy/1", "income": "income.sources/1"}[category]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureStandIn)
        person = MemoryPerson(identity=IDENTITY, records={category: json.loads(json.dumps(record))})
        return MemorySource(name, [person], {category: schema})


def _flow(source: str, category: str, schema: str, fields: list[str]) -> dict[str, Any]:
    return {
        "source": source,
        "recipient": DEBT,
        "purpose": "debt-plan",
        "category": category,
        "schema": schema,
        "fields": fields,
    }
