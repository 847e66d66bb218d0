"""A coordinator that drops, repeats, misdirects or promises falsely: refused, or noticed.

Beside this: `test_split_log.py` has its two stories, `test_invented_seat.py` its invented citizens, and
`test_strangers_of_the_coordinator.py` its own members.

What it can do is keep things back. What it cannot do is be believed afterwards: each of these leaves an
alarm, a refusal, or two things that it signed and that cannot both be true.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from sqlalchemy import select, update

from connectors.exchange import runner
from connectors.exchange.acts import agreements, consents
from connectors.exchange.errors import HistoryChanged, UnreadableAnswer
from connectors.exchange.incoming import flow as incoming
from connectors.exchange.incoming.rejecting import read_claims
from connectors.exchange.store import inbox, outbox, statements, tables
from connectors.exchange.upkeep import find_places
from coordinator.database.tables import log_entries, messages
from coordinator.http.edge import edge
from coordinator.intake.journal import Journal
from coordinator.register.said import content
from schemas import head, log, receipt
from schemas.errors import Unavailable
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, agreement_document
from tests.refusals.exchange.hostile import (
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
        return [row for row in connection.execute(tables.outbox.select()) if row.type == kind]


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

    def keep(page: Page) -> Page:
        heads.append(deny(page))
        return heads[-1]

    lie(exchange, HOUSING, "/v1/mailbox?", keep)
    runner.sync_once(housing)

    runner.sync_once(portal)
    find_places(portal)  # on PostgreSQL the receipt came before the place
    lied = _head(exchange, heads[-1])
    with portal.database.reading() as connection:
        row = outbox.find(connection, withdrawal)
        assert row is not None
    promised = receipt.check(
        row.receipt.encode(), exchange.pinned.key_for, id=row.id, sha256=bytes.fromhex(row.sha256)
    )
    proof = portal.coordinator.proof(row.log_index, lied.size)
    log.verify_inclusion(log.leaf_hash(promised.commitment), row.log_index, lied.size, proof, lied.root)
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

    def work(connection: Any, _register: Any, journal: Journal, _now: Any) -> None:
        found = (
            select(messages.c.seq, log_entries.c.commitment)
            .join(log_entries, log_entries.c.message_seq == messages.c.seq)
            .where(messages.c.id == message)
        )
        seq, commitment = connection.execute(found).one()
        forgotten = update(log_entries).where(log_entries.c.message_seq == seq).values(message_seq=None)
        connection.execute(forgotten)
        journal.add_routes(seq, commitment, [(member, None, "other")])

    coordinator.committer._office.work(work)


def test_a_message_that_is_given_again_under_another_index_has_no_second_effect(exchange: World):
    case, consent = exchange.everything()
    request = exchange.request(case, consent)
    exchange.settle()
    once = len(sent(exchange, HOUSING, "record.release/1"))
    log_again(exchange, request, HOUSING)
    other_mail(exchange)
    exchange.settle()
    assert len(sent(exchange, HOUSING, "record.release/1")) == once == 1
    assert kinds(exchange, HOUSING) == ["replayed_message"]


def test_a_page_that_is_given_again_changes_nothing(exchange: World):
    case, consent = exchange.everything()
    pages: list[Page] = []

    def keep(page: Page) -> Page:
        pages.append(page)
        return page

    lie(exchange, HOUSING, "/v1/mailbox?", keep)
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
        metadata = tables.outbox.metadata
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


def test_the_page_of_a_mailbox_is_json_as_agreed_or_nothing_moves(exchange: World):
    exchange.everything()
    before = _tables(exchange, HOUSING)
    empty = {"head": "", "checkpoint": "", "consistency": []}
    wrongs: list[Page] = [{}, {"messages": [{}]}, {"messages": "x", **empty}]
    for wrong in wrongs:
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
