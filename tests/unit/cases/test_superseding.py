"""What was got by a permission that was superseded: it goes, or lives on and goes with the newest one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.cases.view_access import Erasure
from tests.flow.exchange.world import KEPT
from tests.unit.cases.story import BY_DEBT, BY_HOUSING, DEBT, HOUSING, Story, consent_of


def _data(*fields: str) -> list[dict[str, Any]]:
    return [{"category": "housing", "schema": "housing.tenancy/1", "fields": list(fields)}]


def _board(
    story: Story, member: str = DEBT, *, days: float = 0, seconds: float = 0
) -> list[tuple[str, str, datetime | None]]:
    """Say what one organisation has to delete, why, and since when."""
    return [
        (each.message, each.why, each.due_since)
        for each in story.seen_by(days=days, seconds=seconds).erasures
        if each.member == member
    ]


def _asked(story: Story) -> str:
    return next(each.message for each in story.entries if each.name == "record.request")


def test_what_the_new_permission_covers_lives_on():
    story = Story()
    grant, _ = story.whole()
    story.grant(supersedes=consent_of(grant))
    assert story.seen_by().erasures == ()


def test_what_the_new_permission_leaves_out_has_to_go_from_that_moment():
    story = Story()
    grant, record = story.whole()
    newer = story.grant(supersedes=consent_of(grant), data=_data("landlord"))
    assert _board(story) == [(record.message, "superseded", newer.at)]
    assert _board(story, HOUSING) == [(_asked(story), "superseded", newer.at)]
    (each,) = [each for each in story.seen_by().erasures if each.member == DEBT]
    assert (each.consent, each.lived_by) == (consent_of(grant), consent_of(grant))
    assert [each.words for each in story.seen_by().waits_for(DEBT)] == ["confirm_erasure"]


def test_who_it_went_to_and_who_gave_it_see_the_same():
    story = Story()
    grant, record = story.whole()
    newer = story.grant(supersedes=consent_of(grant), data=_data("landlord"))
    for seat in (BY_DEBT, BY_HOUSING):
        found = [each for each in story.seen_by(seat).erasures if each.member == DEBT]
        assert [(each.message, each.due_since) for each in found] == [(record.message, newer.at)]


def test_when_the_newest_is_taken_back_the_copies_of_the_whole_chain_go():
    story = Story()
    grant, record = story.whole()
    second = story.grant(supersedes=consent_of(grant))
    under_second = story.release(second)
    third = story.grant(supersedes=consent_of(second))
    withdrawn = story.move("withdraw", third)
    assert sorted(_board(story)) == sorted(
        (each.message, "withdrawn", withdrawn.at) for each in (record, under_second)
    )
    assert {each.lived_by for each in story.seen_by().erasures} == {consent_of(third)}


def test_what_an_earlier_one_left_out_is_not_brought_back_by_a_later_one():
    story = Story()
    grant, record = story.whole()
    second = story.grant(supersedes=consent_of(grant), data=_data("landlord"))
    story.grant(supersedes=consent_of(second))
    assert _board(story) == [(record.message, "superseded", second.at)]


def test_what_a_permission_lets_stay_stays_when_the_new_one_leaves_it_out():
    story = Story()
    story.begin()
    grant = story.grant(on_withdrawal=KEPT)
    record = story.release(grant)
    story.grant(supersedes=consent_of(grant), data=_data("landlord"))
    assert story.seen_by().erasures == ()
    assert [each[:2] for each in _board(story, days=181)] == [(record.message, "data_life")]


def test_the_newest_says_whether_copies_go_when_it_is_taken_back():
    story = Story()
    grant, _ = story.whole()
    newer = story.grant(supersedes=consent_of(grant), on_withdrawal=KEPT)
    story.move("withdraw", newer)
    assert story.seen_by().erasures == ()


@pytest.mark.parametrize(("days", "over"), [(30, 30), (360, 180)])
def test_a_new_decision_makes_the_time_of_copies_shorter_and_never_longer(days: int, over: int):
    story = Story()
    grant, record = story.whole()
    story.grant(supersedes=consent_of(grant), data_life={"days": days})
    until = record.at + timedelta(days=over)
    before = (until - story.now - timedelta(seconds=1)).total_seconds()
    assert _board(story, seconds=before) == []
    assert _board(story, seconds=before + 1) == [(record.message, "data_life", until)]


def test_a_copy_that_is_older_than_the_new_time_has_to_go_since_the_decision():
    story = Story()
    grant, record = story.whole()
    story.counted += 60 * 24 * 40  # minutes: forty days later
    newer = story.grant(supersedes=consent_of(grant), data_life={"days": 30})
    assert _board(story) == [(record.message, "data_life", newer.at)]


def test_the_copies_go_when_the_newest_was_declared_invalid():
    story = Story()
    grant, record = story.whole()
    newer = story.grant(supersedes=consent_of(grant))
    story.here("consent", consent_of(grant), status="superseded")
    story.counted += 10
    known = story.here("consent", consent_of(newer), status="invalidated")
    assert _board(story) == [(record.message, "withdrawn", known.at)]


def test_a_permission_that_was_declared_invalid_has_copies_that_go():
    story = Story()
    grant, record = story.whole()
    story.counted += 10
    known = story.here("consent", consent_of(grant), status="invalidated")
    assert _board(story) == [(record.message, "withdrawn", known.at)]


@pytest.mark.parametrize("status", ["granted", "invalidated"])
def test_a_new_permission_that_is_not_proven_lets_nothing_go(status: str):
    story = Story()
    grant, _ = story.whole()
    newer = story.grant(supersedes=consent_of(grant), data=_data("landlord"))
    story.here("consent", consent_of(grant), status="granted", proven=True)
    story.here("consent", consent_of(newer), status=status, proven=False)
    assert story.seen_by(BY_DEBT).erasures == ()


def test_shared_work_by_a_permission_goes_with_its_part():
    story = Story()
    story.begin()
    shared = {"category": "coordination", "schema": "coordination.shared/1"}
    grant = story.grant(data=[{**shared, "fields": ["notes", "messages"]}])
    said: dict[str, Any] = {"basis": story.basis(grant), "categories": ("coordination",)}
    note = story.say("note.add", HOUSING, [DEBT, "citizen"], {"text": "Called."}, **said)
    story.say("message.send", HOUSING, [DEBT, "citizen"], {"text": "Hello."}, **said)
    story.grant(supersedes=consent_of(grant), data=[{**shared, "fields": ["messages", "documents"]}])
    assert [each[:2] for each in _board(story)] == [(note.message, "superseded")]


def test_a_request_goes_when_the_person_is_not_to_be_found_by_that_any_more():
    story = Story()
    grant, _ = story.whole()
    newer = story.grant(supersedes=consent_of(grant), identify_with=["birth_date"])
    assert _board(story) == []
    assert _board(story, HOUSING) == [(_asked(story), "superseded", newer.at)]


def test_a_record_goes_when_the_new_permission_is_about_a_shorter_period():
    story = Story()
    story.begin()
    year = {"from": "2030-01-01", "to": "2030-12-31"}
    grant = story.grant(data_period=year)
    record = story.release(grant)
    story.grant(supersedes=consent_of(grant), data_period={**year, "to": "2030-11-30"})
    assert [each[0] for each in _board(story)] == [record.message]


def _confirmed(erasures: Sequence[Erasure]) -> list[str | None]:
    return [each.lived_by for each in erasures if each.confirmed_at is not None]


def test_a_confirmation_stands_with_the_permission_that_was_taken_back():
    story = Story()
    grant, record = story.whole()
    newer = story.grant(supersedes=consent_of(grant))
    story.move("withdraw", newer)
    story.erased(record)
    assert _confirmed(story.seen_by().erasures) == [consent_of(newer)]
