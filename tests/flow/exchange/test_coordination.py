"""Notes, messages, documents and outcomes between citizen and agencies, and between agencies by a basis."""

from __future__ import annotations

import pytest

from connectors.cases.gather import read_case
from connectors.exchange import runner
from connectors.exchange.acts import cases, consents, coordination
from connectors.exchange.acts.coordination import File, Result, Words
from connectors.exchange.errors import AlarmRaised, AlreadyErased, HeadTooOld, NotHere
from connectors.exchange.store import access, alarms, outbox, statements
from schemas.errors import (
    AgreementDoesNotCover,
    ConsentDoesNotCover,
    ConsentNotInForce,
    NotYourTurn,
    StatementMismatch,
    UnknownType,
)
from schemas.messages.coordination_v1 import DOCUMENT, MESSAGE, NOTE, OUTCOME
from tests.flow.exchange.shared import by_clause, by_consent, nothing_amiss, said, shared_case, words
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, there

PAPER = File("Lease", "lease.pdf", "application/pdf", b"%PDF a lease of many pages " * 1000)


# --- citizen and agency -----------------------------------------------------------------------------


def test_what_the_citizen_writes_reaches_every_agency_of_the_case(world: World):
    case, _ = shared_case(world).split()
    portal = world.members[PORTAL]
    coordination.add_note(portal, case, "I moved on Monday.")
    coordination.send_message(portal, case, Words(text="Why did you look?", kind="question"), to=[DEBT])
    coordination.add_document(portal, case, PAPER)
    coordination.give_outcome(portal, case, Result(outcome="some_help"))
    world.settle()
    for member in (DEBT, HOUSING):
        (note,) = said(world.members[member], case, NOTE)
        assert words(note) == {"text": "I moved on Monday."}
        (document,) = said(world.members[member], case, DOCUMENT)
        assert coordination.open_document(world.members[member], document.id) == PAPER
        assert len(said(world.members[member], case, OUTCOME)) == 1
    (question,) = said(world.members[DEBT], case, MESSAGE)
    assert words(question) == {"text": "Why did you look?", "kind": "question"}
    assert said(world.members[HOUSING], case, MESSAGE) == []
    nothing_amiss(world)


def test_what_an_agency_writes_reaches_the_citizen_and_no_other_agency(world: World):
    case, _ = shared_case(world).split()
    housing = world.members[HOUSING]
    coordination.add_note(housing, case, "The lease is signed.")
    coordination.send_message(housing, case, Words(text="Bring the papers.", subject="Papers"))
    coordination.add_document(housing, case, PAPER, text="Please sign.")
    coordination.give_outcome(housing, case, Result(outcome="got_help"))
    world.settle()
    portal = world.members[PORTAL]
    for kind in (NOTE, MESSAGE, DOCUMENT, OUTCOME):
        assert [row.issuer for row in said(portal, case, kind)] == [HOUSING]
        assert said(world.members[DEBT], case, kind) == []
    (document,) = said(portal, case, DOCUMENT)
    assert coordination.open_document(portal, document.id) == PAPER
    nothing_amiss(world)


def test_an_answer_names_what_it_answers_inside_and_outside(world: World):
    case, _ = shared_case(world).split()
    portal, debt = world.members[PORTAL], world.members[DEBT]
    asked = coordination.send_message(portal, case, Words(text="Why?", kind="question"), to=[DEBT])
    world.settle()
    (question,) = said(debt, case, MESSAGE)
    coordination.send_message(debt, case, Words(text="For your plan.", answers=question.id))
    world.settle()
    (answer,) = [row for row in said(portal, case, MESSAGE) if not row.mine]
    assert (answer.re, words(answer)["answers"]) == (asked, question.id)
    nothing_amiss(world)


def test_the_citizen_confirms_or_disputes_an_outcome_and_an_agency_does_not_confirm_its_own(world: World):
    case, _ = shared_case(world).split()
    portal, debt = world.members[PORTAL], world.members[DEBT]
    coordination.give_outcome(debt, case, Result(outcome="got_help"))
    world.settle()
    (theirs,) = said(portal, case, OUTCOME)
    with pytest.raises(NotYourTurn):
        coordination.give_outcome(debt, case, Result(outcome="got_help", answers=theirs.id, agrees=True))
    coordination.give_outcome(portal, case, Result(outcome="no_help", answers=theirs.id, agrees=False))
    world.settle()
    (disputed,) = [row for row in said(debt, case, OUTCOME) if not row.mine]
    assert words(disputed) == {"outcome": "no_help", "answers": theirs.id, "agrees": False}
    nothing_amiss(world)


def test_an_outcome_answers_an_outcome(world: World):
    case, _ = shared_case(world).split()
    portal, debt = world.members[PORTAL], world.members[DEBT]
    coordination.add_note(debt, case, "No outcome.")
    world.settle()
    (note,) = said(portal, case, NOTE)
    with pytest.raises(StatementMismatch):
        coordination.give_outcome(portal, case, Result(outcome="no_help", answers=note.id, agrees=False))


def test_an_answer_to_what_went_to_others_alone_is_kept(world: World):
    case, _ = shared_case(world).split()
    portal, debt, housing = (world.members[each] for each in (PORTAL, DEBT, HOUSING))
    coordination.give_outcome(debt, case, Result(outcome="got_help"))
    world.settle()
    (theirs,) = said(portal, case, OUTCOME)
    coordination.give_outcome(
        portal, case, Result(outcome="no_help", answers=theirs.id, agrees=False), to=[DEBT, HOUSING]
    )
    world.settle()
    (heard,) = said(housing, case, OUTCOME)
    assert words(heard)["answers"] == theirs.id
    nothing_amiss(world)


def test_nothing_is_about_a_statement_of_another_case(world: World):
    case, _ = shared_case(world).split()
    debt = world.members[DEBT]
    coordination.add_note(debt, case, "Here.")
    world.settle()
    (note,) = said(debt, case, NOTE)
    other = cases.open_case(debt)
    invitation = cases.invite_citizen(debt, other, PORTAL)
    world.settle()
    cases.join_case(world.members[PORTAL], invitation.code)
    world.settle()
    with pytest.raises(StatementMismatch):
        coordination.add_note(debt, other, "There.", about=note.id)


def test_in_a_closed_case_the_citizen_still_asks_and_is_answered_and_nothing_else_is_shared(world: World):
    case, consent = shared_case(world).split()
    portal, debt, housing = (world.members[each] for each in (PORTAL, DEBT, HOUSING))
    cases.close(debt, case)
    world.settle()
    coordination.send_message(portal, case, Words(text="Why?", kind="complaint"), to=[DEBT])
    world.settle()
    (asked,) = said(debt, case, MESSAGE)
    coordination.send_message(debt, case, Words(text="Because.", answers=asked.id))
    world.settle()
    assert len(said(portal, case, MESSAGE)) == 2
    nothing_amiss(world)
    late = coordination.add_note(housing, case, "Late.", to=[DEBT], basis=by_consent(consent))
    world.settle()
    with housing.database.reading() as connection:
        assert there(outbox.find(connection, late)).problem["code"] == "case_closed"


def test_only_what_is_shared_goes_this_way(world: World):
    case, _ = shared_case(world).split()
    with pytest.raises(UnknownType):
        coordination.share(world.members[DEBT], case, "record.release/1", {"landlord": "x"})
    with pytest.raises(NotHere):
        coordination.open_document(world.members[DEBT], "3c9e1f77-52aa-4b1e-9d10-aa11bb22cc01")


# --- agency to agency -------------------------------------------------------------------------------


def test_by_a_consent_an_agency_shares_what_it_opens_and_the_citizen_gets_a_copy(world: World):
    case, consent = shared_case(world).split()
    housing, debt, portal = (world.members[each] for each in (HOUSING, DEBT, PORTAL))
    coordination.add_note(housing, case, "The lease is signed.", to=[DEBT], basis=by_consent(consent))
    coordination.add_document(housing, case, PAPER, to=[DEBT], basis=by_consent(consent))
    world.settle()
    (note,) = said(debt, case, NOTE)
    assert (note.basis, note.consent, words(note)["text"]) == ("consent", consent, "The lease is signed.")
    (document,) = said(debt, case, DOCUMENT)
    assert coordination.open_document(debt, document.id) == PAPER
    assert [len(said(portal, case, kind)) for kind in (NOTE, DOCUMENT)] == [1, 1]
    nothing_amiss(world)


def test_by_a_clause_an_agency_shares_the_part_that_the_agreement_names(world: World):
    case, _ = shared_case(world).split()
    housing, debt = world.members[HOUSING], world.members[DEBT]
    coordination.add_note(housing, case, "A notice was served.", to=[DEBT], basis=by_clause())
    with pytest.raises(AgreementDoesNotCover):
        coordination.add_document(housing, case, PAPER, to=[DEBT], basis=by_clause())
    world.settle()
    assert [row.basis for row in said(debt, case, NOTE)] == ["statute"]
    nothing_amiss(world)


def test_without_a_basis_an_agency_shares_nothing_with_another(world: World):
    case, consent = shared_case(world).split()
    housing, debt = world.members[HOUSING], world.members[DEBT]
    with pytest.raises(AgreementDoesNotCover):
        coordination.add_note(housing, case, "Psst.", to=[DEBT])
    with pytest.raises(AgreementDoesNotCover):  # the agreement has no flow in this direction
        coordination.add_note(debt, case, "Psst.", to=[HOUSING], basis=by_consent(consent))


def test_a_consent_opens_the_parts_that_it_names_and_no_other(world: World):
    case, consent = shared_case(world).split()
    housing = world.members[HOUSING]
    with pytest.raises(ConsentDoesNotCover):  # the agreement has it, the citizen has not allowed it
        coordination.send_message(
            housing, case, Words(text="Between us."), to=[DEBT], basis=by_consent(consent)
        )


def test_a_withdrawal_erases_the_copies_and_stops_the_next_share(world: World):
    case, consent = shared_case(world).split()
    housing, debt, portal = (world.members[each] for each in (HOUSING, DEBT, PORTAL))
    coordination.add_note(housing, case, "The lease is signed.", to=[DEBT], basis=by_consent(consent))
    coordination.add_document(housing, case, PAPER, to=[DEBT], basis=by_consent(consent))
    coordination.add_note(portal, case, "My own words.")
    world.settle()
    (document,) = said(debt, case, DOCUMENT)
    consents.withdraw(portal, consent)
    world.settle()
    with pytest.raises(ConsentNotInForce):
        coordination.add_note(housing, case, "Still.", to=[DEBT], basis=by_consent(consent))
    with pytest.raises(AlreadyErased):
        coordination.open_document(debt, document.id)
    assert {row.state for row in said(debt, case, NOTE) if row.consent == consent} == {"erased"}
    kept = [row for row in said(debt, case, NOTE) if row.consent is None]
    assert [words(row)["text"] for row in kept] == [
        "My own words."
    ]  # by the citizen's own word, not by this consent
    assert [row.state for row in said(housing, case, DOCUMENT)] == ["current"]  # its own words
    assert [row.state for row in said(portal, case, DOCUMENT)] == ["current"]  # the citizen's own copy
    with portal.database.reading() as connection:
        due = read_case(connection, portal, case, world.clock()).erasures
    assert [(each.member, each.category) for each in due] == [(DEBT, "coordination")] * 2
    assert all(each.confirmed_at is not None for each in due)
    nothing_amiss(world)


def test_the_sealed_file_of_an_erased_document_is_gone_from_its_authors_store(world: World):
    case, consent = shared_case(world).split()
    housing = world.members[HOUSING]
    message = coordination.add_document(housing, case, PAPER, to=[DEBT], basis=by_consent(consent))
    (document,) = said(housing, case, DOCUMENT)
    sha256 = words(document)["sha256"]
    with housing.database.reading() as connection:
        assert there(access.attachment(connection, sha256)).message == message
    with housing.database.writing() as connection:
        statements.wipe(connection, document, "data_life")
    with housing.database.reading() as connection:
        assert access.attachment(connection, sha256) is None


def test_our_own_words_have_an_end_too_and_the_citizens_have_none(world: World):
    case, _ = shared_case(world).split()
    coordination.add_note(world.members[HOUSING], case, "Ours.")
    coordination.add_note(world.members[PORTAL], case, "Mine.", to=[DEBT])
    runner.sync_once(world.members[HOUSING])
    assert said(world.members[HOUSING], case, NOTE)[0].erase_at is not None
    assert [row.erase_at for row in said(world.members[PORTAL], case, NOTE) if row.mine] == [None]


def test_what_was_not_collected_before_a_withdrawal_is_never_given(world: World):
    case, consent = shared_case(world).split()
    housing, debt, portal = (world.members[each] for each in (HOUSING, DEBT, PORTAL))
    shared = coordination.add_note(housing, case, "Signed.", to=[DEBT], basis=by_consent(consent))
    runner.sync_once(housing)
    consents.withdraw(portal, consent)
    runner.sync_once(portal)
    world.settle()
    assert said(debt, case, NOTE) == []
    assert len(said(portal, case, NOTE)) == 1
    with housing.database.reading() as connection:
        assert there(outbox.find(connection, shared)).problem["code"] == "withdrawn_from_mailbox"
    with portal.database.reading() as connection:
        assert read_case(connection, portal, case, world.clock()).erasures == ()


def test_nothing_is_shared_on_an_old_word_about_consents(world: World):
    case, consent = shared_case(world).split()
    world.clock.move(days=2)
    with pytest.raises(HeadTooOld):
        coordination.add_note(world.members[HOUSING], case, "Signed.", to=[DEBT], basis=by_consent(consent))


def test_nothing_is_shared_with_an_agency_while_an_alarm_is_open(world: World):
    case, consent = shared_case(world).split()
    housing = world.members[HOUSING]
    with housing.database.writing() as connection:
        alarms.raise_alarm(connection, "history_changed", "log", "Two histories.", world.clock())
    with pytest.raises(AlarmRaised):
        coordination.add_note(housing, case, "Signed.", to=[DEBT], basis=by_consent(consent))
    coordination.add_note(housing, case, "The citizen still hears of it.")
