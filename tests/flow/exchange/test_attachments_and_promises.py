"""Files that go with a message, and the log's promise that is looked after."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests

from connectors.exchange import runner
from connectors.exchange.acts import attachments, cases
from connectors.exchange.acts.attachments import Attached
from connectors.exchange.connector import Connector
from connectors.exchange.keeping.time import agreed_time
from connectors.exchange.outgoing.compose import seal_and_sign
from connectors.exchange.spool import post
from connectors.exchange.store import access, alarms, outbox, statements, tables
from connectors.exchange.upkeep import upkeep
from schemas.errors import DamagedSeal
from schemas.messages.envelope import Attachment
from tests.flow.exchange.papers import record_letter
from tests.flow.exchange.world import DEBT, HOUSING, World, there

PAPER = b"%PDF a lease of many pages " * 1000


def _release_with(world: World, case: str, consent: str, attached: Attached) -> str:
    housing, now = world.members[HOUSING], world.clock()
    with_it = (Attachment(attached.sha256, attached.size),)
    letter = record_letter(case, consent, {"landlord": "Habitat Nord"}, attachments=with_it)
    signed, kept = seal_and_sign(housing, letter, now)
    with housing.database.writing() as connection:
        statements.put(connection, kept)
        attachments.keep_for(connection, signed.id, [attached], now)
        return post(connection, signed, now)


def test_a_file_is_uploaded_before_its_message_and_opened_with_its_key(world: World):
    case, consent = world.everything()
    attached = attachments.attach(PAPER)
    message = _release_with(world, case, consent, attached)
    world.settle()
    with world.members[HOUSING].database.reading() as connection:
        assert there(outbox.find(connection, message)).state == "sent"
        assert there(access.attachment(connection, attached.sha256)).blob is None
    debt = world.members[DEBT]
    assert attachments.fetch(debt, attached.sha256, attached.key) == PAPER
    with pytest.raises(DamagedSeal):
        attachments.fetch(debt, attached.sha256, attachments.attach(b"x").key)


def test_the_log_is_seen_to_hold_what_was_sent(world: World):
    world.everything()
    housing = world.members[HOUSING]
    runner.sync_once(housing)
    upkeep(housing, timedelta(hours=1))
    with housing.database.reading() as connection:
        rows = connection.execute(tables.outbox.select()).all()
        assert rows
        assert all(row.proven for row in rows)


def test_a_promise_that_is_not_kept_raises_an_alarm(world: World):
    world.everything()
    housing = world.members[HOUSING]
    runner.sync_once(housing)

    def lie(request: Any, content: bytes) -> bytes:
        return b'{"proof": [], "index": 0, "size": 1}' if "/v1/log/proof" in request.url else content

    world.lines[HOUSING].change = lie
    upkeep(housing, timedelta(hours=1))
    with housing.database.reading() as connection:
        assert {row.kind for row in alarms.open_alarms(connection)} == {"promise_broken"}


def _placing(index: int | None) -> Callable[[requests.PreparedRequest, bytes], bytes]:
    """Let the coordinator answer to each message that it has this place in the log."""

    def lie(request: requests.PreparedRequest, content: bytes) -> bytes:
        if "/v1/messages/batch" not in (request.url or ""):
            return content
        answer = json.loads(content)
        return json.dumps({"results": [{**each, "index": index} for each in answer["results"]]}).encode()

    return lie


def _broken(connector: Connector) -> list[str]:
    with connector.database.reading() as connection:
        return [row.about for row in alarms.open_alarms(connection) if row.kind == "promise_broken"]


def _said_without_a_place(world: World, index: int | None) -> str:
    world.everything()
    housing = world.members[HOUSING]
    upkeep(housing, timedelta(hours=1))
    world.lines[HOUSING].change = _placing(index)
    cases.open_case(housing)
    runner.sync_once(housing)
    with housing.database.reading() as connection:
        (message,) = [row.id for row in connection.execute(tables.outbox.select()) if not row.proven]
    return str(message)


def test_a_message_that_never_gets_a_place_raises_an_alarm_after_an_hour(world: World):
    message = _said_without_a_place(world, None)
    housing = world.members[HOUSING]
    world.clock.move(minutes=59)
    upkeep(housing, timedelta(hours=1))
    assert _broken(housing) == []
    world.clock.move(minutes=1)
    upkeep(housing, timedelta(hours=1))
    assert _broken(housing) == [message]
    world.lines[HOUSING].change = None
    upkeep(housing, timedelta(hours=1))
    assert _broken(housing) == [message]  # late is late: a person looks, whatever became of it


def test_an_alarm_about_a_missing_place_that_a_person_has_looked_at_does_not_come_back(world: World):
    _said_without_a_place(world, None)
    housing = world.members[HOUSING]
    world.clock.move(hours=1)
    upkeep(housing, timedelta(hours=1))
    with housing.database.writing() as connection:
        (alarm,) = alarms.open_alarms(connection)
        alarms.clear(connection, alarm.id, "operator-1", world.clock())
    upkeep(housing, timedelta(hours=1))
    assert _broken(housing) == []


def test_a_place_beyond_the_end_of_the_log_raises_an_alarm_when_a_head_signed_an_hour_later_says_so(
    world: World,
):
    message = _said_without_a_place(world, 10_000)
    housing = world.members[HOUSING]
    world.clock.move(hours=1)
    upkeep(housing, timedelta(hours=1))
    assert _broken(housing) == []  # we may have been away: what we know of the log is an hour old
    runner.sync_once(housing)
    upkeep(housing, timedelta(hours=1))
    assert _broken(housing) == [message]


def test_a_clock_that_jumps_ahead_erases_nothing_early(world: World):
    case, consent = world.everything()
    request = world.request(case, consent)
    world.settle()
    debt = world.members[DEBT]
    ahead = world.clock.at + timedelta(days=100)
    with debt.database.writing() as connection:
        assert agreed_time(connection, world.clock() + timedelta(hours=23)) == world.clock()
        assert agreed_time(connection, ahead) == ahead  # nobody was heard for a hundred days
    assert request
