"""A portal with people in it, for tests that visit its pages: who acts for whom, who is asked what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from connectors.exchange.acts import consents as acts
from connectors.exchange.acts import previews
from connectors.exchange.store import consents
from connectors.portal.acting import mandates
from connectors.portal.acting.rules import Terms
from connectors.portal.store import accounts
from connectors.portal.store import mandates as stored
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT, PORTAL, START, World, terms
from tests.flow.portal.visits import Pages, Visit, settings

EVIDENCE = {
    "register": "Civil register",
    "reference": "2031-17",
    "checked_at": "2031-03-10T09:00:00.000Z",
    "checked_by_role": "front desk",
}


@dataclass(frozen=True, slots=True)
class Themselves:
    """Somebody who acts for themselves, as the rules see them."""

    account: str
    mandate: None = None

    @property
    def principal(self) -> str:
        return self.account


class Life:
    """A portal with people in it: each has an account, and a visit when they are signed in."""

    def __init__(self, folder: Path, make_database: MakeDatabase) -> None:
        self.world = World(folder, make_database)
        self._spare = self.world.joined()
        self.portal = self.world.members[PORTAL]
        self.pages = Pages(self.portal, settings(folder), folder / PORTAL / "keys")

    def close(self) -> None:
        """Stop everything."""
        self.pages.made.places.close()
        self.world.close()

    def now(self) -> datetime:
        return self.world.clock()

    def person(self, name: str = "Sample Citizen") -> str:
        with self.portal.database.writing() as connection:
            return accounts.create(
                connection,
                kind="person",
                language="en",
                now=self.now(),
                issuer="http://localhost:9400",
                subject=str(uuid4()),
                name=name,
            )

    def ward(self) -> str:
        with self.portal.database.writing() as connection:
            return accounts.create(
                connection, kind="ward", language="en", now=self.now(), name="Sample Child"
            )

    def case_of(self, account: str) -> str:
        """Give somebody a new case of theirs; the first at the beginning is there already, and nobody's."""
        case, self._spare = self._spare, ""
        if not case or self.now() != START:
            case = self.world.case()
        with self.portal.database.writing() as connection:
            accounts.own(connection, account, case, self.now())
        return case

    def asked(self, case: str) -> str:
        why = {"en": "For your plan.", "fr": "Pour le plan."}
        request = acts.ask_consent(self.world.members[DEBT], case, terms(self.now()), why)
        self.world.settle()
        return request

    def preview(self, case: str, consent: str) -> str:
        """Let a record wait for the word of its person, by a consent that wants it so; gives the release."""
        self.world.invite_source(case, consent)
        self.world.request(case, consent)
        self.world.settle()
        (row,) = previews.waiting_previews(self.portal, case)
        return str(row.release)

    def given(self, principal: str, **changed: Any) -> tuple[str, str, str]:
        """Somebody new acts for a person; gives their account, the mandate, and how they are signed in."""
        usual = {"kind": "nominee", "valid_until": self.now() + timedelta(days=90)}
        mandate, code = self.invited(principal, **{**usual, **changed})
        delegate = self.person("Sample Helper")
        self.visit(delegate).post("/acting/code", code=code)
        return delegate, mandate, code

    def invited(self, principal: str, **said: Any) -> tuple[str, str]:
        by_staff = said["kind"] not in {"nominee", "informal_helper"}
        with self.portal.database.writing() as connection:
            if by_staff:
                made = mandates.enter(connection, principal, Terms(evidence=EVIDENCE, **said), self.now())
            else:
                visit = Themselves(principal)
                made = mandates.give(connection, visit, Terms(**said), self.now())
        return made.id, made.code

    def parents(self, child: str) -> list[tuple[str, str]]:
        said = {
            "kind": "parental",
            "valid_until": self.now() + timedelta(days=300),
            "of_age_on": self.now() + timedelta(days=400),
            "joint": True,
        }
        codes = [self.invited(child, **said) for _ in range(2)]
        found = []
        for mandate, code in codes:
            parent = self.person("Sample Parent")
            self.visit(parent).post("/acting/code", code=code)
            found.append((parent, mandate))
        return found

    def visit(self, account: str, by: str | None = None) -> Visit:
        said = {} if by is None else {"acting_for": by}
        return self.pages.visit(account, **said)

    def status(self, mandate: str) -> str:
        with self.portal.database.reading() as connection:
            row = stored.find(connection, mandate)
        assert row is not None
        return str(row.status)

    def state(self, request: str) -> str:
        with self.portal.database.reading() as connection:
            row = consents.request(connection, request)
        assert row is not None
        return str(row.state)
