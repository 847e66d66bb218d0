"""What a receiving connector does not take as shared work, though a coordinator admitted it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.exchange.acts import attachments, coordination
from connectors.exchange.acts.attachments import Attached
from connectors.exchange.acts.coordination import File, Result, Words
from connectors.exchange.errors import UnreadableAnswer
from connectors.exchange.outgoing.compose import Letter, seal_and_sign
from connectors.exchange.spool import post
from connectors.exchange.store import statements
from schemas.errors import StatementMismatch
from schemas.messages.coordination_v1 import DOCUMENT, MESSAGE, NOTE, OUTCOME
from schemas.messages.envelope import Attachment, Authority
from tests.flow.exchange.shared import said, shared_case
from tests.flow.exchange.world import AGREEMENT, DEBT, HOUSING, PORTAL, World
from tests.refusals.exchange.hostile import admit_anything, aside, problem

PAPER = File("Lease", "lease.pdf", "application/pdf", b"%PDF a lease")


def letter(case: str, kind: str, **content: Any) -> Letter:
    """Write from housing to debt advice and the citizen, on a seat alone."""
    return Letter(
        type=kind,
        schema=kind,
        content=content,
        case=case,
        to=(DEBT, "citizen"),
        authority=Authority("seat"),
        categories=("coordination",),
    )


def by_consent(found: Letter, consent: str) -> Letter:
    authority = Authority("consent", consent)
    return replace(found, authority=authority, agreement=AGREEMENT, purpose="debt-plan")


def put(world: World, sender: str, found: Letter, *attached: Attached) -> str:
    """Send without asking our own side."""
    connector, now = world.members[sender], world.clock()
    named = tuple(Attachment(each.sha256, each.size) for each in attached)
    signed, kept = seal_and_sign(connector, replace(found, attachments=named), now)
    with connector.database.writing() as connection:
        statements.put(connection, kept)
        attachments.keep_for(connection, signed.id, attached, now)
        return post(connection, signed, now)


def test_a_note_of_another_agency_on_a_seat_alone_is_refused_by_the_coordinator(world: World):
    case, _ = shared_case(world).split()
    sent = put(world, HOUSING, letter(case, NOTE, text="Psst."))
    world.settle()
    assert problem(world, HOUSING, sent)["code"] == "agreement_does_not_cover"
    assert said(world.members[DEBT], case, NOTE) == []
    assert said(world.members[PORTAL], case, NOTE) == []


def test_and_by_its_receiver_when_the_coordinator_lets_it_through(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    case, _ = shared_case(world).split()
    admit_anything(monkeypatch, NOTE)
    put(world, HOUSING, letter(case, NOTE, text="Psst."))
    world.settle()
    assert aside(world, DEBT) == [(NOTE, "rejected", "no_seat")]
    assert said(world.members[DEBT], case, NOTE) == []


def test_a_part_that_the_consent_does_not_open_is_refused_by_its_receiver(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    case, consent = shared_case(world).split()
    admit_anything(monkeypatch, MESSAGE)
    put(world, HOUSING, by_consent(letter(case, MESSAGE, text="Between us."), consent))
    world.settle()
    assert aside(world, DEBT) == [(MESSAGE, "rejected", "consent_does_not_cover")]


def test_a_document_whose_digest_is_not_the_attachments_is_refused(world: World):
    case, _ = shared_case(world).split()
    shown, sent = attachments.attach(b"shown"), attachments.attach(b"sent")
    content = {
        "title": "Lease",
        "name": "lease.pdf",
        "media_type": "application/pdf",
        "size": shown.size,
        "sha256": shown.sha256,
        "key": shown.key,
    }
    put(world, PORTAL, replace(letter(case, DOCUMENT, **content), to=(DEBT,)), sent)
    world.settle()
    assert aside(world, DEBT) == [(DOCUMENT, "rejected", "statement_mismatch")]
    assert said(world.members[DEBT], case, DOCUMENT) == []


def test_a_blob_that_was_changed_on_the_way_is_not_opened(world: World):
    case, _ = shared_case(world).split()
    coordination.add_document(world.members[PORTAL], case, PAPER, to=[DEBT])
    world.settle()
    debt = world.members[DEBT]
    (document,) = said(debt, case, DOCUMENT)

    def spoil(request: Any, content: bytes) -> bytes:
        return content[:-1] + bytes([content[-1] ^ 1]) if "/v1/attachments/" in request.url else content

    world.lines[DEBT].change = spoil
    with pytest.raises(UnreadableAnswer):
        coordination.open_document(debt, document.id)
    world.lines[DEBT].change = None
    assert coordination.open_document(debt, document.id) == PAPER


def test_an_outcome_that_agrees_with_its_own_side_is_refused(world: World):
    case, _ = shared_case(world).split()
    coordination.give_outcome(world.members[HOUSING], case, Result(outcome="got_help"))
    world.settle()
    (first,) = said(world.members[PORTAL], case, OUTCOME)
    again = letter(case, OUTCOME, outcome="got_help", answers=first.id, agrees=True)
    put(world, HOUSING, replace(again, to=("citizen",)))
    world.settle()
    assert aside(world, PORTAL) == [(OUTCOME, "rejected", "not_your_turn")]


def test_an_outcome_that_answers_a_note_is_refused(world: World):
    case, _ = shared_case(world).split()
    coordination.add_note(world.members[PORTAL], case, "Words.", to=[DEBT])
    world.settle()
    (note,) = said(world.members[DEBT], case, NOTE)
    wrong = letter(case, OUTCOME, outcome="got_help", answers=note.id, agrees=True)
    put(world, DEBT, replace(wrong, to=("citizen",)))
    world.settle()
    assert aside(world, PORTAL) == [(OUTCOME, "rejected", "statement_mismatch")]


def test_a_message_that_answers_no_message_is_refused_by_its_sender_and_by_its_receiver(world: World):
    case, _ = shared_case(world).split()
    debt = world.members[DEBT]
    coordination.add_note(world.members[PORTAL], case, "Words.", to=[DEBT])
    world.settle()
    (note,) = said(debt, case, NOTE)
    with pytest.raises(StatementMismatch):
        coordination.send_message(debt, case, Words(text="Why?", answers=note.id))
    put(world, DEBT, replace(letter(case, MESSAGE, text="Why?", answers=note.id), to=("citizen",)))
    world.settle()
    assert aside(world, PORTAL) == [(MESSAGE, "rejected", "statement_mismatch")]
