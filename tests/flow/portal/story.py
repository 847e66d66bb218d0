"""A portal in the middle of its life, without a browser: two citizens, a helper, one thing of each kind.

    story.citizen       has a case with an open request, a permission that was used, a receipt, a record that
                        was looked at, a conversation, a note, a document, a preview, a passkey, a mandate
    story.stranger      another citizen with a case, a request and a permission of their own
    story.helper        acts for the citizen in that one case: may see it and take permissions back
    story.hidden        another case of the citizen, in which nobody acts for them

What the citizen's things are called and hold is in CANARIES, so that no other page may contain any of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from connectors.exchange.acts import access, cases, consents, coordination, previews
from connectors.exchange.acts.coordination import File
from connectors.exchange.acts.coordination import Words as Said
from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import CITIZEN, sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import consents as stored_consents
from connectors.exchange.store import statements
from connectors.portal import accounts as rules
from connectors.portal.acting import mandates
from connectors.portal.acting.rules import Terms
from connectors.portal.store import accounts, receipts
from tests.conftest import MakeDatabase
from tests.flow.exchange.standing import Standing
from tests.flow.exchange.world import AGREEMENT, DEBT, HOUSING, PORTAL, World, terms
from tests.flow.portal.visits import Pages, Visit, settings
from tests.passkeys import Authenticator

BENEFITS: Final = "benefits-office"
WORDS: Final = "CANARY words of a note"
LANDLORD: Final = "CANARY-Rue-des-Lilas-17"
"""In the record that tests.flow.exchange.world releases."""
TITLE: Final = "CANARY letter from the landlord"
SUBJECT: Final = "CANARY about the rent"
NAME: Final = "CANARY Sample Citizen"
CASE_NAME: Final = "CANARY my flat"
CANARIES: Final = (WORDS, LANDLORD, TITLE, SUBJECT, NAME, CASE_NAME)
WHY: Final = {"en": "To make a plan for your debts.", "fr": "Pour faire un plan pour vos dettes."}


@dataclass(frozen=True, slots=True)
class Me:
    """An account as the rules of mandates know a visitor."""

    account: str
    mandate: Any = None

    @property
    def principal(self) -> str:
        return self.account


@dataclass
class Story:
    """The world, the pages over it, and the ids of what is in it."""

    folder: Path
    make_database: MakeDatabase
    told: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the portal that differ from the usual ones."""
    citizen: str = field(init=False)
    stranger: str = field(init=False)
    helper: str = field(init=False)
    hidden: str = field(init=False)
    mandate: str = field(init=False)
    ids: dict[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Go on from a story that is told once for all tests of a worker."""
        self.world = World(self.folder, self.make_database)
        standing, facts = self.make_database.once(tell)
        self.world.go_on_from(standing)
        self.pages = self._pages()
        for name, value in deepcopy(facts).items():
            setattr(self, name, value)

    def _pages(self) -> Pages:
        return Pages(self.portal, settings(self.folder, **self.told), self.folder / PORTAL / "keys")

    def close(self) -> None:
        """Stop everything."""
        self.pages.made.places.close()
        self.world.close()

    @property
    def portal(self) -> Connector:
        """The portal's connector."""
        return self.world.members[PORTAL]

    # --- people ------------------------------------------------------------------------------------

    def account(self, subject: str, name: str = "Sample Citizen") -> str:
        """Make an account."""
        with self.portal.database.writing() as connection:
            return accounts.create(
                connection,
                kind="person",
                language="en",
                now=self.world.clock(),
                issuer="http://localhost:9400",
                subject=subject,
                name=name,
            )

    def visit(self, account: str | None = None, **said: Any) -> Visit:
        """Give a client, signed in just now if an account is named."""
        return self.pages.visit(account, **said)

    def helping(self) -> Visit:
        """Give a client of the helper, who acts for the citizen."""
        return self.visit(self.helper, acting_for=self.mandate)

    # --- cases -------------------------------------------------------------------------------------

    def case_of(self, account: str) -> str:
        """Open a case at debt advice, joined by this citizen."""
        case = self.world.case()
        with self.portal.database.writing() as connection:
            accounts.own(connection, account, case, self.world.clock())
        return case

    def ask(self, case: str, **changed: Any) -> str:
        """Let debt advice ask for the tenancy; gives the request."""
        usual = terms(self.world.clock(), **{"frequency": {"count": 1, "per": "week"}, **changed})
        request = consents.ask_consent(self.world.members[DEBT], case, usual, WHY)
        self.world.settle()
        return request

    def ask_without_checking(self, case: str, whole: dict[str, Any], why: dict[str, str]) -> str:
        """Ask as software does that does not check its own words; gives the request."""
        debt, now = self.world.members[DEBT], self.world.clock()
        body = {"terms": {"schema": "consent/1", "case": case, "nonce": "A" * 22, **whole}, "why": why}
        signed = sign_open(debt, now, type="consent.request/1", to=[CITIZEN], case=case, body=body)
        with debt.database.writing() as connection:
            stored_consents.asked(
                connection,
                signed.id,
                case=case,
                sender=DEBT,
                terms=body["terms"],
                why=why,
                agreement=AGREEMENT,
                now=now,
            )
            post(connection, signed, now)
        self.world.settle()
        return str(signed.id)

    def put_request(self, case: str, request: str, whole: dict[str, Any], why: dict[str, str]) -> None:
        """Put a request before the citizen as if a coordinator that does not check had brought it."""
        terms_asked = {"schema": "consent/1", "case": case, "nonce": "A" * 22, **whole}
        with self.portal.database.writing() as connection:
            stored_consents.asked(
                connection,
                request,
                case=case,
                sender=DEBT,
                terms=terms_asked,
                why=why,
                agreement=AGREEMENT,
                now=self.world.clock(),
            )

    def allow(self, visit: Visit, request: str, **fields: Any) -> str:
        """Say yes on the page; gives the receipt's number."""
        assert visit.get(f"/requests/{request}").status_code == 200
        answer = visit.post(f"/requests/{request}", decision="allow", **fields)
        assert answer.status_code == 303, answer.text
        self.world.settle()
        return str(answer.location).rpartition("/")[2]

    def consent_of(self, receipt: str) -> str:
        """Give the permission that a receipt is about."""
        with self.portal.database.reading() as connection:
            row = receipts.find(connection, self.citizen, receipt) or receipts.find(
                connection, self.stranger, receipt
            )
        assert row is not None
        return str(row.consent)

    def release(self, case: str, consent: str) -> str:
        """Let debt advice ask for the record and get it; gives the statement at the portal."""
        self.world.invite_source(case, consent)
        request = self.world.request(case, consent)
        self.world.settle()
        with self.portal.database.reading() as connection:
            (released,) = [each for each in statements.answers_to(connection, request) if not each.mine]
        return str(released.id)

    def look(self, statement: str, role: str = "adviser") -> None:
        """Let somebody at debt advice open a record."""
        debt = self.world.members[DEBT]
        access.view_record(debt, statement, access.Actor("worker-7", role), access.Reason("plan"))
        self.world.settle()

    def statement_at(self, member: str, case: str) -> str:
        """Give the id of the record as a member has it."""
        with self.world.members[member].database.reading() as connection:
            found = [each for each in statements.of_case(connection, case) if each.type == "record.release/1"]
        return str(found[-1].id)

    def statement_of(self, message: str) -> str:
        """Give what the portal keeps of a message of its own."""
        with self.portal.database.reading() as connection:
            row = statements.of_message(connection, message)
        assert row is not None
        return str(row.id)

    def passkey(self, account: str) -> str:
        """Write a passkey down; gives its credential."""
        credential = f"credential-of-{account}"[:40]
        with self.portal.database.writing() as connection:
            rules.add_passkey(
                connection,
                Me(account),
                credential,
                jwk=Authenticator(account).passkey["jwk"],
                name="CANARY phone",
                rp_id="localhost",
                origins=[self.pages.made.origin],
                sign_count=0,
                now=self.world.clock(),
            )
        return credential

    def join(self, account: str) -> tuple[str, str]:
        """Let debt advice hand over a code; gives the case and the code."""
        case = cases.open_case(self.world.members[DEBT])
        code = cases.invite_citizen(self.world.members[DEBT], case, PORTAL).code
        self.world.settle()
        return case, code


class Telling(Story):
    """The same story while it happens, for whoever listens to what is said meanwhile."""

    def __post_init__(self) -> None:
        """Let everything happen."""
        self.world = World(self.folder, self.make_database)
        self.world.agencies()
        self.world.agree()
        self.world.enrol(BENEFITS)  # takes part in nothing, so that it can be invited
        self.pages = self._pages()
        self.citizen = self.account("citizen", NAME)
        self.stranger = self.account("stranger", "Other Citizen")
        self.helper = self.account("helper", "Sample Helper")
        self._citizens()
        self.hidden = self.case_of(self.citizen)
        self._strangers()
        self.mandate = self._mandate()

    def _citizens(self) -> None:
        case, visit = self.case_of(self.citizen), self.visit(self.citizen)
        receipt = self.allow(visit, self.ask(case))
        consent = self.consent_of(receipt)
        statement = self.release(case, consent)
        self.look(self.statement_at(DEBT, case))
        visit.post(f"/cases/{case}/name", name=CASE_NAME)
        coordination.add_note(self.portal, case, WORDS)
        thread = coordination.send_message(self.portal, case, Said(text=WORDS, subject=SUBJECT), to=[DEBT])
        paper = File(title=TITLE, name="letter.txt", media_type="text/plain", data=WORDS.encode())
        document = coordination.add_document(self.portal, case, paper)
        shown_first = self.consent_of(self.allow(visit, self.ask(case, preview=True)))
        self.world.request(case, shown_first)
        self.world.settle()
        (preview,) = previews.waiting_previews(self.portal, case)
        request = self.ask(case)
        credential = self.passkey(self.citizen)
        self.ids |= {
            "case_id": case,
            "consent_id": consent,
            "request_id": request,
            "receipt_id": receipt,
            "statement": statement,
            "document": self.statement_of(document),
            "thread": self.statement_of(thread),
            "credential": credential,
            "member": HOUSING,
            "release": preview.release,
        }

    def _strangers(self) -> None:
        case, visit = self.case_of(self.stranger), self.visit(self.stranger)
        self.own = {"case_id": case, "member": DEBT}
        self.own["receipt_id"] = self.allow(visit, self.ask(case))
        self.own["consent_id"] = self.consent_of(self.own["receipt_id"])
        self.own["request_id"] = self.ask(case)

    def _mandate(self) -> str:
        now = self.world.clock()
        given = Terms(
            kind="informal_helper", valid_until=now + timedelta(days=90), cases=[self.ids["case_id"]]
        )
        with self.portal.database.writing() as connection:
            made = mandates.give(connection, Me(self.citizen), given, now)
            return mandates.accept(connection, Me(self.helper), made.code, now)


def tell(make_database: MakeDatabase, folder: Path) -> tuple[Standing, Mapping[str, Any]]:
    """Let it happen, and stop; gives the world as it stands, and what a story knows about it."""
    story = Telling(folder, make_database)
    story.pages.made.places.close()
    known = ("citizen", "stranger", "helper", "hidden", "mandate", "ids", "own")
    return story.world.stand_still(), {name: getattr(story, name) for name in known}
