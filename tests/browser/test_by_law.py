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
PERMITS = '@id("by_law") permit (principal, action == Action::"release", resource);'


@pytest.fixture
def _policy_permits(world, tmp_path, monkeypatch):
    """Let housing's own policy permit what a law permits; without a rule of its own it says no."""
    (tmp_path / "law.cedar").write_text(PERMITS)
    permitting = replace(world.members[HOUSING], policy=Policy.load(tmp_path))
    monkeypatch.setitem(world.members, HOUSING, permitting)


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


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_an_emergency_that_was_held_back_is_shown_on_its_date(world, page, audit, citizen, look):
    on = instant.now() + timedelta(days=2)
    told = {"kind": "delayed", "on": instant.format(on), "officer": "officer-1", "ground": "housing-act-7"}
    emergency = open_emergency(world, citizen, **told)
    access.review_emergency(world.members[DEBT], emergency, "unjustified", "officer-1")
    world.settle()
    for place in ("/who-looked/", f"/cases/{citizen}/timeline"):
        page.goto(world.at(place))
        said = page.locator("main").inner_text().lower()
        assert not {word for word in ("emergency", "urgence") if word in said}
    page.goto(world.at("/who-looked/"))
    coordinator = edge(world.coordinator).coordinator
    with writing(coordinator.engine) as connection:  # the two days are over
        this = update(emergencies).where(emergencies.c.id == emergency)
        connection.execute(this.values(tell_at=instant.to_ms(instant.now())))
    coordinator.tick()
    world.settle()
    page.reload()
    audit(page)
    expect(page.locator(f"{LINES} .govuk-tag--red")).to_have_count(1)
    expect(page.get_by_text(NOT_JUSTIFIED[look.language])).to_be_visible()
