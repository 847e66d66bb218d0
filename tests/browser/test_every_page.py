"""Every page there is, by the application's own map, in both languages at 320 and 1200 px: axe and reflow.

A new page is in it by itself; one with a new kind of id in its address fails until something is filled in.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from connectors.cases.gather import read_case
from connectors.exchange.acts import coordination
from connectors.exchange.acts.previews import waiting_previews
from connectors.portal.acting import mandates
from connectors.portal.acting.rules import Terms
from schemas import instant
from tests.browser.conftest import Look
from tests.browser.test_account import make_passkey
from tests.browser.world import DEBT, HOUSING

LOOKS = [Look(language, width) for language in ("en", "fr") for width in (1200, 320)]
NO_PAGES = {
    # Files, answers to programs, and pages that only lead on to others.
    *("assets.static", "assets.show_logo", "case.document", "case.live", "join.news", "receipts.download"),
    *("health.lives", "health.is_ready", "front.choose_language", "front.come_back", "front.show"),
    *("deciding.confirm", "begin.whom", "passkeys.vouch", "acting.together"),
}
"""The last four need a step before them: `test_deciding`, `test_arriving`, `test_account` and `test_acting`
look at them."""


@pytest.fixture
def filled(world, page, sign_in, authenticator, look):
    """Somebody with something of everything; gives what to fill into addresses."""
    person = world.person(language=look.language)
    authenticator(page)
    sign_in(page, person)
    make_passkey(world, page, "Sample phone")
    keys = world.passkeys_of(person)
    case = world.case_with_citizen(person, passkeys=keys)
    consent = world.grant(world.ask_consent(case))
    world.look(world.release(case, consent))
    debt = world.members[DEBT]
    said = coordination.Words(text="When can you come?", kind="question", subject="Your visit")
    coordination.send_message(debt, case, said)
    seen_first = world.grant(world.ask_consent(case, preview=True))
    world.request_records(case, seen_first)
    request = world.ask_consent(case)
    page.goto(world.at(f"/permissions/{seen_first}"))
    values = {"consent_id": consent, "request_id": request, "credential": keys[0]["credential"]}
    return {**ids(world, person, case), **values}


def ids(world, person, case):
    found = case_of(world, case)
    (preview,) = waiting_previews(world.portal, case)
    return {
        "case_id": case,
        "statement": found.records[-1].statement,
        "thread": found.threads[0].id,
        "release": preview.release,
        "member": HOUSING,
        "kind": "helper",
        "mandate_id": mandate(world, person),
    }


def case_of(world, case):
    with world.portal.database.reading() as connection:
        return read_case(connection, world.portal, case, instant.now())


def mandate(world, person):
    helper, now = world.person("Sample Helper"), instant.now()
    terms = Terms(kind="informal_helper", valid_until=now + timedelta(days=30))
    with world.portal.database.writing() as connection:
        invited = mandates.give(connection, Acting(person.account), terms, now)
        return mandates.accept(connection, Acting(helper.account), invited.code, now)


class Acting:
    """Somebody who acts for themselves, as the rules ask for."""

    mandate = None

    def __init__(self, account):
        self.account = self.principal = account


def addresses(world, values):
    """Give the address of every page that is opened by GET."""
    for rule in sorted(world.application.url_map.iter_rules(), key=lambda each: each.rule):
        if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGES:
            yield re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: values[found[1]], rule.rule)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_works_for_everybody(world, page, audit, filled):
    page.locator("form[action$=suspend] button").click()
    page.wait_for_url("**/receipts/**")
    values = {**filled, "receipt_id": page.url.rpartition("/")[2]}
    world.settle()
    opened = 0
    for address in addresses(world, values):
        answer = page.goto(world.at(address))
        assert answer is not None
        assert answer.status == 200, address
        audit(page)
        opened += 1
    assert opened > 35
