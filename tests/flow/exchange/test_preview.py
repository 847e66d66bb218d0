"""Under a consent with preview the citizen sees each record first, and it goes on only by their word."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from sqlalchemy import Row

from connectors.exchange import runner, spool
from connectors.exchange.acts import cases as case_acts
from connectors.exchange.acts import consents as deciding
from connectors.exchange.acts import previews as acts
from connectors.exchange.acts import records
from connectors.exchange.errors import AlreadyDecided, AlreadyErased, NotHere
from connectors.exchange.incoming import flow as incoming
from connectors.exchange.outgoing import flow as outgoing
from connectors.exchange.store import inbox, outbox, previews, requests, statements
from connectors.exchange.store.tables import outbox as outbox_rows
from connectors.exchange.stored import read_payload
from connectors.policy.policy import Policy
from connectors.systems.memory import InsecureStandIn, MemoryPerson, MemorySource
from schemas.errors import ConsentNotInForce, Unavailable
from tests.flow.exchange.register import CANARY, IDENTITY, tenancy
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, terms, there
from tests.wsgi import cut


def _shown(world: World, **terms: Any) -> tuple[str, str, str]:
    """Go to where a record waits for the citizen; gives case, consent and request."""
    case, consent = world.everything(consent={"preview": True, **terms})
    request = world.request(case, consent)
    world.settle()
    return case, consent, request


def _waiting(world: World, case: str) -> Row[Any]:
    (row,) = acts.waiting_previews(world.members[PORTAL], case)
    return row


def _records(world: World, request: str, member: str = DEBT) -> list[Row[Any]]:
    with world.members[member].database.reading() as connection:
        found = statements.answers_to(connection, request)
    return [row for row in found if member == HOUSING or not row.mine]


def _state(world: World, release: str, member: str = HOUSING) -> str:
    with world.members[member].database.reading() as connection:
        return str(there(previews.find(connection, release)).state)


def _declines(world: World, request: str) -> list[str]:
    with world.members[DEBT].database.reading() as connection:
        return [row.reason for row in requests.declines_of(connection, request)]


def test_the_citizen_alone_gets_the_record_first(world: World):
    case, consent, request = _shown(world)
    row = _waiting(world, case)
    assert (row.source, row.recipient, row.category) == (HOUSING, DEBT, "housing")
    assert (row.request, row.consent) == (request, consent)
    assert _records(world, request) == []
    (copy,) = _records(world, request, PORTAL)
    assert CANARY.encode() in _decoded(copy)
    assert _state(world, row.release) == "waiting"


def _decoded(row: Row[Any]) -> bytes:
    return str(read_payload(row.plaintext)).encode()


def test_what_is_passed_on_is_the_very_statement_that_was_shown(world: World):
    case, consent, request = _shown(world)
    row = _waiting(world, case)
    acts.pass_on(world.members[PORTAL], row.release, "pass")
    world.settle()
    (record,) = _records(world, request)
    assert record.id == row.statement
    assert (record.basis, record.consent) == ("consent", consent)
    (copy,) = _records(world, request, PORTAL)
    assert copy.plaintext == record.plaintext
    assert (copy.message, copy.consent) == (record.message, consent)
    assert _state(world, row.release) == _state(world, row.release, PORTAL) == "sent"
    assert acts.waiting_previews(world.members[PORTAL], case) == []
    (kept,) = _records(world, request, HOUSING)
    assert kept.plaintext is None
    assert kept.message == record.message


def test_who_asked_learns_of_a_stop_only_that_it_was_not_passed_on(world: World):
    case, _, request = _shown(world)
    row = _waiting(world, case)
    acts.pass_on(world.members[PORTAL], row.release, "stop")
    world.settle()
    assert _records(world, request) == []
    assert _declines(world, request) == ["citizen_stopped"]
    (kept,) = _records(world, request, HOUSING)
    assert (kept.plaintext, kept.state) == (None, "erased")
    assert _state(world, row.release) == "declined"
    with world.members[DEBT].database.reading() as connection:
        assert [each.type for each in inbox.of_case(connection, case)].count("record.pass/1") == 0


def test_a_word_is_given_once(world: World):
    case, _, _ = _shown(world)
    row = _waiting(world, case)
    acts.pass_on(world.members[PORTAL], row.release, "stop")
    with pytest.raises(AlreadyDecided):
        acts.pass_on(world.members[PORTAL], row.release, "pass")
    with pytest.raises(NotHere):
        acts.pass_on(world.members[PORTAL], row.request, "pass")
    with pytest.raises(NotHere):
        acts.pass_on(world.members[HOUSING], row.release, "pass")


def test_a_consent_that_ended_meanwhile_lets_nothing_go_on(world: World):
    case, consent, request = _shown(world)
    row = _waiting(world, case)
    portal = world.members[PORTAL]
    deciding.withdraw(portal, consent)
    with pytest.raises(ConsentNotInForce):
        acts.pass_on(portal, row.release, "pass")
    world.settle()
    assert acts.waiting_previews(portal, case) == []
    assert _state(world, row.release) == "lapsed"
    (kept,) = _records(world, request, HOUSING)
    assert (kept.plaintext, kept.state) == (None, "erased")
    assert _declines(world, request) == []


def test_a_pause_that_overtakes_the_word_stops_it(world: World):
    """The word is on its way when the consent is paused: in force NOW is asked at the moment of passing."""
    case, consent, request = _shown(world)
    row = _waiting(world, case)
    portal = world.members[PORTAL]
    acts.pass_on(portal, row.release, "pass")
    deciding.suspend(portal, consent)
    world.settle()
    assert _records(world, request) == []
    assert _state(world, row.release) == "failed"
    with world.members[DEBT].database.reading() as connection:
        assert there(outbox.find(connection, request)).problem["reason"] == "consent_not_in_force"


def test_local_policy_is_asked_again_when_it_is_passed_on(world: World, tmp_path):
    case, _, request = _shown(world)
    row = _waiting(world, case)
    acts.pass_on(world.members[PORTAL], row.release, "pass")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "rules.cedar").write_text('@id("never") forbid (principal, action, resource);')
    old = world.members[HOUSING]
    old.close()
    world.open(HOUSING, sources=old.sources, policy=Policy.load(tmp_path / "rules"))
    world.settle()
    assert _records(world, request) == []
    assert _declines(world, request) == ["local_policy"]


def test_a_consent_for_one_time_lets_one_of_two_previews_go_on(world: World):
    case, consent, first = _shown(world, fetch="once", frequency=None)
    second = world.request(case, consent)
    world.settle()
    portal = world.members[PORTAL]
    for row in acts.waiting_previews(portal, case):
        acts.pass_on(portal, row.release, "pass")
    world.settle()
    assert len(_records(world, first)) + len(_records(world, second)) == 1


def test_silence_ends_with_the_life_of_the_copies_and_says_no_more_than_a_stop(world: World):
    case, _, request = _shown(world, data_life={"days": 5})
    row = _waiting(world, case)
    world.clock.move(days=5, hours=1)
    world.settle()
    assert _state(world, row.release) == "lapsed"
    assert _declines(world, request) == ["citizen_stopped"]
    (kept,) = _records(world, request, HOUSING)
    assert (kept.plaintext, kept.state) == (None, "erased")


def test_closing_the_case_erases_what_waits(world: World):
    case, _, request = _shown(world)
    row = _waiting(world, case)
    case_acts.close(world.members[DEBT], case, reason="done")
    world.settle()
    assert _state(world, row.release) == "lapsed"
    (kept,) = _records(world, request, HOUSING)
    assert kept.plaintext is None


def test_a_contest_of_what_only_the_citizen_has_seen_goes_to_its_source_alone(world: World):
    case, _, _ = _shown(world)
    row = _waiting(world, case)
    message = records.contest(world.members[PORTAL], row.statement, "The rent is wrong.", ["rent"])
    with world.members[PORTAL].database.reading() as connection:
        assert read_payload(there(outbox.find(connection, message)).raw)["to"] == [HOUSING]
    world.settle()
    assert _waiting(world, case).request == row.request


def test_what_was_contested_before_it_was_passed_on_arrives_with_the_mark(world: World):
    """The mark travels with every later copy; and what goes on stays exactly what the citizen has seen."""
    case, _, request = _shown(world)
    portal, old = world.members[PORTAL], _waiting(world, case)
    records.contest(portal, old.statement, "The rent is wrong.", ["rent"])
    world.settle()
    new = _waiting(world, case)
    assert new.release != old.release
    assert (_state(world, old.release), _state(world, old.release, PORTAL)) == ("lapsed", "lapsed")
    with pytest.raises(AlreadyDecided):
        acts.pass_on(portal, old.release, "pass")
    acts.pass_on(portal, new.release, "pass")
    world.settle()
    (record,) = _records(world, request)
    assert (record.id, record.contested) == (new.statement, True)
    assert read_payload(record.plaintext)["contested"] == [old.statement]


def test_a_pass_that_meets_the_contest_on_its_way_lets_nothing_go_on_unmarked(world: World):
    case, _, request = _shown(world)
    portal, old = world.members[PORTAL], _waiting(world, case)
    records.contest(portal, old.statement, "The rent is wrong.", ["rent"])
    acts.pass_on(portal, old.release, "pass")
    world.settle()
    assert _records(world, request) == []
    assert _waiting(world, case).statement != old.statement, "they are asked again"


def test_a_contest_of_what_is_on_its_way_reaches_who_gets_it_whichever_comes_first(world: World):
    case, _, request = _shown(world)
    portal, row = world.members[PORTAL], _waiting(world, case)
    acts.pass_on(portal, row.release, "pass")
    records.contest(portal, row.statement, "The rent is wrong.", ["rent"])
    spool.flush(portal)
    incoming.receive(world.members[DEBT])  # the contest is there before the record
    world.settle()
    (record,) = _records(world, request)
    assert (record.id, record.contested) == (row.statement, True)


def test_the_answer_to_a_contest_of_a_first_look_lifts_the_mark_where_it_has_gone(world: World):
    case, _, _ = _shown(world)
    portal, old = world.members[PORTAL], _waiting(world, case)
    records.contest(portal, old.statement, "The rent is wrong.", ["rent"])
    world.settle()
    acts.pass_on(portal, _waiting(world, case).release, "pass")
    world.settle()
    with portal.database.reading() as connection:
        (contest,) = [row for row in statements.of_case(connection, case) if row.type == "record.contest/1"]
    right = {"rent": {"amount": 50000, "currency": "EUR"}}
    records.correct(world.members[HOUSING], old.statement, right, settles=contest.id)
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        marked = [row.contested for row in statements.of_case(connection, case) if row.mine is False]
    assert marked
    assert not any(marked)


def test_a_word_that_waited_too_long_is_said_again(world: World):
    case, _, request = _shown(world)
    row = _waiting(world, case)
    portal = world.members[PORTAL]
    world.lines[PORTAL].before = cut
    acts.pass_on(portal, row.release, "pass")
    with pytest.raises(Unavailable):
        runner.sync_once(portal)
    world.clock.move(days=8)
    world.lines[PORTAL].before = None
    world.settle()
    assert len(_records(world, request)) == 1


def test_a_record_that_could_not_be_sent_in_time_goes_on_by_the_word_that_was_given(world: World):
    case, _, request = _shown(world)
    row = _waiting(world, case)
    acts.pass_on(world.members[PORTAL], row.release, "pass")
    housing = world.members[HOUSING]
    spool.flush(world.members[PORTAL])
    incoming.receive(housing)
    outgoing.work(housing)
    assert _state(world, row.release) == "sent"
    world.clock.move(days=8)
    world.settle()
    assert len(_records(world, request)) == 1
    with housing.database.reading() as connection:
        sent = connection.execute(
            outbox_rows.select().where(
                outbox_rows.c.type == "record.release/1", outbox_rows.c.state == "sent"
            )
        ).all()
    assert len(sent) == 2  # the first look, and what went on: nobody was asked twice


def test_the_citizen_may_ask_to_see_first_what_was_not_offered_so(world: World):
    world.agreed()
    case = world.case()
    asked = deciding.ask_consent(world.members[DEBT], case, terms(world.clock()), {"en": "a", "fr": "b"})
    world.settle()
    consent = world.grant(asked, preview=True)
    world.invite_source(case, consent)
    request = world.request(case, consent)
    world.settle()
    assert _records(world, request) == []
    assert _waiting(world, case).request == request


BOTH = {
    "housing": ("housing.tenancy/1", ["landlord", "rent"]),
    "income": ("income.sources/1", ["without_resources"]),
}


def _two_shown(world: World) -> tuple[str, str]:
    """Go to where two records of one request wait; gives case and request."""
    flow = {"source": HOUSING, "recipient": DEBT, "purpose": "debt-plan"}
    flows = [
        {**flow, "category": category, "schema": schema, "fields": fields}
        for category, (schema, fields) in BOTH.items()
    ]
    data = [
        {"category": category, "schema": schema, "fields": fields, "necessity": "needed", "special": False}
        for category, (schema, fields) in BOTH.items()
    ]
    held: dict[str, Any] = {
        "identity": IDENTITY,
        "records": {"housing": tenancy(), "income": {"without_resources": True}},
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureStandIn)
        schemas = {category: schema for category, (schema, _) in BOTH.items()}
        source = MemorySource("register", [MemoryPerson(**held)], schemas)
    case, consent = world.everything(
        agreement={"flows": flows}, consent={"preview": True, "data": data}, source=source
    )
    request = world.request(case, consent, categories={each: fields for each, (_, fields) in BOTH.items()})
    world.settle()
    return case, request


@pytest.mark.parametrize("word", ["pass", "stop"])
def test_what_was_decided_is_not_asked_again_when_another_part_is_shown_anew(world: World, word: acts.Word):
    case, request = _two_shown(world)
    portal = world.members[PORTAL]
    looks = {row.category: row for row in acts.waiting_previews(portal, case)}
    acts.pass_on(portal, looks["income"].release, word)
    world.settle()
    records.contest(portal, looks["housing"].statement, "The rent is wrong.", ["rent"])
    world.settle()
    assert [row.category for row in acts.waiting_previews(portal, case)] == ["housing"]
    assert [row.categories for row in _records(world, request)] == ([["income"]] if word == "pass" else [])


def test_a_correction_of_what_waits_shows_the_record_anew(world: World):
    case, _, request = _shown(world)
    old = _waiting(world, case)
    assert records.correct(world.members[HOUSING], old.statement, {}) == []
    portal = world.members[PORTAL]
    world.settle()
    new = _waiting(world, case)
    assert (new.request, new.statement != old.statement) == (request, True)
    with pytest.raises(AlreadyDecided):
        acts.pass_on(portal, old.release, "pass")
    assert _state(world, old.release, PORTAL) == "lapsed"
    acts.pass_on(portal, new.release, "pass")
    world.settle()
    (record,) = _records(world, request)
    assert record.id == new.statement
    with pytest.raises(AlreadyErased):
        records.correct(world.members[HOUSING], old.statement, {})
