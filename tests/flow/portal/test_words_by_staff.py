"""What staff bring on the person's word leaves the same receipts as the pages do, and each only once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import timedelta

import pytest

from connectors.exchange.acts import consents, previews
from connectors.exchange.store import consents as stored
from connectors.portal.store import accounts, mails, receipts
from connectors.portal.upkeep import keep
from tests.flow.exchange.world import START
from tests.flow.portal.life import Life
from tests.flow.portal.test_deciding_forms import allowed, asked, permission


def granted(life: Life, request: str, leave_out: Collection[str] = ()) -> str:
    """Bring a yes as `accord portal grant` does; gives the consent."""
    document = consents.draft(
        life.portal, request, consents.Decision(shown_at=life.now(), leave_out=leave_out)
    )
    consents.grant(life.portal, document, [consents.portal_proof("substantial", START)])
    life.world.settle()
    return str(document["id"])


def kinds(life: Life, citizen: str) -> dict[str, int]:
    with life.portal.database.reading() as connection:
        return dict(Counter(row.kind for row in receipts.of_account(connection, citizen)))


def kept(life: Life, *, minutes: int = 6) -> None:
    life.world.settle()
    life.world.clock.move(minutes=minutes)
    for _ in range(2):
        keep(life.portal, life.pages.settings, life.now())


def test_each_word_has_its_receipt(life, citizen, case):
    consent = granted(life, asked(life, case))
    kept(life)
    assert kinds(life, citizen) == {"granted": 1}
    consents.suspend(life.portal, consent)
    consents.resume(life.portal, consent)
    kept(life)
    assert kinds(life, citizen) == {"granted": 1, "suspended": 1, "resumed": 1}
    consents.withdraw(life.portal, consent)
    consents.refuse(life.portal, asked(life, case))
    kept(life)
    assert kinds(life, citizen) == {"granted": 1, "suspended": 1, "resumed": 1, "withdrawn": 1, "refused": 1}
    text = life.visit(citizen).get("/receipts/").text
    for said in ("You allowed this.", "You did not allow this.", "You took this permission back."):
        assert said in text


def test_a_yes_to_less_says_what_was_left_out(life, citizen, case):
    entry = {"category": "housing", "schema": "housing.tenancy/1", "special": False}
    data = [
        {**entry, "fields": ["rent"], "necessity": "needed"},
        {**entry, "fields": ["landlord"], "necessity": "optional"},
    ]
    granted(life, asked(life, case, data=data), leave_out=("housing",))
    kept(life)
    assert kinds(life, citizen) == {"narrowed": 1}
    with life.portal.database.reading() as connection:
        (row,) = receipts.of_account(connection, citizen)
    assert [each["fields"] for each in row.document["left_out"]] == [["landlord"]]


@pytest.mark.parametrize(("word", "kind"), [("pass", "passed"), ("stop", "stopped")])
def test_a_word_on_a_record_has_its_receipt(life, citizen, case, word, kind):
    consent = granted(life, asked(life, case, preview=True))
    release = life.preview(case, consent)
    previews.pass_on(life.portal, release, word)
    kept(life)
    assert kinds(life, citizen) == {"granted": 1, kind: 1}
    with life.portal.database.reading() as connection:
        (row,) = (row for row in receipts.of_account(connection, citizen) if row.kind == kind)
    assert [each["category"] for each in row.document["data"]] == ["housing"]


def test_what_was_decided_on_pages_has_one_receipt(life, citizen, visit, case):
    allowed(life, visit, asked(life, case))
    consent = permission(life, case).id
    for step in ("suspend", "resume", "withdraw"):
        life.world.settle()
        life.world.clock.move(minutes=1)
        assert visit.post(f"/permissions/{consent}/{step}").status_code == 303
    kept(life, minutes=60)
    assert kinds(life, citizen) == {"granted": 1, "suspended": 1, "resumed": 1, "withdrawn": 1}


def test_pages_are_left_their_moment(life, citizen, case):
    granted(life, asked(life, case))
    kept(life, minutes=4)
    assert kinds(life, citizen) == {}


def test_who_wants_e_mail_hears_that_there_is_a_receipt(life, citizen, case):
    with life.portal.database.writing() as connection:
        accounts.change(connection, citizen, email="sample@example.org", email_wanted=True)
    granted(life, asked(life, case))
    kept(life)
    with life.portal.database.reading() as connection:
        told = [row.kind for row in mails.of_account(connection, citizen)]
    assert told.count("receipt") == 1


def test_a_pause_by_the_clock_is_nobodys_decision(life):
    child = life.ward()
    of_age = life.now() + timedelta(days=5)
    said = {"kind": "parental", "valid_until": of_age, "of_age_on": of_age}
    life.given(child, **said)
    consent = granted(life, asked(life, life.case_of(child)))
    kept(life)
    life.world.clock.move(days=6)
    kept(life)
    with life.portal.database.reading() as connection:
        row = stored.find(connection, consent)
    assert row is not None
    assert row.status == "suspended"
    assert kinds(life, child) == {"granted": 1}
