"""Received and not accepted: an operator has it judged again or dismisses it; and the checkpoint is shown."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
import structlog

from connectors.exchange import runner
from schemas import log
from tests.flow.api.kit import Caller
from tests.flow.api.test_commands import Terminal
from tests.flow.exchange.world import DEBT, HOUSING, World
from tests.refusals.exchange.hostile import be_honest, lie, state


@pytest.fixture(autouse=True)
def log_elsewhere() -> Iterator[None]:
    """Keep what runs in this process out of the commands' output."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(io.StringIO()))
    yield
    structlog.reset_defaults()


def _spoil(page):
    """Give messages with a proof that does not fit, or with a signature that does not."""
    for entry in page["messages"]:
        entry["inclusion"] = ["00" * 32, *entry["inclusion"][1:]]
    return page


def _forge(page):
    for entry in page["messages"]:
        head, body, signature = entry["message"].split(".")
        entry["message"] = f"{head}.{body}.{'A' * 6}{signature[6:]}"
    return page


def _kept_aside(world: World, change) -> tuple[str, int]:
    """Let housing be asked by a message that arrives spoilt; give the request and its place."""
    case = world.case()
    consent = world.consent(case)
    world.invite_source(case, consent)
    request = world.request(case, consent)
    runner.sync_once(world.members[DEBT])
    lie(world, HOUSING, "/v1/mailbox?", change)
    runner.sync_once(world.members[HOUSING])
    be_honest(world, HOUSING)
    world.settle()
    terminal = Terminal(world, HOUSING, "public")
    (left,) = terminal.json("queue", "list")["aside"]
    return request, int(left["index"])


def test_what_was_kept_aside_for_a_wrong_proof_is_judged_again_and_taken_in(world: World, housing: Caller):
    request, place = _kept_aside(world, _spoil)
    terminal = Terminal(world, HOUSING, "public")
    assert "taken in" in terminal.ok("queue", "retry", str(place))
    assert housing.get("/v1/queue")["aside"] == []
    (alarm,) = housing.get("/v1/alarms")["alarms"]
    terminal.ok("alarms", "clear", str(alarm["id"]), "--by", "worker-7", "--yes")
    world.settle()
    assert state(world, HOUSING, request)[0] == "answered"


def test_what_its_sender_knows_as_refused_is_not_taken_after_all(world: World, housing: Caller):
    _, place = _kept_aside(world, _forge)
    refused = housing.refused("POST", f"/v1/queue/aside/{place}/retry", {})
    assert refused == (409, "wrong_transition")
    assert len(housing.get("/v1/queue")["aside"]) == 1


def test_nothing_is_judged_after_a_later_message_of_its_case(world: World, housing: Caller):
    _, place = _kept_aside(world, _spoil)
    case = housing.get("/v1/cases")["cases"][0]["id"]
    (consent,) = housing.get(f"/v1/cases/{case}/consents")["consents"]
    world.request(case, consent["id"])
    world.settle()
    answer = housing.ask("POST", f"/v1/queue/aside/{place}/retry", {})
    assert answer.status_code == 409
    assert answer.json is not None
    assert "say it again" in answer.json["remedy"]


def test_what_was_not_accepted_is_dismissed_and_does_not_come_back(world: World, housing: Caller):
    request, place = _kept_aside(world, _forge)
    terminal = Terminal(world, HOUSING, "public")
    assert terminal.run("queue", "dismiss", str(place), given="n\n").exit_code == 1
    assert len(housing.get("/v1/queue")["aside"]) == 1
    terminal.ok("queue", "dismiss", str(place), "--yes")
    world.settle()
    assert housing.get("/v1/queue")["aside"] == []
    assert housing.refused("POST", f"/v1/queue/aside/{place}/dismiss", {}) == (404, "not_here")
    assert housing.get("/v1/cases")["cases"]
    assert request


def test_where_nothing_was_kept_aside_nothing_is_judged_again(housing: Caller):
    assert housing.refused("POST", "/v1/queue/aside/0/retry", {}) == (404, "not_here")


def test_the_last_checkpoint_is_printed_as_it_was_signed(world: World, debt: Caller):
    terminal = Terminal(world, DEBT, "charity")
    note = terminal.ok("checkpoint")
    seen = log.verify_checkpoint(note, world.pinned.origin, world.pinned.log)
    shown = json.loads(terminal.ok("checkpoint", "--json"))
    assert (shown["size"], shown["root"], shown["note"]) == (seen.size, seen.root.hex(), note)
    assert debt.get("/v1/checkpoint") == shown
