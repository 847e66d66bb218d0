"""What staff hold back after an e-mail began to wait is not told by it: asked again when it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.portal.acting import mandates
from connectors.portal.mail.send import send_due
from connectors.portal.store import accounts, mails, receipts
from connectors.portal.upkeep import keep
from tests.flow.exchange.world import HOUSING
from tests.flow.portal.life import Life
from tests.flow.portal.post_office import PostOffice
from tests.flow.portal.test_shielding import keep_from

ADDRESS = "sample@example.org"


@pytest.fixture
def office(post_office: PostOffice) -> Iterator[PostOffice]:
    post_office.start()
    yield post_office
    post_office.stop()


def wants_mail(life: Life, account: str, language: str = "en") -> None:
    with life.portal.database.writing() as connection:
        accounts.change(connection, account, email=ADDRESS, email_wanted=True, language=language)


def sent(life: Life, office: PostOffice) -> list[str]:
    """Send what waits; gives what arrived, in the order of its words."""
    send_due(life.portal, office.settings(), life.now())
    taken = sorted(str(each.get_content()) for each in office.taken)
    office.taken.clear()
    return taken


def waiting(life: Life, account: str) -> list[str]:
    with life.portal.database.reading() as connection:
        found = mails.of_account(connection, account)
    return sorted(row.kind for row in found if row.state == "queued")


def hold_back(life: Life, mandate: str, days: int = 30) -> None:
    said: Any = {"ground": "care", "by_role": "lead", "now": life.now()}
    with life.portal.database.writing() as connection:
        mandates.hold_back(connection, mandate, review_at=life.now() + timedelta(days=days), **said)


def acted(life: Life, citizen: str, case: str, **given: Any) -> str:
    """Let a delegate of a citizen refuse a request; gives the mandate."""
    request = life.asked(case)
    delegate, mandate, _ = life.given(citizen, **given)
    visit = life.visit(delegate, mandate)
    assert visit.post(f"/requests/{request}", decision="refuse").status_code == 303
    return mandate


def test_what_a_delegate_did_is_not_told_once_staff_hold_it_back(life: Life, office: PostOffice):
    citizen = life.person()
    case = life.case_of(citizen)
    wants_mail(life, citizen)
    mandate = acted(life, citizen, case)
    assert waiting(life, citizen) == ["delegate_acted", "receipt"]
    hold_back(life, mandate)
    assert sent(life, office) == []
    assert waiting(life, citizen) == []
    life.world.clock.move(days=31)
    keep(life.portal, office.settings(), life.now())
    assert any("acts for you" in each for each in sent(life, office)), "on its day it is told"


def test_what_another_delegate_did_is_told_all_the_same(life: Life, office: PostOffice):
    citizen = life.person()
    case = life.case_of(citizen)
    wants_mail(life, citizen)
    mandate = acted(life, citizen, case)
    acted(life, citizen, case)
    assert waiting(life, citizen) == ["delegate_acted", "receipt"], "one e-mail stands for both"
    hold_back(life, mandate)
    assert len(sent(life, office)) == 2


def test_an_email_that_could_not_be_sent_is_looked_at_again_each_time(life: Life, post_office: PostOffice):
    citizen = life.person()
    case = life.case_of(citizen)
    wants_mail(life, citizen)
    mandate = acted(life, citizen, case)
    assert sent(life, post_office) == [], "the server is away"
    hold_back(life, mandate)
    post_office.start()
    life.world.clock.move(minutes=2)
    assert sent(life, post_office) == []
    assert waiting(life, citizen) == []


@pytest.fixture
def family(life: Life) -> tuple[str, str, list[tuple[str, str]]]:
    """A child, its case, and two parents who want e-mail: account and mandate."""
    child = life.ward()
    case = life.case_of(child)
    parents = life.parents(child)
    for account, _ in parents:
        wants_mail(life, account)
    return child, case, parents


Family = tuple[str, str, list[tuple[str, str]]]


def test_of_a_case_that_is_kept_from_a_holder_nothing_that_waits_is_told(
    life: Life, office: PostOffice, family: Family
):
    _, case, ((one, by_one), (other, by_other)) = family
    request = life.asked(case)
    life.portal.directory.member(HOUSING)
    life.visit(other, by_other).post(f"/cases/{case}/invite", member=HOUSING)
    assert waiting(life, one) == ["waits"]
    life.visit(other, by_other).post(f"/requests/{request}", decision="refuse")
    assert waiting(life, one) == ["receipt", "waits"]
    keep_from(life, by_one, case)
    (only,) = sent(life, office)
    assert "A decision was recorded." in only, "to the other, who decided"
    assert waiting(life, one) == []


def test_of_a_case_that_is_not_kept_from_them_they_are_told(life: Life, office: PostOffice, family: Family):
    child, case, ((one, by_one), _) = family
    life.asked(case)
    life.asked(life.case_of(child))
    keep(life.portal, office.settings(), life.now())
    assert waiting(life, one) == ["waits"]
    keep_from(life, by_one, case)
    assert len(sent(life, office)) == 2


def test_a_reminder_counts_only_what_its_reader_may_see(life: Life, office: PostOffice, family: Family):
    child, case, ((one, by_one), (other, _)) = family
    for each in (case, life.case_of(child)):
        life.world.consent(each)
    life.world.clock.move(days=60)
    keep(life.portal, office.settings(), life.now())
    assert "ending" in waiting(life, one)
    keep_from(life, by_one, case)
    with life.portal.database.writing() as connection:
        accounts.change(connection, other, email_wanted=False)
    (reminder,) = [each for each in sent(life, office) if "reminder" in each]
    assert "(1)" in reminder


def test_who_acts_for_nobody_any_more_is_not_told(life: Life, office: PostOffice, family: Family):
    _, case, ((one, by_one), _) = family
    life.asked(case)
    keep(life.portal, office.settings(), life.now())
    assert waiting(life, one) == ["waits"]
    with life.portal.database.writing() as connection:
        mandates.end_by_staff(connection, by_one, "court", life.now())
    assert len(sent(life, office)) == 1, "to the other"


# --- what time has ended ----------------------------------------------------------------------------

ENDED = {"en": "The time of a permission is over", "fr": "La durée d’une autorisation est écoulée"}


@pytest.mark.parametrize("language", ENDED)
def test_of_what_time_has_ended_nobody_is_told_that_somebody_decided(
    life: Life, office: PostOffice, citizen: str, case: str, language: str
):
    life.world.consent(case)
    life.world.clock.move(minutes=10)
    keep(life.portal, office.settings(), life.now())  # the receipt of the yes is given
    wants_mail(life, citizen, language)
    life.world.clock.move(days=400)
    life.world.settle()
    keep(life.portal, office.settings(), life.now())
    with life.portal.database.reading() as connection:
        assert {row.kind for row in receipts.of_account(connection, citizen)} == {"granted", "expired"}
    told = sent(life, office)
    assert [ENDED[language] in each for each in told].count(True) == 1
    assert not [each for each in told if "decision" in each.lower() or "décision" in each.lower()]
