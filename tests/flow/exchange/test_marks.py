"""What the citizen says is wrong travels with every later copy, each contest until it is settled itself."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.cases.gather import read_case
from connectors.cases.view import Case
from connectors.exchange.acts import access as looking
from connectors.exchange.acts import cases as case_acts
from connectors.exchange.acts import coordination, previews, records
from connectors.exchange.errors import NotHere
from connectors.exchange.outgoing.compose import Letter, seal_and_sign
from connectors.exchange.store import inbox, statements
from schemas.errors import Invalid, StatementMismatch
from schemas.messages.envelope import Authority
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, there

RIGHT = {"landlord": "Habitat Nord", "rent": {"amount": 50000, "currency": "EUR"}}


class Told:
    """A case with one record that was released, and the verbs of those who sit in it."""

    def __init__(self, world: World, **consented: Any) -> None:
        self.world = world
        if consented:
            world.agreed()
            self.case = world.case()
            self.consent = world.consent(self.case, **consented)
            world.invite_source(self.case, self.consent)
        else:
            self.case, self.consent = world.everything()

    def copy(self) -> str:
        request = self.world.request(self.case, self.consent)
        self.world.settle()
        return self.of(DEBT, "record.release/1", request)

    def of(self, member: str, kind: str, re: str | None = None) -> str:
        with self.world.members[member].database.reading() as connection:
            found = [row for row in statements.of_case(connection, self.case) if row.type == kind]
        return str([row.id for row in found if re in {None, row.re}][-1])

    def contest(self, record: str, *fields: str) -> str:
        records.contest(self.world.members[PORTAL], record, "That is not so.", fields)
        self.world.settle()
        return self.of(PORTAL, "record.contest/1")

    def correct(self, record: str, settles: str | None = None) -> str:
        records.correct(self.world.members[HOUSING], record, RIGHT, settles=settles)
        self.world.settle()
        return self.of(DEBT, "record.correct/1")

    def marked(self, record: str, member: str = DEBT) -> bool:
        """Say whether whoever reads this copy is told that the citizen contests it."""
        actor, reason = looking.Actor("worker", "adviser"), looking.Reason("plan")
        return looking.view_record(self.world.members[member], record, actor, reason).contested

    def seen(self, member: str) -> Case:
        connector = self.world.members[member]
        with connector.database.reading() as connection:
            return read_case(connection, connector, self.case, self.world.clock())

    def open_contests(self, member: str) -> set[str]:
        return {
            contest.statement
            for record in self.seen(member).records
            for contest in record.contested
            if not contest.settled
        }


def test_a_mark_stays_when_another_one_of_the_same_record_is_settled(world: World):
    told = Told(world)
    first = told.copy()
    rent, landlord = told.contest(first, "rent"), told.contest(first, "landlord")
    correction = told.correct(first, settles=rent)
    assert told.marked(told.copy())
    assert told.marked(correction)
    for member in (PORTAL, DEBT, HOUSING):
        assert told.open_contests(member) == {landlord}, member
    again = told.correct(first, settles=landlord)
    assert not told.marked(again)
    assert not told.marked(correction)
    assert not told.marked(told.copy())
    for member in (PORTAL, DEBT, HOUSING):
        assert told.open_contests(member) == set(), member


def test_a_correction_that_does_not_answer_the_contest_carries_the_mark(world: World):
    told = Told(world)
    first = told.copy()
    contest = told.contest(first, "rent")
    correction = told.correct(first)
    assert told.marked(correction)
    told.correct(first, settles=contest)
    assert not told.marked(correction)


def test_a_contest_is_settled_by_correcting_a_later_copy(world: World):
    told = Told(world)
    first = told.copy()
    contest = told.contest(first, "rent")
    second = told.copy()
    assert told.marked(second)
    told.correct(second, settles=contest)
    for member in (PORTAL, DEBT, HOUSING):
        assert told.open_contests(member) == set(), member
    assert not told.marked(second)
    assert not told.marked(told.copy())


def test_a_correction_can_be_contested_and_corrected_like_the_record(world: World):
    told = Told(world)
    first = told.copy()
    correction = told.correct(first)
    contest = told.contest(correction, "landlord")
    assert told.marked(correction)
    again = told.correct(correction, settles=contest)
    for member in (PORTAL, DEBT, HOUSING):
        assert told.open_contests(member) == set(), member
    assert told.seen(PORTAL).record(again).chain == (again, correction, first)  # type: ignore[union-attr]  # it was just given
    assert not told.marked(correction)
    assert not told.marked(told.copy())


def test_what_was_contested_at_the_first_look_is_settled_when_it_is_shown_anew(world: World):
    told = Told(world, preview=True)
    request = world.request(told.case, told.consent)
    world.settle()
    (waiting,) = previews.waiting_previews(world.members[PORTAL], told.case)
    contest = told.contest(waiting.statement, "rent")
    records.correct(world.members[HOUSING], waiting.statement, {}, settles=contest)
    world.settle()
    for row in previews.waiting_previews(world.members[PORTAL], told.case):
        if row.release != waiting.release:
            previews.pass_on(world.members[PORTAL], row.release, "pass")
    world.settle()
    assert not told.marked(told.of(DEBT, "record.release/1", request))
    assert told.open_contests(HOUSING) == set()


def test_no_other_kind_of_statement_is_contested_and_no_field_that_is_not_there(world: World):
    told = Told(world)
    first, portal = told.copy(), world.members[PORTAL]
    coordination.add_note(world.members[DEBT], told.case, "A note.")
    world.settle()
    with pytest.raises(NotHere):
        records.contest(portal, told.of(PORTAL, "note.add/1"), "No.", ["text"])
    with pytest.raises(Invalid) as refused:
        records.contest(portal, first, "No.", ["rent", "shoe_size"])
    assert refused.value.facts["path"] == "fields.shoe_size"


def test_a_correction_settles_nothing_but_a_contest_of_its_own_source_s_record_in_this_case(world: World):
    told = Told(world)
    first = told.copy()
    contest = told.contest(first, "rent")
    for wrong in (first, "0c000000-0000-4000-8000-000000000000"):
        with pytest.raises(StatementMismatch):
            records.correct(world.members[HOUSING], first, RIGHT, settles=wrong)
    assert told.marked(first)
    told.correct(first, settles=contest)
    assert not told.marked(first)


def test_a_contest_marks_no_record_of_another_case(world: World):
    """A portal speaks for many people: what it says in one case must not reach into another."""
    told = Told(world)
    first, portal = told.copy(), world.members[PORTAL]
    other = world.case()
    letter = Letter(
        type="record.contest/1",
        schema="record.contest/1",
        content={"statement": first, "text": "That is not so.", "fields": ["rent"]},
        case=other,
        to=(DEBT,),
        authority=Authority("seat"),
        categories=("housing",),
    )
    signed, kept = seal_and_sign(portal, letter, world.clock())
    records.commit(portal, (signed, kept), world.clock())
    world.settle()
    assert not told.marked(first)
    with world.members[DEBT].database.reading() as connection:
        assert [row.reason for row in inbox.aside(connection)] == ["statement_mismatch"]


def test_marks_outlive_the_closing_of_the_case(world: World):
    told = Told(world)
    first = told.copy()
    told.contest(first, "rent")
    case_acts.close(world.members[PORTAL], told.case)
    world.settle()
    case_acts.reopen(world.members[PORTAL], told.case, "once more")
    world.settle()
    with world.members[PORTAL].database.reading() as connection:
        assert there(statements.find(connection, first)).contested
    told.consent = world.consent(told.case)
    world.settle()
    assert told.marked(told.copy())


def test_a_source_that_was_not_there_is_told_when_it_comes_back(world: World):
    """Else it would give the same data again without the mark, to whoever asks next."""
    told = Told(world)
    first, portal = told.copy(), world.members[PORTAL]
    case_acts.end_agencys_seat(portal, told.case, HOUSING)
    world.settle()
    contest = told.contest(first, "rent")
    world.invite_source(told.case, told.consent)
    again = told.copy()
    assert told.marked(again)
    for member in (PORTAL, DEBT, HOUSING):
        record = told.seen(member).record(first)
        assert record is not None
        assert [each.settled for each in record.contested] == [False], (
            member
        )  # once, though it was said twice
    assert told.open_contests(PORTAL) == {contest}
    (theirs,) = told.open_contests(HOUSING)
    told.correct(first, settles=theirs)
    for member in (PORTAL, DEBT, HOUSING):
        assert told.open_contests(member) == set(), member
    assert not told.marked(first)
    assert not told.marked(told.copy())


def test_who_comes_back_is_told_once_and_nobody_who_never_had_the_record(world: World):
    told = Told(world)
    first, portal = told.copy(), world.members[PORTAL]
    told.contest(first, "rent")
    case_acts.end_agencys_seat(portal, told.case, HOUSING)
    world.settle()
    world.invite_source(told.case, told.consent)
    with portal.database.reading() as connection:
        said = [row for row in statements.of_case(connection, told.case) if row.type == "record.contest/1"]
    assert len(said) == 1


def test_the_same_said_twice_is_answered_once(world: World):
    told = Told(world)
    first = told.copy()
    contest = told.contest(first, "rent")
    records.contest(world.members[PORTAL], first, "That is not so.", ["rent"])  # pressed twice
    world.settle()
    for member in (PORTAL, DEBT, HOUSING):
        assert told.open_contests(member) == {contest}, member
    told.correct(first, settles=contest)
    for member in (PORTAL, DEBT, HOUSING):
        assert told.open_contests(member) == set(), member
    assert not told.marked(first)
