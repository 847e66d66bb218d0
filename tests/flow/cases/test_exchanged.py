"""What was exchanged between real connectors is what the citizen's portal and each agency see of the case."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from connectors.cases.fold import fold
from connectors.cases.gather import gather, read_case, seat_of
from connectors.cases.summary import cases_with_work, summaries
from connectors.cases.view import Case
from connectors.exchange.acts import access as looking
from connectors.exchange.acts import attachments, cases, records
from connectors.exchange.acts import consents as deciding
from connectors.exchange.acts.coordination import share
from connectors.exchange.errors import NotHere
from connectors.exchange.store import statements
from tests.flow.exchange.register import CANARY
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World


def _seen(world: World, member: str, case: str) -> Case:
    connector = world.members[member]
    with connector.database.reading() as connection:
        return read_case(connection, connector, case, world.clock())


def _released(world: World) -> tuple[str, str, str]:
    """Go as far as a record at debt advice; gives case, consent and the record's statement."""
    case, consent = world.everything()
    request = world.request(case, consent)
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        (record,) = [each.id for each in statements.answers_to(connection, request) if not each.mine]
    return case, consent, record


def test_the_citizen_sees_the_record_who_got_it_and_who_looked(world: World):
    case, consent, record = _released(world)
    actor = looking.Actor("worker-7", "adviser")
    looking.view_record(world.members[DEBT], record, actor, looking.Reason("plan"))
    world.settle()

    seen = _seen(world, PORTAL, case)
    (shown,) = seen.records
    assert (shown.statement, shown.issuer, shown.readers) == (record, HOUSING, (DEBT,))
    assert dict(shown.content or {}) == {
        "landlord": f"{CANARY} Habitat Nord",
        "rent": {"amount": 61200, "currency": "EUR"},
    }
    assert [(each.kind, each.member, each.role) for each in seen.looked.lines] == [
        ("view", DEBT, "adviser"),
        ("release", DEBT, None),
    ]
    assert seen.permission(consent) is not None
    assert [each.recipient for each in seen.permissions[0].uses] == [DEBT]
    assert {each.member: each.status for each in seen.team} == {
        PORTAL: "active",
        HOUSING: "active",
        DEBT: "active",
    }
    assert CANARY not in repr(seen)


def test_an_agency_sees_its_own_part_and_how_much_it_does_not_see(world: World):
    case, _, record = _released(world)
    share(world.members[PORTAL], case, "note.add/1", {"text": "Only for debt advice."}, to=[DEBT])
    world.settle()

    housing, debt = _seen(world, HOUSING, case), _seen(world, DEBT, case)
    assert [note.text for note in debt.notes] == ["Only for debt advice."]
    assert housing.notes == ()
    assert housing.records[0].held == "elsewhere"
    assert {each.why: each.count for each in housing.hidden} == {
        "kept_in_own_system": 1,
        "other_organisations": 1,
    }
    assert {each.why for each in debt.hidden} == {"other_organisations"}
    assert all(line.words != "note.add" for line in housing.timeline)
    assert [each.statement for each in debt.records] == [record]


def test_a_store_that_holds_another_s_mail_shows_it_to_nobody_else(world: World):
    case, _, _ = _released(world)
    portal = world.members[PORTAL]
    with portal.database.reading() as connection:
        entries = gather(connection, case, member=PORTAL)
    stranger = seat_of(world.members[HOUSING])
    as_housing = fold(entries, seat=stranger, now=world.clock())
    assert "not_addressed" in {each.why for each in as_housing.hidden}
    assert as_housing.consent_requests == ()


def test_a_contest_waits_for_its_source_until_the_correction(world: World):
    case, _, record = _released(world)
    portal, housing = world.members[PORTAL], world.members[HOUSING]
    records.contest(portal, record, "My rent is lower.", ["rent"])
    world.settle()
    for member in (PORTAL, DEBT, HOUSING):
        seen = _seen(world, member, case)
        assert [each.words for each in seen.waits_for(HOUSING)] == ["settle_contest"], member
        assert seen.records[0].in_dispute

    (contest,) = _seen(world, HOUSING, case).records[0].contested
    fixed = {"landlord": "Habitat Nord", "rent": {"amount": 50000, "currency": "EUR"}}
    records.correct(housing, record, fixed, settles=contest.statement)
    world.settle()
    for member in (PORTAL, DEBT, HOUSING):
        seen = _seen(world, member, case)
        assert seen.waits_for(HOUSING) == (), member
        newest = next(each for each in seen.records if each.latest)
        assert newest.corrects == record
        assert not newest.in_dispute
    assert _seen(world, PORTAL, case).record(record).corrected_by == (newest.statement,)  # type: ignore[union-attr]  # it is there: it was corrected


def test_what_was_withdrawn_is_shown_as_erased_and_by_whom(world: World):
    case, consent, record = _released(world)
    deciding.withdraw(world.members[PORTAL], consent)
    world.settle()

    citizen, debt = _seen(world, PORTAL, case), _seen(world, DEBT, case)
    assert citizen.permissions[0].status == debt.permissions[0].status == "withdrawn"
    assert (DEBT, True) in {(each.member, each.confirmed_at is not None) for each in citizen.erasures}
    gone = debt.record(record)
    assert gone is not None
    assert (gone.held, gone.content, gone.erased_why) == ("erased", None, "withdrawn")
    assert citizen.record(record).content is not None  # type: ignore[union-attr]  # the citizen's copy is theirs
    assert "erased_withdrawn" in {each.why for each in debt.hidden}


def test_messages_documents_and_results_go_both_ways(world: World):
    case, _, record = _released(world)
    portal, debt = world.members[PORTAL], world.members[DEBT]
    question = {"text": "Why did you need my rent?", "kind": "question", "about": record}
    share(portal, case, "message.send/1", question, to=[DEBT])
    file = attachments.attach(b"made-up letter")
    document = {
        "title": "Letter",
        "media_type": "text/plain",
        "name": "letter.txt",
        "size": file.size,
        "sha256": file.sha256,
        "key": file.key,
    }
    share(debt, case, "document.add/1", document, attachments=[file])
    share(debt, case, "outcome.give/1", {"outcome": "got_help"})
    world.settle()
    assert [each.words for each in _seen(world, DEBT, case).waits_for(DEBT)] == ["answer_question"]

    seen = _seen(world, PORTAL, case)
    assert {each.words for each in seen.waits_for("citizen")} == {"confirm_outcome"}
    theirs = seen.outcome.agencies[0].statement if seen.outcome else ""
    answer = {"outcome": "no_help", "answers": theirs, "agrees": False}
    share(portal, case, "outcome.give/1", answer, to=[DEBT])
    asked = seen.threads[0].posts[0].statement
    share(debt, case, "message.send/1", {"text": "For the plan.", "answers": asked})
    world.settle()

    for member in (PORTAL, DEBT):
        seen = _seen(world, member, case)
        assert seen.outcome is not None
        assert (seen.outcome.state, seen.outcome.disputed_with) == ("disputed", (DEBT,))
        (thread,) = seen.threads
        assert ([post.by.name for post in thread.posts], thread.unanswered) == (["citizen", DEBT], False)
        assert seen.documents[0].sha256 == file.sha256
        assert [each.words for each in seen.waits_for(DEBT)] == ["answer_dispute"]


def test_what_is_not_sent_yet_is_in_the_case_and_said_to_be_on_its_way(world: World):
    case, _, _ = _released(world)
    share(world.members[PORTAL], case, "message.send/1", {"text": "Are you there?"}, to=[DEBT])
    (post,) = _seen(world, PORTAL, case).threads[0].posts
    assert (post.on_its_way, post.log_index) == (True, None)
    assert _seen(world, PORTAL, case).timeline[0].words == "message.message"
    assert _seen(world, DEBT, case).threads == ()


def test_the_same_store_read_in_any_order_is_the_same_case(world: World):
    case, _, record = _released(world)
    records.contest(world.members[PORTAL], record, "No.", ["rent"])
    world.settle()
    for connector in world.members.values():
        with connector.database.reading() as connection:
            entries = gather(connection, case, member=connector.id)
        seat, expected = seat_of(connector), _seen(world, connector.id, case)
        for seed in range(5):
            shuffled = [*entries, *entries[::3]]
            random.Random(seed).shuffle(shuffled)
            assert fold(shuffled, seat=seat, now=world.clock()) == expected


def test_a_closed_case_says_by_whom_and_a_reopened_one_is_open(world: World):
    case, _, _ = _released(world)
    cases.close(world.members[DEBT], case, outcome="goals_achieved")
    world.settle()
    seen = _seen(world, PORTAL, case)
    assert seen.status == "closed"
    assert seen.closed is not None
    assert (seen.closed.by.name, seen.closed.outcome) == (DEBT, "goals_achieved")
    cases.reopen(world.members[PORTAL], case, "There is more.")
    world.settle()
    assert _seen(world, DEBT, case).status == "open"


def test_a_case_that_is_not_here_is_refused(world: World):
    world.agencies()
    with pytest.raises(NotHere):
        _seen(world, PORTAL, "00000000-0000-4000-8000-000000000000")


def test_the_list_of_cases_counts_what_waits_without_folding(world: World):
    case, _, record = _released(world)
    portal, housing = world.members[PORTAL], world.members[HOUSING]
    records.contest(portal, record, "No.", ["rent"])
    share(portal, case, "message.send/1", {"text": "Hello"}, to=[DEBT])
    world.settle()

    def listed(member: str, **wanted: object) -> list[tuple[str, int]]:
        connector = world.members[member]
        with connector.database.reading() as connection:
            found = summaries(connection, connector, world.clock(), **wanted)  # type: ignore[arg-type]  # as given below
        return [(each.id, each.waits) for each in found.cases]

    assert listed(HOUSING) == [(case, 1)]
    assert listed(DEBT) == [(case, 1)]  # the message; the contest is for its source to settle
    assert listed(PORTAL, only=[case]) == [(case, 0)]
    assert listed(PORTAL, only=[]) == []
    assert listed(DEBT, status="closed") == []
    with housing.database.reading() as connection:
        assert cases_with_work(connection, housing, world.clock()) == {case}
    world.clock.move(days=80)
    with portal.database.reading() as connection:
        assert cases_with_work(connection, portal, world.clock()) == {case}  # the permission ends soon
    assert _seen(world, PORTAL, case).permitted.ending
    world.clock.at += timedelta(days=20)
    assert _seen(world, PORTAL, case).permissions[0].status == "expired"
