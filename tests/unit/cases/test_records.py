"""Records in a case: corrections, contests and erasure end the same in whatever order they come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.cases.entry import Entry
from connectors.cases.fold import fold
from connectors.cases.view import Record
from tests.unit.cases.story import BY_CITIZEN, BY_DEBT, BY_HOUSING, DEBT, HOUSING, TENANCY, Story


def _latest(story: Story) -> Record:
    (found,) = [each for each in story.seen_by().records if each.latest]
    return found


def test_a_contest_that_comes_before_its_record_is_on_it():
    story = Story()
    _, record = story.whole()
    contest = story.contest(record)
    backwards = fold(reversed(story.entries), seat=BY_CITIZEN, now=story.now)
    (shown,) = backwards.records
    assert [(each.statement, each.fields, each.settled) for each in shown.contested] == [
        (contest.id, ("rent",), False)
    ]
    assert shown.in_dispute


def test_a_correction_that_comes_before_its_record_stands_above_it():
    story = Story()
    _, record = story.whole()
    first = story.correct(record)
    second = story.correct(first, rent=40000)
    for entries in (story.entries, story.entries[::-1]):
        case = fold(entries, seat=BY_CITIZEN, now=story.now)
        (latest,) = [each for each in case.records if each.latest]
        assert latest.statement == second.id
        assert latest.chain == (second.id, first.id, record.id)
        assert (latest.schema, latest.content["rent"]["amount"]) == ("housing.tenancy/1", 40000)  # type: ignore[index]  # it has content
        assert {each.statement: each.corrected_by for each in case.records} == {
            record.id: (first.id,),
            first.id: (second.id,),
            second.id: (),
        }


def test_a_copy_is_in_dispute_where_its_source_says_that_an_earlier_one_is_contested():
    story = Story()
    _, record = story.whole()
    marked = [replace(each, contested=True) if each.id == record.id else each for each in story.entries]
    (there,) = fold(marked, seat=BY_DEBT, now=story.now).records
    assert there.in_dispute
    (at_source,) = fold(marked, seat=BY_HOUSING, now=story.now).records
    assert not at_source.in_dispute  # who marks it knows whether it is settled


def test_only_the_correction_that_names_a_contest_settles_it():
    story = Story()
    _, record = story.whole()
    contest = story.contest(record)
    story.correct(record)
    assert not _latest(story).contested[0].settled
    settling = story.correct(record, settles=contest)
    (shown,) = _latest(story).contested
    assert (shown.settled, shown.settled_by, shown.settled_at) == (True, settling.id, settling.at)
    assert not _latest(story).in_dispute


def test_nobody_but_its_source_corrects_a_record():
    story = Story()
    _, record = story.whole()
    contest = story.contest(record)
    content = {"statement": record.id, "record": {"rent": 1}, "settles": contest.id}
    story.say("record.correct", DEBT, [HOUSING, "citizen"], content, basis=record.basis)
    shown = story.seen_by().record(record.id)
    assert shown is not None
    assert (shown.latest, shown.corrected_by, shown.contested[0].settled) == (True, (), False)


def test_nobody_but_the_citizen_contests_a_record():
    story = Story()
    _, record = story.whole()
    content = {"statement": record.id, "text": "No.", "fields": ["rent"]}
    story.say("record.contest", DEBT, [HOUSING, "citizen"], content)
    assert _latest(story).contested == ()


def test_a_contest_travels_to_a_later_copy_that_still_says_the_same():
    story = Story()
    grant, record = story.whole()
    contest = story.contest(record)
    same = story.release(grant)
    put_right = story.release(grant, content={**TENANCY, "rent": {"amount": 50000, "currency": "EUR"}})
    case = story.seen_by()
    assert [each.statement for each in case.record(same.id).carried] == [contest.id]  # type: ignore[union-attr]  # released above
    assert case.record(put_right.id).carried == ()  # type: ignore[union-attr]  # released above
    story.correct(record, settles=contest)
    assert story.seen_by().record(same.id).carried == ()  # type: ignore[union-attr]  # released above


def test_what_was_erased_says_when_and_why_and_keeps_its_place():
    story = Story()
    _, record = story.whole()
    story.erase(record, "data_life")
    shown = _latest(story)
    assert (shown.held, shown.content, shown.erased_why) == ("erased", None, "data_life")
    assert (shown.issuer, shown.category, shown.log_index) == (HOUSING, "housing", record.log_index)


def test_a_source_that_keeps_no_content_of_its_corrections_still_sees_what_they_settle():
    story = Story()
    _, record = story.whole()
    contest = story.contest(record)
    correction = story.correct(record, settles=contest)
    story.change(record, content=None, held="elsewhere")
    story.change(contest, contested=False)
    story.change(correction, content=None, held="elsewhere")
    seen = story.seen_by(BY_HOUSING)
    assert {each.statement: each.latest for each in seen.records} == {record.id: False, correction.id: True}
    assert seen.records[0].contested[0].settled
    assert {each.why: each.count for each in seen.hidden}["kept_in_own_system"] == 2


def test_a_source_that_settles_one_of_two_contests_still_has_the_other():
    story = Story()
    _, record = story.whole()
    rent, landlord = story.contest(record), story.contest(record, ["landlord"])
    correction = story.correct(record, settles=rent)
    for each in (record, correction):
        story.change(each, content=None, held="elsewhere")
    story.change(rent, contested=False)
    story.change(landlord, contested=True)
    found = {each.statement: each.settled for each in story.seen_by(BY_HOUSING).records[0].contested}
    assert found == {rent.id: True, landlord.id: False}


def test_a_contest_is_settled_by_the_correction_of_whichever_copy_names_it():
    story = Story()
    grant, record = story.whole()
    contest = story.contest(record)
    later = story.release(grant)
    correction = story.correct(later, settles=contest)
    found = story.seen_by().record(record.id)
    assert found is not None
    assert [(each.settled, each.settled_by) for each in found.contested] == [(True, correction.id)]


def test_another_organisation_s_correction_settles_nothing_that_is_not_its_own():
    story = Story()
    _, record = story.whole()
    contest = story.contest(record)
    own = story.say("record.release", DEBT, ["citizen"], TENANCY, categories=("housing",), basis=record.basis)
    content = {"statement": own.id, "record": TENANCY, "settles": contest.id}
    story.say("record.correct", DEBT, ["citizen"], content, categories=("housing",), basis=record.basis)
    found = story.seen_by().record(record.id)
    assert found is not None
    assert not found.contested[0].settled


def test_what_is_shown_anew_before_it_is_passed_on_takes_the_place_of_the_first_look():
    story = Story()
    story.begin()
    grant = story.grant()
    asked = story.request(grant)

    def look(rent: int) -> Entry:
        content = {**TENANCY, "rent": {"amount": rent, "currency": "EUR"}}
        return replace_last(story, story.release(grant, asked, content=content), to=("citizen",))

    first = look(61200)
    contest = story.contest(first)
    same = look(61200)
    assert [each.settled for each in story.seen_by().records[0].contested] == [False]
    right = look(50000)
    for entries in (story.entries, story.entries[::-1]):
        case = fold(entries, seat=BY_CITIZEN, now=story.now)
        assert [each.statement for each in case.records if each.latest] == [right.id]
        assert case.records[0].chain == (right.id, same.id, first.id)
        (shown,) = case.records[0].contested
        assert (shown.statement, shown.settled_by) == (contest.id, right.id)


def replace_last(story: Story, entry: Entry, **changed: Any) -> Entry:
    story.entries[-1] = replace(entry, **changed)
    return story.entries[-1]


def test_two_that_correct_each_other_are_one_record():
    story = Story()
    story.begin()
    first = story.say("record.correct", HOUSING, [DEBT], {"statement": "s0006", "record": {}})
    second = story.say("record.correct", HOUSING, [DEBT], {"statement": first.id, "record": {}})
    assert second.id == "s0006"
    found = story.seen_by(BY_DEBT).records
    assert [each.latest for each in found] == [True, False]
    assert {each.chain for each in found} == {(second.id, first.id)}


def test_entries_of_two_cases_are_refused():
    story = Story()
    story.begin()
    story.change(story.entries[0], case="another")
    with pytest.raises(ValueError, match="2 cases"):
        story.seen_by()
    with pytest.raises(ValueError, match="0 cases"):
        fold([], seat=BY_CITIZEN, now=story.now)
