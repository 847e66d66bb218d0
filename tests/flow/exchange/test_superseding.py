"""A new decision in the place of an old one: what it covers lives on, what it leaves out is erased."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from connectors.cases.gather import read_case
from connectors.exchange import runner, settling
from connectors.exchange.acts import cases
from connectors.exchange.acts import consents as deciding
from connectors.exchange.keeping import flow as keeping
from connectors.exchange.store import access, alarms, consents, inbox, outbox, statements
from connectors.exchange.store.tables import consents as consent_rows
from coordinator.http.edge import edge
from schemas import instant
from schemas.errors import ConsentDoesNotCover
from schemas.instant import from_ms
from tests.conftest import stored_bytes
from tests.flow.exchange.register import CANARY
from tests.flow.exchange.world import DEBT, HOUSING, KEPT, PORTAL, START, World, terms, there

LANDLORD = [{**terms(START)["data"][0], "fields": ["landlord"]}]
WHY = {"en": "For your plan.", "fr": "Pour votre plan."}


def _got(world: World, case: str, consent: str, *fields: str) -> str:
    """Let debt advice ask for the tenancy and get it; gives the request."""
    request = world.request(case, consent, categories={"housing": list(fields or ("landlord", "rent"))})
    world.settle()
    assert _record(world, request) == ("current", None)
    return request


def _begun(world: World, **terms: Any) -> tuple[str, str, str]:
    """Go as far as a record at debt advice; gives case, consent and request."""
    case, consent = world.everything(consent=terms)
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
    assert _said_erased(world, PORTAL, case) == [(HOUSING, "superseded"), (DEBT, "superseded")]
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

    monkeypatch.setattr(consents, "swept", killed)
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
    debt, housing, portal = (world.members[each] for each in (DEBT, HOUSING, PORTAL))
    anew = terms(world.clock(), supersedes=consent)
    asked = deciding.ask_consent(debt, case, anew, WHY)
    late = world.request(case, consent)
    for member in (debt, portal, housing):
        runner.sync_once(member)  # the record was released, and is not collected
    document = deciding.draft(portal, asked, deciding.Decision(shown_at=world.clock()))
    deciding.grant(portal, document, [deciding.portal_proof("substantial", world.clock())])
    runner.sync_once(portal)
    edge(world.app).coordinator.tick()
    world.settle()
    with debt.database.reading() as connection:
        assert [row for row in statements.answers_to(connection, late) if not row.mine] == []
    with portal.database.reading() as connection:
        assert [row.type for row in inbox.of_case(connection, case)].count("delivery.withdrawn/1") == 1


# --- what the new one covers --------------------------------------------------------------------------


def test_what_a_new_decision_covers_stays_and_goes_with_it(world: World):
    case, first, request = _begun(world)
    second = world.consent(case, supersedes=first)
    assert _record(world, request) == ("current", None)
    assert _at_source(world, request) == ("current", None)
    under_second = _got(world, case, second)
    deciding.withdraw(world.members[PORTAL], second)
    world.settle()
    for each in (request, under_second):
        assert _record(world, each) == ("erased", "withdrawn")
        assert _at_source(world, each) == ("erased", "withdrawn")
    assert _said_erased(world, HOUSING, case) == [(DEBT, "withdrawn")] * 2
    _board_agrees(world, case)
    _nothing_amiss(world)


def test_in_a_chain_of_three_everything_goes_with_the_last(world: World):
    case, first, request = _begun(world)
    second = world.consent(case, supersedes=first)
    under_second = _got(world, case, second)
    third = world.consent(case, supersedes=second)
    under_third = _got(world, case, third)
    deciding.withdraw(world.members[PORTAL], third)
    world.settle()
    states = [_record(world, each) for each in (request, under_second, under_third)]
    assert states == [("erased", "withdrawn")] * 3
    _board_agrees(world, case)


def test_a_later_one_leaves_out_what_an_earlier_one_had_carried_over(world: World):
    case, first, request = _begun(world)
    second = world.consent(case, supersedes=first)
    assert _record(world, request) == ("current", None)
    world.consent(case, supersedes=second, data=LANDLORD)
    assert _record(world, request) == ("erased", "superseded")
    _board_agrees(world, case)


def test_with_the_citizen_s_leaving_the_whole_chain_goes(world: World):
    case, first, request = _begun(world)
    second = world.consent(case, supersedes=first)
    cases.leave(world.members[PORTAL], case)
    world.settle()
    assert _status(world, DEBT, second) == "invalidated"
    assert _record(world, request) == ("erased", "withdrawn")
    assert _said_erased(world, HOUSING, case) == [(DEBT, "withdrawn")]


@pytest.mark.parametrize(
    ("first_says", "second_says", "expected"),
    [({}, {"on_withdrawal": KEPT}, "current"), ({"on_withdrawal": KEPT}, {}, "erased")],
)
def test_the_last_one_says_whether_its_withdrawal_erases(
    world: World, first_says: dict[str, Any], second_says: dict[str, Any], expected: str
):
    case, first, request = _begun(world, **first_says)
    second = world.consent(case, supersedes=first, **second_says)
    deciding.withdraw(world.members[PORTAL], second)
    world.settle()
    assert _record(world, request)[0] == expected
    _board_agrees(world, case)


@pytest.mark.parametrize(("days", "over"), [(30, 30), (180, 90)])
def test_a_new_decision_makes_the_time_of_copies_shorter_and_never_longer(world: World, days: int, over: int):
    case, first, request = _begun(world)
    got_at = world.clock()
    world.clock.move(days=10)
    second = world.consent(case, supersedes=first, data_life={"days": days})
    world.consent(case, supersedes=second, data_life={"days": days})
    assert _erase_at(world, request) == got_at + timedelta(days=over)
    world.clock.at = got_at + timedelta(days=over)
    world.settle()
    assert _record(world, request) == ("erased", "data_life")
    _board_agrees(world, case)


def test_a_copy_that_is_older_than_the_new_time_goes_at_once(world: World):
    case, first, request = _begun(world)
    world.clock.move(days=40)
    world.consent(case, supersedes=first, data_life={"days": 30})
    assert _record(world, request) == ("erased", "data_life")
    _board_agrees(world, case)


def test_when_the_time_of_the_last_one_is_over_copies_stay_for_theirs(world: World):
    case, first, request = _begun(world)
    until = instant.format(world.clock() + timedelta(days=5))
    second = world.consent(case, supersedes=first, valid_until=until)
    world.clock.move(days=6)
    world.settle()
    assert _status(world, DEBT, second) == "expired"
    assert _record(world, request) == ("current", None)


# --- who brings it, when it comes, and whether it counts ----------------------------------------------


def test_one_whose_time_was_over_here_before_the_new_decision_came_goes_with_it_all_the_same(world: World):
    """The citizen decided anew in time; we were away, and our own clock has ended the old one meanwhile."""
    until = instant.format(world.clock() + timedelta(days=1))
    case, first, request = _begun(world, valid_until=until)
    debt = world.members[DEBT]
    asked = deciding.ask_consent(debt, case, terms(world.clock(), supersedes=first), WHY)
    world.settle()
    world.clock.move(hours=23)
    portal = world.members[PORTAL]
    document = deciding.draft(portal, asked, deciding.Decision(shown_at=world.clock()))
    deciding.grant(portal, document, [deciding.portal_proof("substantial", world.clock())])
    runner.sync_once(portal)
    world.clock.move(hours=26)
    keeping.keep(debt)
    assert _status(world, DEBT, first) == "expired"
    world.settle()
    assert _status(world, DEBT, first) == "superseded"
    deciding.withdraw(portal, document["id"])
    world.settle()
    assert _record(world, request) == ("erased", "withdrawn")


def _set(world: World, consent: str, **values: Any) -> None:
    with world.members[DEBT].database.writing() as connection:
        connection.execute(update(consent_rows).where(consent_rows.c.id == consent).values(**values))


def test_a_new_one_that_is_not_proven_ends_nothing(world: World):
    case, first, request = _begun(world)
    debt = world.members[DEBT]
    document = _document(world, first)
    with debt.database.writing() as connection:
        consents.granted(
            connection,
            document,
            message="unproven",
            portal=PORTAL,
            valid_until=world.clock() + timedelta(days=1),
            index=900,
            proven=False,
            now=world.clock(),
        )
    keeping.keep(debt)
    assert _status(world, DEBT, first) == "granted"
    _set(world, document["id"], status="invalidated")  # its proof did not hold, or it was taken back
    keeping.keep(debt)
    assert _status(world, DEBT, first) == "granted"
    assert _record(world, request) == ("current", None)
    assert case


def test_a_new_one_that_was_taken_back_before_it_was_proven_takes_everything_with_it(world: World):
    case, first, request = _begun(world)
    debt = world.members[DEBT]
    second = world.consent(case, supersedes=first)
    # As it is where both came before the citizen's seat was known: swept once, proven after that.
    _set(world, first, status="granted", status_index=None, swept=False)
    _set(world, second, status="withdrawn", proven=False, swept=True)
    keeping.keep(debt)
    assert _record(world, request) == ("current", None)
    with debt.database.writing() as connection:
        row = there(consents.find(connection, second))
        consents.end_superseded(connection, row.document, row.granted_index, world.clock())
        consents.proved(connection, second)
    world.settle()
    assert _record(world, request) == ("erased", "withdrawn")


def test_an_old_one_that_is_taken_in_after_the_new_one_has_ended_already(world: World):
    """It was set aside when it came, and judged again later."""
    case, first, _ = _begun(world)
    second = world.consent(case, supersedes=first)
    debt = world.members[DEBT]
    with debt.database.writing() as connection:
        row = there(consents.find(connection, first))
        connection.execute(consent_rows.delete().where(consent_rows.c.id == first))
        consents.granted(
            connection,
            row.document,
            message=row.grant_message,
            portal=row.portal,
            valid_until=from_ms(row.valid_until),
            index=row.granted_index,
            proven=True,
            now=world.clock(),
        )
    assert _status(world, DEBT, first) == "superseded"
    assert _status(world, DEBT, second) == "granted"


# --- at home ------------------------------------------------------------------------------------------


def _document(world: World, supersedes: str) -> dict[str, Any]:
    """Write a consent by hand that nobody asked for."""
    with world.members[PORTAL].database.reading() as connection:
        old = there(consents.find(connection, supersedes)).document
    now = instant.format(world.clock())
    return {
        **old,
        "id": str(uuid4()),
        "request": None,
        "supersedes": supersedes,
        "notice": {**old["notice"], "shown_at": now},
        "valid_from": now,
        "proof": [deciding.portal_proof("substantial", world.clock())],
    }


@pytest.mark.parametrize("paused", [False, True])
def test_a_new_decision_that_the_coordinator_refuses_ends_nothing_at_home(world: World, *, paused: bool):
    case, first, _ = _begun(world)
    portal = world.members[PORTAL]
    if paused:
        deciding.suspend(portal, first)
        world.settle()
    before = _status(world, PORTAL, first)
    document = _document(world, first)
    deciding.grant(portal, document, document["proof"])
    assert _status(world, PORTAL, first) == "superseded"
    with portal.database.writing() as connection:
        (grant,) = [each for each in outbox.due(connection, world.clock(), 9) if each.type == outbox.GRANT]
        settling.refused(portal, connection, grant, ConsentDoesNotCover(), world.clock())
    assert _status(world, PORTAL, document["id"]) == "invalidated"
    assert _status(world, PORTAL, first) == before
    deciding.withdraw(portal, first)  # and the citizen can still take it back
    assert case
