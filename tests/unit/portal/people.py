"""People of the portal for tests: accounts with cases, visitors, mandates that were taken up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row

from connectors.exchange.store import consents
from connectors.portal.acting import mandates
from connectors.portal.acting.rules import Terms
from connectors.portal.store import accounts
from connectors.portal.store import mandates as stored
from schemas import instant
from schemas.instant import to_ms
from tests.flow.exchange.world import terms

START = datetime(2031, 3, 10, 9, 0, tzinfo=UTC)
ISSUER = "https://id.example.org"
EVIDENCE = {
    "register": "Civil register",
    "reference": "2031-17",
    "checked_at": "2031-03-10T09:00:00.000Z",
    "checked_by_role": "front desk",
}
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Visit:
    """A visitor, as the pages make one."""

    account: str
    mandate: Row[Any] | None = None

    @property
    def principal(self) -> str:
        return str(self.mandate.principal) if self.mandate is not None else self.account


def person(connection: Connection, **columns: Any) -> Visit:
    """Somebody who has signed in for the first time."""
    account = accounts.create(
        connection,
        kind="person",
        language="en",
        now=START,
        issuer=ISSUER,
        subject=f"subject-{next(_numbers)}",
        name="Sample Citizen",
    )
    if columns:
        accounts.change(connection, account, **columns)
    return Visit(account)


def with_email(connection: Connection, address: str = "sample@example.org", language: str = "en") -> Visit:
    return person(connection, email=address, email_wanted=True, language=language)


def ward(connection: Connection) -> str:
    return accounts.create(connection, kind="ward", language="en", now=START, name="Sample Child")


def case_of(connection: Connection, account: str) -> str:
    case = str(uuid4())
    accounts.own(connection, account, case, START)
    return case


def given(now: datetime = START, **changed: Any) -> Terms:
    """Terms that a citizen may give."""
    return Terms(**{"kind": "nominee", "valid_until": now + timedelta(days=90), **changed})


def entered(now: datetime = START, **changed: Any) -> Terms:
    """Terms that staff may enter."""
    usual: dict[str, Any] = {
        "kind": "parental",
        "valid_until": now + timedelta(days=365),
        "of_age_on": now + timedelta(days=400),
        "evidence": EVIDENCE,
    }
    if changed.get("kind", "parental") != "parental":
        del usual["of_age_on"]
    return Terms(**{**usual, **changed})


def acting(connection: Connection, mandate: str) -> Visit:
    """Whoever holds a mandate, acting by it."""
    row = stored.find(connection, mandate)
    assert row is not None
    assert row.delegate is not None
    return Visit(row.delegate, row)


def helper(connection: Connection, principal: Visit, now: datetime = START, **changed: Any) -> Visit:
    """Somebody new who acts for a person by a mandate of theirs."""
    made = mandates.give(connection, principal, given(now, **changed), now)
    return acting(connection, mandates.accept(connection, person(connection), made.code, now))


def parent(connection: Connection, of: str, now: datetime = START, **changed: Any) -> Visit:
    """Somebody new who acts for a ward by a mandate that staff entered."""
    made = mandates.enter(connection, of, entered(now, **changed), now)
    return acting(connection, mandates.accept(connection, person(connection), made.code, now))


def mandate_of(visit: Visit) -> str:
    assert visit.mandate is not None
    return str(visit.mandate.id)


def asked(connection: Connection, case: str) -> str:
    """A request for consent that waits in a case."""
    request = str(uuid4())
    consents.asked(
        connection,
        request,
        case=case,
        sender="debt-advice",
        terms=terms(START, case=case),
        why={"en": "For your plan."},
        agreement="winter-support@1",
        now=START,
    )
    return request


def permitted(connection: Connection, case: str, status: str = "granted", **changed: Any) -> str:
    """A permission in a case, in this status since START."""
    consent = str(uuid4())
    document = {
        **terms(START, case=case),
        "id": consent,
        "actor": {"kind": "citizen"},
        "valid_from": instant.format(START),
        **changed,
    }
    consents.granted(
        connection,
        document,
        message=str(uuid4()),
        portal="my-portal",
        valid_until=instant.parse(document["valid_until"]),
        index=1,
        proven=True,
        now=START,
    )
    if status != "granted":
        consents.set_status(connection, consent, status, 1, START)
    return consent


def ms(moment: datetime) -> int:
    return to_ms(moment)
