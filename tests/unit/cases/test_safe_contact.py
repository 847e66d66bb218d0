"""How the citizen may safely be reached: their newest word holds, in whatever order the words arrive."""

from __future__ import annotations

from itertools import permutations

import pytest

from connectors.cases.entry import Entry
from connectors.cases.fold import fold
from connectors.cases.view import SafeContact, Seat
from tests.unit.cases.story import BY_CITIZEN, BY_DEBT, DEBT, HOUSING, PORTAL, SEAT, Story


def said_by(story: Story, by: str, text: str, to: tuple[str, ...] = (DEBT, HOUSING)) -> Entry:
    content = {"text": text, "kind": "safe_contact"}
    return story.say("note.add", by, list(to), content, basis=SEAT, categories=("coordination",))


@pytest.fixture
def story() -> Story:
    made = Story()
    made.begin()
    made.join(HOUSING)
    return made


def shown(story: Story) -> str | None:
    found = story.seen_by().safe_contact
    return None if found is None else found.text


def test_there_is_none_until_the_citizen_says_so(story: Story):
    story.note(PORTAL)
    assert story.seen_by().safe_contact is None


@pytest.mark.parametrize("seat", [BY_CITIZEN, BY_DEBT])
def test_the_newest_holds_for_every_seat_and_in_any_order(story: Story, seat: Seat):
    before = list(story.entries)
    said = [said_by(story, PORTAL, f"Only by letter, {number}.") for number in range(3)]
    last = said[-1]
    expected = SafeContact(last.id, "Only by letter, 2.", last.at, tuple(sorted((DEBT, HOUSING))))
    for order in permutations(said):
        for entries in ([*before, *order], [*order, *before]):
            assert fold(entries, seat=seat, now=story.now).safe_contact == expected


def test_it_is_no_ordinary_note(story: Story):
    said_by(story, PORTAL, "Only by letter.")
    ordinary = story.note(PORTAL)
    assert [each.statement for each in story.seen_by().notes] == [ordinary.id]


def test_what_an_agency_calls_so_is_a_note_like_any_other(story: Story):
    said_by(story, PORTAL, "Only by letter.")
    false = said_by(story, DEBT, "Call at any time.", to=("citizen",))
    assert shown(story) == "Only by letter."
    assert [each.statement for each in story.seen_by().notes] == [false.id]


def test_what_was_refused_on_its_way_changes_nothing(story: Story):
    said_by(story, PORTAL, "Only by letter.")
    refused = said_by(story, PORTAL, "Call me.")
    story.change(refused, state="failed", log_index=None)
    assert shown(story) == "Only by letter."


def test_what_is_on_its_way_holds_for_its_author_already(story: Story):
    said_by(story, PORTAL, "Only by letter.")
    story.change(said_by(story, PORTAL, "Call me."), state="waiting", log_index=None)
    assert shown(story) == "Call me."


def test_the_words_are_in_no_print_of_the_case(story: Story):
    said_by(story, PORTAL, "CANARY at my sister’s")
    assert "CANARY" not in repr(story.seen_by().safe_contact)


def test_who_joined_later_is_not_among_those_who_have_it(story: Story):
    said_by(story, PORTAL, "Only by letter.", to=(DEBT,))
    found = story.seen_by().safe_contact
    assert found is not None
    assert found.readers == (DEBT,)
