"""P10: a coordinator that tells two stories, each with a log of its own: nobody who was told one can be
brought back to the other unnoticed, and two members who compare what they hold have the proof.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from connectors.exchange import runner
from connectors.exchange.acts import agreements, cases
from connectors.exchange.errors import HistoryChanged
from connectors.exchange.incoming import flow as incoming
from connectors.exchange.store import inbox
from coordinator.app import create_app
from coordinator.http.edge import edge
from schemas import log
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import AGREEMENT, DEBT, HOUSING, World, agreement_document
from tests.placed import placing
from tests.refusals.exchange.hostile import aside, kinds, lie


@pytest.fixture
def forked(exchange: World, make_database: MakeDatabase) -> Iterator[Flask]:
    """Copy the coordinator, keys and all, once everybody is in: from here on it can tell two stories."""
    exchange.everything()
    copy = exchange.folder / "fork"
    copy.mkdir()
    shutil.copytree(exchange.config.keys_dir, copy / "keys")
    edge(exchange.app).coordinator.stop()  # a database is copied while nobody has it open
    database = make_database(copy_of=exchange.config.database_url)
    exchange.restart_coordinator()
    config = replace(exchange.config, database_url=database, keys_dir=copy / "keys")
    app = placing(create_app(config, started=True, now=exchange.clock))
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
