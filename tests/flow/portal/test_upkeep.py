"""What the clock asks of a portal, over a real exchange: coming of age, reminders, receipts, e-mail."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from connectors.exchange.acts import consents as acts
from connectors.exchange.connector import Connector
from connectors.exchange.store import access, consents
from connectors.portal import accounts
from connectors.portal.acting import coming_of_age, mandates
from connectors.portal.errors import MandateNotInForce
from connectors.portal.settings import PortalSettings
from connectors.portal.store import accounts as stored
from connectors.portal.store import attempts, deeds, mails, receipts, sessions
from connectors.portal.store import mandates as mandate_rows
from connectors.portal.store.database import bring_up_to_date
from connectors.portal.upkeep import keep
from schemas.instant import to_ms
from tests.flow.exchange.world import DEBT, World, terms
from tests.flow.portal.post_office import PostOffice
from tests.unit.portal.people import (
    Visit,
    asked,
    case_of,
    entered,
    helper,
    mandate_of,
    parent,
    permitted,
    person,
    ward,
    with_email,
)


@pytest.fixture
def settings(tmp_path: Path) -> PortalSettings:
    return PostOffice(tmp_path).settings()


def told(portal: Connector, visit: Visit) -> list[str]:
    with portal.database.reading() as connection:
        return sorted(row.kind for row in mails.of_account(connection, visit.account))


def all_sent(portal: Connector) -> None:
    with portal.database.writing() as connection:
        for row in mails.due(connection, portal.clock(), 100):
            mails.move(connection, row.id, "sent")


# --- coming of age ----------------------------------------------------------------------------------


def test_coming_of_age_ends_the_parents_pauses_everything_and_asks_the_person(
    world: World, portal: Connector, settings: PortalSettings
):
    story = _family_with_a_permission(world, portal)
    child, one, case, consent = story
    with portal.database.reading() as connection:
        document = consents.find(connection, consent)
        assert document is not None
        assert document.document["actor"] == {"kind": "mandate", "id": mandate_of(one)}
    world.clock.move(days=30)
    done = keep(portal, settings, portal.clock())
    assert done["permissions_paused"] == 1
    world.settle()
    for member in (portal, world.members[DEBT]):
        with member.database.reading() as connection:
            row = consents.find(connection, consent)
            assert row is not None
            assert row.status == "suspended"
    with portal.database.reading() as connection, pytest.raises(MandateNotInForce):
        accounts.may(connection, one, case, "grant", portal.clock())

    # The person gets a sign-in of their own, sees what waits, and decides themselves.
    with portal.database.writing() as connection:
        code = coming_of_age.offer_sign_in(connection, child, portal.clock())
        grown = person(connection)
        assert coming_of_age.take_over(connection, grown, code, portal.clock()) == child
        accounts.may(connection, grown, case, "grant", portal.clock())
        assert [row.id for row in coming_of_age.to_reconfirm(connection, grown.account)] == [consent]
        shown = {row.act for row in mandates.shown_deeds(connection, grown, portal.clock())}
    assert shown == {
        "mandate.enter",
        "mandate.accept",
        "mandate.end",
        "consent.suspend.of_age",
        "account.link",
    }
    world.clock.move(minutes=1)
    acts.resume(portal, consent)
    world.settle()
    keep(portal, settings, portal.clock())
    with portal.database.reading() as connection:
        row = consents.find(connection, consent)
        assert row is not None
        assert row.status == "granted", "what the person decided is not paused again"
        assert coming_of_age.to_reconfirm(connection, grown.account) == []


def _family_with_a_permission(world: World, portal: Connector) -> tuple[str, Visit, str, str]:
    world.enrol("city-housing")
    world.enrol(DEBT, "charity")
    world.agree()
    case = world.case()
    of_age = world.clock() + timedelta(days=30)
    with portal.database.writing() as connection:
        child = ward(connection)
        stored.own(connection, child, case, world.clock())
        one = parent(connection, child, world.clock(), valid_until=of_age, of_age_on=of_age)
    why = {"en": "For the plan.", "fr": "Pour le plan."}
    request = acts.ask_consent(world.members[DEBT], case, terms(world.clock()), why)
    world.settle()
    consent = world.grant(request, actor=accounts.actor(one))
    return child, one, case, consent


def test_what_a_mandate_that_ran_out_long_ago_allowed_is_paused_at_majority_too(
    portal: Connector, settings: PortalSettings
):
    now = portal.clock()
    with portal.database.writing() as connection:
        child = ward(connection)
        mandates.enter(connection, child, entered(now, valid_until=now + timedelta(days=5)), now)
    keep(portal, settings, now + timedelta(days=20))
    with portal.database.reading() as connection:
        assert [row.came_of_age_at for row in stored.of_kind(connection, "ward")] == [None]
    grown = now + timedelta(days=400)
    keep(portal, settings, grown)
    with portal.database.reading() as connection:
        assert [row.came_of_age_at for row in stored.of_kind(connection, "ward")] == [to_ms(grown)]


def test_taking_over_brings_cases_receipts_and_what_was_done(portal: Connector):
    now = portal.clock()
    with portal.database.writing() as connection:
        child = ward(connection)
        case = case_of(connection, child)
        receipts.keep(connection, "r", account=child, case=case, kind="granted", document={}, now=now)
        visit = parent(connection, child, now)
        mandates.did(connection, visit, "note.add", now, case=case)
        grown = person(connection)
        code = coming_of_age.offer_sign_in(connection, child, now)
        coming_of_age.take_over(connection, grown, code, now)
        assert stored.find(connection, child) is None
        assert stored.owner_of(connection, case) == grown.account
        assert [row.id for row in receipts.of_account(connection, grown.account)] == ["r"]
        assert "note.add" in {row.act for row in deeds.of_account(connection, grown.account)}
        # The parent still acts, now for somebody who can see it and who is told.
        (row,) = mandate_rows.given_by(connection, grown.account)
        accounts.may(connection, Visit(visit.account, row), case, "view", now)


# --- reminders and receipts -------------------------------------------------------------------------


def test_reminders_are_one_e_mail_for_all_permissions_and_come_at_their_marks(
    world: World, portal: Connector, settings: PortalSettings
):
    with portal.database.writing() as connection:
        citizen = with_email(connection)
        for _ in range(2):
            permitted(connection, case_of(connection, citizen.account))
        permitted(connection, case_of(connection, citizen.account), status="suspended")
    reminded = []
    for day in range(90):
        if keep(portal, settings, portal.clock())["reminded"]:
            reminded.append(day)
            with portal.database.reading() as connection:
                (row,) = mails.due(connection, portal.clock(), 10)
            assert (row.kind, row.facts) == ("ending", {"count": 2})
            all_sent(portal)
        assert keep(portal, settings, portal.clock())["reminded"] == 0
        world.clock.move(days=1)
    assert reminded == [45, 72, 86]


def test_parents_of_a_ward_are_told_and_nobody_else(portal: Connector, settings: PortalSettings):
    now = portal.clock()
    with portal.database.writing() as connection:
        child = ward(connection)
        case = case_of(connection, child)
        visit = parent(connection, child, now)
        stored.change(connection, visit.account, email="sample@example.org", email_wanted=True)
        citizen = with_email(connection)
        outsider = helper(connection, citizen, now)
        stored.change(connection, outsider.account, email="other@example.org", email_wanted=True)
        asked(connection, case)
        asked(connection, case_of(connection, citizen.account))
    keep(portal, settings, now)
    assert told(portal, Visit(visit.account)) == ["waits"]
    assert told(portal, citizen) == ["waits"]
    assert told(portal, Visit(outsider.account)) == []


def test_what_waits_and_an_emergency_are_told_once(portal: Connector, settings: PortalSettings):
    now = portal.clock()
    with portal.database.writing() as connection:
        citizen = with_email(connection)
        case = case_of(connection, citizen.account)
        for _ in range(3):
            asked(connection, case)
        until = now + timedelta(hours=1)
        access.emergency_opened(
            connection, str(uuid4()), case=case, member="city-housing", body={}, at=now, until=until
        )
    done = keep(portal, settings, now)
    assert (done["waiting_told"], done["emergencies_told"]) == (3, 1)
    assert told(portal, citizen) == ["emergency", "waits"]
    all_sent(portal)
    done = keep(portal, settings, now + timedelta(minutes=1))
    assert (done["waiting_told"], done["emergencies_told"]) == (0, 0)
    assert told(portal, citizen) == ["emergency", "waits"]


def test_a_permission_whose_end_has_come_leaves_one_receipt(portal: Connector, settings: PortalSettings):
    with portal.database.writing() as connection:
        citizen = person(connection)
        consent = permitted(connection, case_of(connection, citizen.account), status="expired")
    for _ in range(2):
        keep(portal, settings, portal.clock())
    with portal.database.reading() as connection:
        (row,) = receipts.of_account(connection, citizen.account)
    assert (row.kind, row.consent) == ("expired", consent)


def test_old_sessions_attempts_and_mails_are_forgotten(portal: Connector, settings: PortalSettings):
    now = portal.clock()
    with portal.database.writing() as connection:
        citizen = with_email(connection)
        sessions.save(connection, "old", {}, now - timedelta(hours=1), now)
        sessions.save(connection, "new", {}, now + timedelta(hours=1), now)
        attempts.count(connection, "bucket", 1, now)
        mails.queue(
            connection,
            account=citizen.account,
            kind="waits",
            language="en",
            facts={},
            now=now - timedelta(days=91),
        )
        (row,) = mails.due(connection, now, 10)
        mails.move(connection, row.id, "sent")
    assert keep(portal, settings, now)["forgotten"] == 3
    with portal.database.reading() as connection:
        assert sessions.find(connection, "new", now) is not None


def test_the_clock_ends_mandates(portal: Connector, settings: PortalSettings):
    now = portal.clock()
    with portal.database.writing() as connection:
        helper(connection, person(connection), now, valid_until=now + timedelta(days=3))
    assert keep(portal, settings, now + timedelta(days=3))["mandates_ended"] == 1
    bring_up_to_date(portal.database)
    assert keep(portal, settings, now + timedelta(days=3))["mandates_ended"] == 0
