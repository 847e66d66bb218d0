"""A coordinator that drops, repeats, misdirects, promises falsely or splits its log: refused, or noticed.

What it can do is keep things back. What it cannot do is be believed afterwards: each of these leaves an
alarm, a refusal, or two things that it signed and that cannot both be true.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask

from connectors.exchange import runner
from connectors.exchange.acts import agreements, cases, consents
from connectors.exchange.errors import HistoryChanged, UnreadableAnswer
from connectors.exchange.connector import Connector
from connectors.exchange.incoming import flow as incoming
from connectors.exchange.incoming.rejecting import read_claims
from connectors.exchange.outgoing.compose import Letter, seal_and_sign, sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import inbox, outbox, statements
from coordinator.app import create_app
from coordinator.http.edge import edge
from coordinator.intake.journal import Journal
from coordinator.register.said import content
from schemas import head, log, receipt
from schemas.errors import Unavailable
from schemas.messages.envelope import Authority, Withheld
from tests.flow.exchange.world import AGREEMENT, DEBT, HOUSING, PORTAL, World, agreement_document
from tests.refusals.exchange.hostile import (
    admit_anything,
    aside,
    be_honest,
    coordinator_key,
    kinds,
    lie,
    state,
)

Page = dict[str, Any]


def without(*types: str) -> Callable[[Page], Page]:
    """Leave messages of these types out of a page."""

    def change(page: Page) -> Page:
        kept = [each for each in page["messages"] if _type(each) not in types]
        return {**page, "messages": kept}

    return change


def _type(entry: dict[str, str]) -> str:
    return read_claims(entry["message"].encode()).type


def sent(exchange: World, member: str, kind: str) -> list[Any]:
    """Give what a member has put out, of one type, whatever became of it."""
    with exchange.members[member].database.reading() as connection:
        return [row for row in connection.execute(outbox.outbox.select()) if row.type == kind]


def collected_request(exchange: World) -> tuple[str, str, str]:
    """Go as far as a request that housing holds and has not answered."""
    case, consent = exchange.everything()
    request = exchange.request(case, consent)
    runner.sync_once(exchange.members[DEBT])
    incoming.receive(exchange.members[HOUSING])
    return case, consent, request


def other_mail(exchange: World) -> None:
    """Let something stand in housing's mailbox that has nothing to do with the case."""
    agreements.propose(
        exchange.members[DEBT], agreement_document(exchange.members, exchange.clock(), version=2)
    )
    runner.sync_once(exchange.members[DEBT])


# --- drops ------------------------------------------------------------------------------------------


def test_a_withdrawal_that_is_dropped_stops_the_release(exchange: World):
    _, consent, request = collected_request(exchange)
    consents.withdraw(exchange.members[PORTAL], consent)
    runner.sync_once(exchange.members[PORTAL])
    lie(exchange, HOUSING, "/v1/mailbox?", without("consent.withdraw/1"))
    runner.sync_once(exchange.members[HOUSING])
    assert state(exchange, HOUSING, request) == ("waiting", "head_too_old")
    assert sent(exchange, HOUSING, "record.release/1") == []


def test_a_withdrawal_that_is_dropped_from_among_other_mail_stops_the_release(exchange: World):
    _, consent, request = collected_request(exchange)
    consents.withdraw(exchange.members[PORTAL], consent)
    runner.sync_once(exchange.members[PORTAL])
    other_mail(exchange)
    lie(exchange, HOUSING, "/v1/mailbox?", without("consent.withdraw/1"))
    runner.sync_once(exchange.members[HOUSING])
    assert sent(exchange, HOUSING, "record.release/1") == []
    assert state(exchange, HOUSING, request)[0] == "waiting"


def test_a_head_that_denies_a_withdrawal_is_disproved_by_what_the_citizen_holds(exchange: World):
    """Nobody can see from outside what was dropped before it was ever named; but the lie was signed."""
    _, consent, _ = collected_request(exchange)
    housing, portal = exchange.members[HOUSING], exchange.members[PORTAL]
    withdrawal = consents.withdraw(portal, consent)
    runner.sync_once(portal)
    known = _known(exchange)

    def deny(page: Page) -> Page:
        said = _head(exchange, page)
        forged = head.Head(HOUSING, said.at, said.size, said.root, known.head_last, known.head_last_consent)
        return {**page, "messages": [], "head": head.issue(forged, coordinator_key(exchange)).decode()}

    heads: list[Page] = []
    lie(exchange, HOUSING, "/v1/mailbox?", lambda page: heads.append(deny(page)) or heads[-1])
    runner.sync_once(housing)

    lied = _head(exchange, heads[-1])
    with portal.database.reading() as connection:
        row = outbox.find(connection, withdrawal)
        assert row is not None
    promised = receipt.check(
        row.receipt.encode(), exchange.pinned.key_for, id=row.id, sha256=bytes.fromhex(row.sha256)
    )
    proof = portal.coordinator.proof(row.log_index, lied.size)
    log.verify_inclusion(
        log.leaf_hash(promised.commitment), row.log_index, lied.size, proof, lied.root
    )
    assert HOUSING in content(row.raw)["to"]
    assert row.log_index > lied.last_consent  # in the tree that the head names, and denied by the head


def _head(exchange: World, page: Page) -> head.Head:
    key = coordinator_key(exchange).public
    return head.check(page["head"].encode(), lambda _kid, _payload: key, member=HOUSING)


def _known(exchange: World) -> inbox.Cursor:
    with exchange.members[HOUSING].database.reading() as connection:
        return inbox.position(connection)


def test_a_request_that_is_dropped_shows_nothing_and_releases_nothing(exchange: World):
    case, consent = exchange.everything()
    lie(exchange, HOUSING, "/v1/mailbox?", without("record.request/1"))
    request = exchange.request(case, consent)
    exchange.settle()
    assert sent(exchange, HOUSING, "record.release/1") == []
    (asked,) = sent(exchange, DEBT, "record.request/1")
    promised = receipt.check(
        asked.receipt.encode(), exchange.pinned.key_for, id=request, sha256=bytes.fromhex(asked.sha256)
    )
    assert promised.admitted_at == exchange.clock()  # who asked can show that it was taken in


# --- repeats and misdirects -------------------------------------------------------------------------


def log_again(exchange: World, message: str, member: str) -> None:
    """Give a message a second place in the log and in a mailbox, as no honest coordinator does."""
    coordinator = edge(exchange.app).coordinator

    def job(connection: Any) -> None:
        seq, commitment = connection.exec_driver_sql(
            "SELECT messages.seq, log_entries.commitment FROM messages JOIN log_entries "
            "ON log_entries.message_seq = messages.seq WHERE messages.id = ?",
            (message,),
        ).one()
        connection.exec_driver_sql("UPDATE log_entries SET message_seq = NULL WHERE message_seq = ?", (seq,))
        journal = Journal(connection, 0)
        journal.add_routes(seq, commitment, [(member, None, "other")])
        journal.flush()

    coordinator.committer.run(job)


def test_a_message_that_is_given_again_under_another_index_has_no_second_effect(exchange: World):
    case, consent = exchange.everything()
    request = exchange.request(case, consent)
    exchange.settle()
    once = len(sent(exchange, HOUSING, "record.release/1"))
    log_again(exchange, request, HOUSING)
    other_mail(exchange)  # the log is written with the next message
    exchange.settle()
    assert len(sent(exchange, HOUSING, "record.release/1")) == once == 1
    assert kinds(exchange, HOUSING) == ["replayed_message"]


def test_a_page_that_is_given_again_changes_nothing(exchange: World):
    case, consent = exchange.everything()
    pages: list[Page] = []
    lie(exchange, HOUSING, "/v1/mailbox?", lambda page: pages.append(page) or page)
    exchange.request(case, consent)
    runner.sync_once(exchange.members[DEBT])
    incoming.receive(exchange.members[HOUSING])
    (full,) = (page for page in pages if page["messages"])
    before = _tables(exchange, HOUSING)
    lie(exchange, HOUSING, "/v1/mailbox?", lambda page: {**page, "messages": full["messages"]})
    incoming.receive(exchange.members[HOUSING])
    assert _tables(exchange, HOUSING) == before


def _tables(exchange: World, member: str) -> dict[str, list[Any]]:
    with exchange.members[member].database.reading() as connection:
        metadata = outbox.outbox.metadata
        return {table.name: list(connection.execute(table.select())) for table in metadata.sorted_tables}


def test_a_message_in_the_mailbox_of_another_is_rejected_unread(exchange: World):
    """Housing is given what debt advice and the citizen wrote to each other."""
    case, consent = exchange.everything()
    exchange.request(case, consent)
    exchange.settle()
    (release,) = sent(exchange, HOUSING, "record.release/1")
    log_again(exchange, release.id, PORTAL)
    moved = exchange.enrol("food-bank", "charity")
    log_again(exchange, release.id, moved.id)
    other_mail(exchange)
    runner.sync_once(moved)
    assert aside(exchange, moved.id) == [("record.release/1", "rejected", "wrong_recipients")]
    with moved.database.reading() as connection:
        assert statements.of_case(connection, case) == []


# --- promises falsely -------------------------------------------------------------------------------


def test_a_receipt_for_something_else_is_not_taken_for_a_promise(exchange: World):
    case, consent = exchange.everything()
    earlier = sent(exchange, DEBT, "consent.request/1")[0].receipt
    request = exchange.request(case, consent)

    def swap(answer: dict[str, Any]) -> dict[str, Any]:
        return {"results": [{**each, "receipt": earlier} for each in answer["results"]]}

    lie(exchange, DEBT, "/v1/messages/batch", swap)
    with pytest.raises(Unavailable):
        runner.sync_once(exchange.members[DEBT])
    assert sent(exchange, DEBT, "record.request/1")[0].state == "queued"
    assert kinds(exchange, DEBT) == ["receipt_unverified"]
    be_honest(exchange, DEBT)
    exchange.settle()
    assert {row.id: row.state for row in sent(exchange, DEBT, "record.request/1")} == {request: "sent"}


def test_an_answer_without_a_verdict_for_each_message_is_not_believed(exchange: World):
    case, consent = exchange.everything()
    exchange.request(case, consent)
    lie(exchange, DEBT, "/v1/messages/batch", lambda _answer: {"results": []})
    with pytest.raises(UnreadableAnswer):
        runner.sync_once(exchange.members[DEBT])
    assert sent(exchange, DEBT, "record.request/1")[0].state == "queued"


def test_a_redirect_is_not_followed(exchange: World):
    """A coordinator, or who answers in its place, must not be able to send a token elsewhere."""
    exchange.everything()
    seen: list[str | None] = []
    line = exchange.lines[HOUSING]
    real = line.send

    def moved(request: requests.PreparedRequest, *given: Any, **named: Any) -> requests.Response:
        seen.append(request.url)
        answer = real(request, *given, **named)
        answer.status_code = 307
        answer.headers["Location"] = "https://elsewhere.example/v1/mailbox"
        return answer

    line.send = moved  # type: ignore[method-assign]  # the line is the network, which a test may fake
    with pytest.raises(Unavailable):
        runner.sync_once(exchange.members[HOUSING])
    assert seen
    assert all(str(url).startswith("https://accord.example.org/") for url in seen)


# --- splits the log ---------------------------------------------------------------------------------


@pytest.fixture
def forked(exchange: World) -> Iterator[Flask]:
    """Copy the coordinator, keys and all, once everybody is in: from here on it can tell two stories."""
    exchange.everything()
    copy = exchange.folder / "fork"
    copy.mkdir()
    shutil.copytree(exchange.config.keys_dir, copy / "keys")
    database = Path(exchange.config.database_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy / "c.sqlite3")) as target:
        source.backup(target)
    config = replace(
        exchange.config, database_url=f"sqlite:///{copy / 'c.sqlite3'}", keys_dir=copy / "keys"
    )
    app = create_app(config, started=True, now=exchange.clock)
    yield app
    edge(app).coordinator.stop()


def _grow(exchange: World, member: str) -> None:
    cases.open_case(exchange.members[member])
    runner.sync_once(exchange.members[member])


def test_who_was_shown_another_log_cannot_be_brought_back_unnoticed(exchange: World, forked: Flask):
    exchange.lines[HOUSING].application = forked
    _grow(exchange, HOUSING)
    _grow(exchange, DEBT)
    assert kinds(exchange, HOUSING) == []  # each story is consistent in itself
    exchange.lines[HOUSING].application = exchange.app
    _grow(exchange, DEBT)
    with pytest.raises(HistoryChanged):
        runner.sync_once(exchange.members[HOUSING])
    assert kinds(exchange, HOUSING) == ["history_changed"]


def test_two_members_who_compare_checkpoints_hold_the_proof_of_a_split(exchange: World, forked: Flask):
    exchange.lines[HOUSING].application = forked
    _grow(exchange, HOUSING)
    _grow(exchange, DEBT)
    notes = {}
    for member in (HOUSING, DEBT):
        with exchange.members[member].database.reading() as connection:
            seen = inbox.last_checkpoint(connection)
            row = connection.exec_driver_sql("SELECT note FROM checkpoints ORDER BY size DESC").first()
        assert seen is not None
        assert row is not None
        notes[member] = log.verify_checkpoint(row[0], exchange.pinned.origin, exchange.pinned.log)
    assert notes[HOUSING].size == notes[DEBT].size
    assert notes[HOUSING].root != notes[DEBT].root  # both signed by the log: nobody else can have made them


def test_a_message_of_one_story_does_not_pass_in_the_other(exchange: World, forked: Flask):
    """What was logged in the fork is given out under the checkpoint of the log that others see."""
    exchange.lines[DEBT].application = forked
    agreements.propose(
        exchange.members[DEBT], agreement_document(exchange.members, exchange.clock(), version=2)
    )
    runner.sync_once(exchange.members[DEBT])
    _grow(exchange, HOUSING)
    line = exchange.lines[HOUSING]
    *_, theirs = _letters(forked)
    lie(exchange, HOUSING, "/v1/mailbox?", lambda page: {**page, "messages": [*page["messages"], theirs]})
    incoming.receive(exchange.members[HOUSING])
    assert line.change is not None
    (left,) = aside(exchange, HOUSING)
    assert left[0] == "agreement.sign/1"
    assert left[2] == "inclusion_mismatch"
    assert kinds(exchange, HOUSING) == ["inclusion_mismatch"]
    with exchange.members[HOUSING].database.reading() as connection:
        refs = [row[0] for row in connection.exec_driver_sql("SELECT ref FROM agreements")]
    assert refs == [AGREEMENT]


def _letters(app: Flask) -> list[dict[str, Any]]:
    page = edge(app).coordinator.mailboxes.collect(HOUSING)
    return [
        {
            "index": letter.index,
            "message": letter.message.decode(),
            "receipt": letter.receipt.decode(),
            "inclusion": [node.hex() for node in letter.inclusion],
        }
        for letter in page.letters
    ]


# --- acts by members of its own ---------------------------------------------------------------------


def test_a_stranger_does_not_close_a_case(exchange: World, monkeypatch: pytest.MonkeyPatch):
    """A coordinator can enrol a member of its own and admit what it likes; closing makes others erase."""
    case, consent = exchange.everything()
    request = exchange.request(case, consent)
    exchange.settle()
    stranger = exchange.enrol("food-bank", "charity")
    admit_anything(monkeypatch, "case.close/1")
    _say(exchange, stranger, "case.close/1", to=[DEBT, "citizen"], case=case, body={"reason": "none"})
    with exchange.members[DEBT].database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
        assert record.state == "current"


def test_a_stranger_does_not_withdraw_a_consent(exchange: World, monkeypatch: pytest.MonkeyPatch):
    case, consent = exchange.everything()
    stranger = exchange.enrol("food-bank", "portal")
    admit_anything(monkeypatch, "consent.withdraw/1")
    body = {"consent": consent}
    _say(exchange, stranger, "consent.withdraw/1", to=[DEBT, HOUSING], case=case, body=body)
    assert ("consent.withdraw/1", "rejected", "not_your_turn") in aside(exchange, HOUSING)


def test_a_stranger_does_not_get_a_record_by_the_consent_of_others(
    exchange: World, monkeypatch: pytest.MonkeyPatch
):
    case, consent = exchange.everything()
    stranger = exchange.enrol("food-bank", "charity")
    admit_anything(monkeypatch, "record.request/1")
    letter = Letter(
        type="record.request/1",
        schema="record.request/1",
        content={
            "categories": [{"category": "housing", "fields": ["landlord", "rent"]}],
            "identify": {"family_name": "Martin", "birth_date": "1990-04-01"},
            "why": {"en": "To know."},
        },
        case=case,
        to=(HOUSING,),
        authority=Authority("consent", consent),
        agreement=AGREEMENT,
        purpose="debt-plan",
        categories=("housing",),
        withheld=Withheld("none", exchange.clock().date()),
    )
    signed, _ = seal_and_sign(stranger, letter, exchange.clock())
    _put(exchange, stranger, signed)
    assert aside(exchange, HOUSING) == [("record.request/1", "rejected", "agreement_does_not_cover")]
    assert sent(exchange, HOUSING, "record.release/1") == []


def _say(exchange: World, member: Connector, kind: str, **fields: Any) -> None:
    _put(exchange, member, sign_open(member, exchange.clock(), type=kind, **fields))


def _put(exchange: World, member: Connector, signed: outbox.Signed) -> None:
    with member.database.writing() as connection:
        post(connection, signed, exchange.clock())
    exchange.settle()


def test_the_page_of_a_mailbox_is_json_as_agreed_or_nothing_moves(exchange: World):
    exchange.everything()
    before = _tables(exchange, HOUSING)
    for wrong in ({}, {"messages": [{}]}, {"messages": "x", "head": "", "checkpoint": "", "consistency": []}):
        answer = json.dumps(wrong).encode()
        exchange.lines[HOUSING].change = lambda request, content, answer=answer: (
            answer if "/v1/mailbox?" in (request.url or "") else content
        )
        with pytest.raises((UnreadableAnswer, HistoryChanged)):
            incoming.receive(exchange.members[HOUSING])
    after = _tables(exchange, HOUSING)
    assert {name: rows for name, rows in after.items() if name != "alarms"} == {
        name: rows for name, rows in before.items() if name != "alarms"
    }
