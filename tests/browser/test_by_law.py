"""What happens without the citizen's word, in a real browser: sharing by law, and what was held back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from connectors.exchange.acts import access, cases
from connectors.policy.policy import Policy
from coordinator.database.engine import writing
from coordinator.database.tables import emergencies
from coordinator.http.edge import edge
from schemas import instant
from schemas.messages.envelope import Authority
from tests.browser.conftest import LOOKS
from tests.browser.test_looked import citizen, open_emergency
from tests.browser.world import AGREEMENT, DEBT, HOUSING

__all__ = ["citizen"]
LINES = ".accord-timeline > li"
LAW = {"en": "Notices of eviction", "fr": "Avis d’expulsion"}
NOT_JUSTIFIED = {
    "en": "Checked afterwards: it was not justified",
    "fr": "ce n’était pas justifié",
}
BECAUSE = {"en": "because of an emergency", "fr": "à cause d’une urgence"}
LATER = {"en": "You were told later", "fr": "Vous l’avez su plus tard"}
PERMITS = '@id("by_law") permit (principal, action == Action::"release", resource);'


@pytest.fixture
def _policy_permits(world, tmp_path, monkeypatch):
    """Let housing's own policy permit what a law permits; without a rule of its own it says no."""
    (tmp_path / "law.cedar").write_text(PERMITS)
    permitting = replace(world.members[HOUSING], policy=Policy.load(tmp_path))
    monkeypatch.setitem(world.members, HOUSING, permitting)


def seated(world, case):
    """Let housing take part, as whoever is asked has to."""
    cases.invite_agency(world.members[DEBT], case, HOUSING, Authority("statute", "housing-act-7"), AGREEMENT)
    world.settle()


def shown(world, page, place):
    page.goto(world.at(place))
    return page.locator("main").inner_text()


@pytest.mark.usefixtures("_policy_permits")
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_what_was_shared_by_law_stands_in_the_list_with_its_law_and_no_permission(
    world, page, audit, citizen, look
):
    law = Authority("statute", "housing-act-7")
    cases.invite_agency(world.members[DEBT], citizen, HOUSING, law, AGREEMENT)
    world.settle()
    world.look(world.release(citizen, "", authority=law, purpose="eviction"))
    page.goto(world.at("/who-looked/"))
    audit(page)
    expect(page.locator(LINES)).to_have_count(2)
    for line in page.locator(LINES).all():
        expect(line.get_by_role("link", name=LAW[look.language])).to_be_visible()


@pytest.mark.usefixtures("_policy_permits")
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_what_was_got_in_an_emergency_is_said_to_be_so(world, page, audit, citizen, look):
    seated(world, citizen)
    emergency = open_emergency(world, citizen)
    world.look(world.release(citizen, "", authority=Authority("emergency", emergency), purpose="danger"))
    page.goto(world.at("/who-looked/"))
    audit(page)
    expect(page.locator(LINES)).to_have_count(3)
    expect(page.locator(LINES).filter(has_text=BECAUSE[look.language])).to_have_count(3)


@pytest.mark.usefixtures("_policy_permits")
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_an_emergency_that_was_held_back_is_shown_on_its_date_with_what_was_got(
    world, page, audit, citizen, look
):
    seated(world, citizen)
    on = instant.now() + timedelta(days=2)
    told = {"kind": "delayed", "on": instant.format(on), "officer": "officer-1", "ground": "housing-act-7"}
    pages = ("/who-looked/", "/home", f"/cases/{citizen}/timeline", f"/cases/{citizen}/records")
    before = [shown(world, page, place) for place in pages]
    live = world.at(f"/cases/{citizen}/live")
    newest = page.request.get(live).json()
    emergency = open_emergency(world, citizen, **told)
    world.look(world.release(citizen, "", authority=Authority("emergency", emergency), purpose="danger"))
    access.review_emergency(world.members[DEBT], emergency, "unjustified", "officer-1")
    world.settle()
    assert [shown(world, page, place) for place in pages] == before
    assert page.request.get(live).json() == newest, "nor is anything said to be new"
    coordinator = edge(world.coordinator).coordinator
    with writing(coordinator.engine) as connection:  # the two days are over
        this = update(emergencies).where(emergencies.c.id == emergency)
        connection.execute(this.values(tell_at=instant.to_ms(instant.now())))
    coordinator.tick()
    world.settle()
    page.goto(world.at("/who-looked/"))
    audit(page)
    expect(page.locator(f"{LINES} .govuk-tag--red")).to_have_count(1)
    expect(page.get_by_text(NOT_JUSTIFIED[look.language])).to_be_visible()
    expect(page.locator(LINES).filter(has_text=LATER[look.language])).to_have_count(2)
    page.locator(LINES).first.locator("a[href*=complaint]").click()
    audit(page)
