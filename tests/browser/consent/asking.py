"""Asking and answering on the portal's pages, for the tests of the 32 rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from connectors.exchange.store import consents as stored
from connectors.portal.acting import mandates
from connectors.portal.acting.rules import Terms
from connectors.portal.store import accounts, receipts
from tests.flow.portal.forms_on_pages import OnPage, Seen, seen
from tests.flow.portal.life import EVIDENCE
from tests.flow.portal.story import Me, Story
from tests.flow.portal.visits import Visit

FIELDS: Final = [
    {
        "category": "housing",
        "schema": "housing.tenancy/1",
        "fields": [name],
        "necessity": necessity,
        "special": False,
    }
    for name, necessity in (("landlord", "needed"), ("rent", "optional"))
]
COUNTED: Final = {"frequency": {"count": 1, "per": "week"}}


def page(visit: Visit, address: str) -> Seen:
    answer = visit.get(address)
    assert answer.status_code == 200, (address, answer.status_code, answer.location)
    return seen(answer.text)


def decision(found: Seen) -> OnPage:
    """Give the form in which one decides."""
    (form,) = [each for each in found.forms if "decision" in each.fields]
    return form


def allowed(story: Story, me: str, visit: Visit, case: str, **changed: Any) -> str:
    """Ask and say yes on the page; gives the permission."""
    receipt = story.allow(visit, story.ask(case, **changed))
    with story.portal.database.reading() as connection:
        row = receipts.find(connection, me, receipt)
    assert row is not None
    return str(row.consent)


def state_of(story: Story, request: str) -> str:
    with story.portal.database.reading() as connection:
        row = stored.request(connection, request)
    assert row is not None
    return str(row.state)


def answered(visit: Visit, address: str, **fields: Any) -> Any:
    visit.get(address)
    return visit.post(address, **fields)


def written(story: Story, **after: float) -> str:
    """Give a day from now as pages write it."""
    at = story.world.clock() + timedelta(**after)
    return f"{at.day} {at:%B %Y}"


def ward(story: Story) -> str:
    """Enter a child, who does not sign in; gives the account."""
    with story.portal.database.writing() as connection:
        return accounts.create(
            connection, kind="ward", language="en", now=story.world.clock(), name="Sample Child"
        )


def parent_of(story: Story, account: str, child: str) -> Visit:
    """Let staff enter somebody as a parent, who takes it up; gives their visit, acting for the child."""
    now = story.world.clock()
    terms = Terms(
        kind="parental",
        valid_until=now + timedelta(days=300),
        of_age_on=now + timedelta(days=400),
        evidence=EVIDENCE,
    )
    with story.portal.database.writing() as connection:
        made = mandates.enter(connection, child, terms, now)
        mandate = mandates.accept(connection, Me(account), made.code, now)
    return story.visit(account, acting_for=mandate)
