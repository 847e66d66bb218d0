"""A correction reaches everyone who still holds a copy, each for its own copy."""

from __future__ import annotations

import pytest

from connectors.exchange.acts import agreements, previews, records
from connectors.exchange.acts import cases as case_acts
from connectors.exchange.acts import consents as consent_acts
from connectors.exchange.store import outbox, statements
from schemas.errors import ConsentNotInForce
from schemas.messages.envelope import Authority
from tests.flow.exchange.corrected import RENT, RIGHT, Life
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, agreement_document, there
from tests.wsgi import cut

FOOD = "food-bank"


@pytest.fixture
def life(world: World) -> Life:
    return Life(world, *world.everything())


def test_who_fetched_the_record_again_gets_the_correction_for_each_copy(life: Life) -> None:
    first = life.copy()
    contest = life.contest(first, "rent")
    second = life.copy()
    assert life.marked(second)
    life.correct(first, contest)
    for member in (DEBT, PORTAL):
        assert life.corrected(member) == {first: RENT, second: RENT}, member
    assert not life.marked(first)
    assert not life.marked(second)
    for member in (DEBT, PORTAL, HOUSING):
        assert life.unsettled(member) == set(), member
        latest = [each for each in life.seen(member).records if each.latest]
        assert [each.in_dispute for each in latest] == [False, False], member
    life.nothing_amiss()


def test_the_citizen_sees_each_correction_and_to_whom_it_went(life: Life) -> None:
    first = life.copy()
    contest = life.contest(first, "rent")
    second = life.copy()
    life.correct(first, contest)
    seen = life.seen(PORTAL)
    told = [line for line in seen.timeline if line.words == "record.correct"]
    assert [line.facts["to"] for line in told] == [(DEBT,), (DEBT,)]
    for copy in (first, second):
        record = seen.record(copy)
        assert record is not None
        (correction,) = record.corrected_by
        assert record.chain == (correction, copy)


def test_a_copy_from_before_the_contested_one_is_corrected_too(life: Life) -> None:
    first, second = life.copy(), life.copy()
    life.correct(second, life.contest(second, "rent"))
    assert set(life.corrected(DEBT)) == {first, second}
    life.nothing_amiss()


def test_an_answer_that_changes_nothing_settles_for_each_copy(life: Life) -> None:
    first = life.copy()
    contest = life.contest(first, "rent")
    second = life.copy()
    said = dict(there(life.seen(DEBT).record(second)).content or {})  # type: ignore[arg-type]  # gives what is there
    life.correct(first, contest, **said)
    assert life.corrected(DEBT) == {first: said, second: said}
    assert not life.marked(second)


def test_a_correction_brings_a_copy_no_more_than_was_asked_for_it(life: Life) -> None:
    first = life.copy()
    second = life.copy(categories={"housing": ["rent"]})
    third = life.copy(categories={"housing": ["landlord"]})
    life.world.clock.move(minutes=1)
    life.correct(first, life.contest(first, "rent"))
    assert life.corrected(DEBT) == {first: RENT, second: {"rent": RIGHT["rent"]}}
    assert third not in life.corrected(PORTAL)


def test_a_copy_that_has_the_mark_but_not_the_contested_field_loses_the_mark(life: Life) -> None:
    first = life.copy()
    contest = life.contest(first, "rent")
    second = life.copy(categories={"housing": ["landlord"]})
    assert life.marked(second)
    life.correct(first, contest)
    assert not life.marked(second)
    assert life.corrected(DEBT)[second] == {"landlord": "Habitat Nord"}


def test_a_copy_that_was_erased_gets_no_correction(life: Life) -> None:
    life.copy()
    consent_acts.withdraw(life.world.members[PORTAL], life.consent)
    life.world.settle()
    life.consent = life.world.consent(life.case)
    kept = life.copy()
    life.correct(kept, life.contest(kept, "rent"))
    assert set(life.corrected(DEBT)) == {kept}
    assert set(life.corrected(PORTAL)) == {kept}
    life.nothing_amiss()


def test_a_copy_whose_time_was_over_gets_no_correction(world: World) -> None:
    life = Life(world, *world.everything(consent={"data_life": {"days": 2}}))
    old = life.copy()
    world.clock.move(hours=47)
    world.settle()
    new = life.copy()
    world.clock.move(hours=2)
    world.settle()
    life.correct(new, life.contest(new, "rent"))
    assert set(life.corrected(DEBT)) == set(life.corrected(PORTAL)) == {new}
    assert old in {row.id for row in life.rows(PORTAL, "record.release/1")}
    life.nothing_amiss()


def test_what_waits_for_the_citizens_word_is_shown_anew_with_a_correction(world: World) -> None:
    life, portal = Life(world, *world.everything(consent={"preview": True})), world.members[PORTAL]

    def look() -> str:
        world.settle()
        return str(previews.waiting_previews(portal, life.case)[-1].release)

    world.request(life.case, life.consent)
    previews.pass_on(portal, look(), "pass")
    world.settle()
    record = life.last(DEBT, "record.release/1")
    world.request(life.case, life.consent)
    waits = look()
    life.correct(record, life.contest(record, "rent"))
    assert look() != waits
    assert life.corrected(DEBT) == {record: RENT}
    life.nothing_amiss()


def test_without_the_coordinator_a_correction_waits_like_everything_else(life: Life) -> None:
    record, line = life.copy(), life.world.lines[HOUSING]
    contest = life.contest(record, "rent")
    line.before = cut
    records.correct(life.world.members[HOUSING], record, RIGHT, settles=contest)
    line.before = None
    life.world.settle()
    assert life.corrected(DEBT) == {record: RENT}


def test_what_no_agency_holds_any_more_is_put_right_for_the_citizen(life: Life) -> None:
    record = life.copy()
    contest = life.contest(record, "rent")
    consent_acts.withdraw(life.world.members[PORTAL], life.consent)
    life.world.settle()
    life.correct(record, contest)
    assert life.corrected(PORTAL) == {record: RENT}
    assert life.corrected(DEBT) == {}
    assert life.unsettled(PORTAL) == life.unsettled(HOUSING) == set()
    for member in (PORTAL, HOUSING, DEBT):
        assert life.owed(member) == [], member
    life.nothing_amiss()


def test_while_its_permission_is_paused_a_copy_waits_for_its_correction(life: Life) -> None:
    record = life.copy()
    contest = life.contest(record, "rent")
    consent_acts.suspend(life.world.members[PORTAL], life.consent)
    life.world.settle()
    with pytest.raises(ConsentNotInForce):
        life.correct(record, contest)
    assert life.unsettled(HOUSING) == {contest}


def test_a_copy_that_a_new_decision_carries_over_is_corrected_by_that_one(life: Life) -> None:
    record = life.copy()
    newer = life.world.consent(life.case, supersedes=life.consent)
    life.correct(record, life.contest(record, "rent"))
    assert life.corrected(DEBT) == {record: RENT}
    (row,) = life.rows(DEBT, "record.correct/1")
    assert row.consent == newer
    life.nothing_amiss()


def test_a_record_is_corrected_in_a_closed_case_for_the_citizen(life: Life) -> None:
    record = life.copy()
    contest = life.contest(record, "rent")
    case_acts.close(life.world.members[PORTAL], life.case)
    life.world.settle()
    life.correct(record, contest)
    assert life.corrected(PORTAL) == {record: RENT}
    for member in (PORTAL, HOUSING, DEBT):
        assert life.owed(member) == [], member
    assert life.unsettled(PORTAL) == life.unsettled(HOUSING) == set()
    life.nothing_amiss()


def test_what_is_contested_after_closing_is_answered_after_closing(life: Life) -> None:
    record = life.copy()
    said = dict(there(life.seen(PORTAL).record(record)).content or {})  # type: ignore[arg-type]  # gives what is there
    case_acts.close(life.world.members[PORTAL], life.case)
    life.world.settle()
    contest = life.contest(record, "rent")
    assert life.owed(PORTAL) == ["settle_contest"]
    life.correct(record, contest, **said)
    assert life.owed(PORTAL) == life.owed(HOUSING) == []
    life.nothing_amiss()


def test_what_was_settled_after_closing_is_not_in_dispute_when_the_case_goes_on(life: Life) -> None:
    record = life.copy()
    contest = life.contest(record, "rent")
    case_acts.close(life.world.members[PORTAL], life.case)
    life.world.settle()
    life.correct(record, contest)
    case_acts.reopen(life.world.members[PORTAL], life.case, "once more")
    life.world.settle()
    life.consent = life.world.consent(life.case)
    again = life.copy()
    assert not life.marked(again)
    for member in (PORTAL, DEBT, HOUSING):
        assert not there(life.seen(member).record(again)).in_dispute, member  # type: ignore[arg-type]  # gives what is there


@pytest.fixture
def with_another(world: World) -> Life:
    """A case in which two agencies ask the same source by one consent."""
    world.agencies()
    world.enrol(FOOD, "charity")
    document = agreement_document(world.members, world.clock())
    (flow,) = document["flows"]
    document["flows"] = [flow, {**flow, "recipient": FOOD, "fields": ["rent"]}]
    ref = agreements.propose(world.members[HOUSING], document)
    world.settle()
    for member in (DEBT, FOOD):
        agreements.sign(world.members[member], ref)
        world.settle()
    case = world.case()
    controllers = [{"member": each, "name": each} for each in (DEBT, FOOD)]
    consent = world.consent(case, recipients=[DEBT, FOOD], controllers=controllers)
    for member in (FOOD, HOUSING):
        case_acts.invite_agency(world.members[DEBT], case, member, Authority("consent", consent))
        world.settle()
    return Life(world, case, consent)


def test_another_recipient_gets_the_correction_for_its_own_copy(with_another: Life) -> None:
    life = with_another
    first = life.copy()
    contest = life.contest(first, "rent")
    second = life.copy(FOOD, categories={"housing": ["rent"]})
    assert life.marked(second, FOOD)
    life.correct(first, contest)
    life.nothing_amiss()
    assert life.corrected(DEBT) == {first: RENT}
    assert life.corrected(FOOD) == {second: {"rent": RIGHT["rent"]}}
    assert set(life.corrected(PORTAL)) == {first, second}
    assert not life.marked(second, FOOD)
    life.nothing_amiss()


def test_who_has_left_the_case_does_not_stop_the_correction_of_the_others(with_another: Life) -> None:
    life = with_another
    first, second = life.copy(), life.copy(FOOD, categories={"housing": ["rent"]})
    contest = life.contest(second, "rent")
    case_acts.leave(life.world.members[FOOD], life.case)
    life.world.settle()
    life.correct(second, contest)
    assert set(life.corrected(PORTAL)) == {first, second}
    assert life.corrected(DEBT) == {first: RENT}
    assert life.corrected(FOOD) == {}
    assert life.unsettled(PORTAL) == life.unsettled(HOUSING) == set()
    with life.world.members[HOUSING].database.reading() as connection:
        assert outbox.failed(connection) == []


def test_who_heard_of_no_contest_keeps_the_mark_until_the_last_is_settled(with_another: Life) -> None:
    life = with_another
    first = life.copy()
    rent, landlord = life.contest(first, "rent"), life.contest(first, "landlord")
    second = life.copy(FOOD, categories={"housing": ["rent"]})
    life.correct(first, rent)
    assert life.marked(second, FOOD)
    between = life.last(FOOD, "record.correct/1")
    assert life.marked(between, FOOD)
    life.correct(first, landlord)
    for each in (second, between, life.last(FOOD, "record.correct/1")):
        assert not life.marked(each, FOOD)
    assert not there(life.seen(FOOD).record(between)).in_dispute  # type: ignore[arg-type]  # gives what is there


def test_a_correction_of_what_is_erased_here_brings_nothing_back(life: Life) -> None:
    """It crossed the end of the copy's time on its way."""
    record = life.copy()
    with life.world.members[DEBT].database.writing() as connection:
        statements.wipe(connection, there(statements.find(connection, record)), "data_life")
    records.correct(life.world.members[HOUSING], record, RIGHT)
    life.world.settle()
    assert life.corrected(DEBT) == {}
    assert [row.erased_why for row in life.rows(DEBT, "record.correct/1")] == ["data_life"]
    life.nothing_amiss()
