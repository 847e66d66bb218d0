"""How a source answers: declines with a reason, waits for a person, keeps to the limits of the consent."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.exchange import runner
from connectors.exchange.acts import consents as deciding
from connectors.exchange.errors import AlreadyDecided
from connectors.exchange.outgoing import flow as outgoing
from connectors.exchange.store import outbox, requests, statements
from connectors.policy.policy import Policy
from schemas.errors import AgreementDoesNotCover, ConsentDoesNotCover
from tests.flow.exchange.register import IDENTITY, housing_records, tenancy
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, there

ASK = """
@id("ask-always") permit (principal, action == Action::"release_after_review", resource);
"""
NO_RENT = """
@id("all") permit (principal, action == Action::"release", resource);
@id("no-rent") forbid (principal, action, resource) when { context.fields.contains("rent") };
"""


def _policy(folder: Path, text: str) -> Policy:
    folder.mkdir()
    (folder / "rules.cedar").write_text(text)
    return Policy.load(folder)


def _declines(world: World, request: str) -> list[tuple[str, str | None]]:
    with world.members[DEBT].database.reading() as connection:
        return [(row.reason, row.rule) for row in requests.declines_of(connection, request)]


def _records(world: World, request: str) -> list[str]:
    with world.members[DEBT].database.reading() as connection:
        return [row.id for row in statements.answers_to(connection, request) if not row.mine]


def test_nobody_found_is_declined_as_no_match(world: World):
    case, consent = world.everything(source=housing_records([]))
    request = world.request(case, consent)
    world.settle()
    assert _declines(world, request) == [("no_match", None)]
    assert _records(world, request) == []


def test_two_found_are_declined_without_saying_who(world: World):
    twins = [{"identity": IDENTITY, "records": {"housing": tenancy()}}] * 2
    case, consent = world.everything(source=housing_records(twins))
    request = world.request(case, consent)
    world.settle()
    assert _declines(world, request) == [("more_than_one_match", None)]


def test_nothing_held_is_declined(world: World):
    case, consent = world.everything(source=housing_records([{"identity": IDENTITY, "records": {}}]))
    request = world.request(case, consent)
    world.settle()
    assert _declines(world, request) == [("not_held", None)]


def test_local_policy_denies_with_its_rule(world: World, tmp_path: Path):
    policy = _policy(tmp_path / "rules", '@id("never") forbid (principal, action, resource);')
    case, consent = world.everything(policy=policy)
    request = world.request(case, consent)
    world.settle()
    assert _declines(world, request) == [("local_policy", "never")]


def test_local_policy_takes_one_field_out(world: World, tmp_path: Path):
    case, consent = world.everything(policy=_policy(tmp_path / "rules", NO_RENT))
    request = world.request(case, consent)
    world.settle()
    (record,) = _records(world, request)
    with world.members[DEBT].database.reading() as connection:
        assert b"rent" not in there(statements.find(connection, record)).plaintext


@pytest.mark.parametrize(("yes", "records"), [(True, 1), (False, 0)])
def test_a_person_decides_what_policy_leaves_to_them(world: World, tmp_path: Path, yes: bool, records: int):
    case, consent = world.everything(policy=_policy(tmp_path / "rules", ASK))
    housing = world.members[HOUSING]
    request = world.request(case, consent)
    world.settle()
    with housing.database.reading() as connection:
        assert [row.id for row in requests.in_state(connection, "needs_a_person")] == [request]
    outgoing.decide(housing, request, yes=yes, by="worker-3")
    world.settle()
    assert len(_records(world, request)) == records
    assert _declines(world, request) == ([] if yes else [("local_policy", "ask-always")])
    with pytest.raises(AlreadyDecided):
        outgoing.decide(housing, request, yes=not yes, by="worker-4")


def test_asking_for_more_than_the_agreement_has_is_refused_before_it_is_sent(world: World):
    case, consent = world.everything()
    with pytest.raises(AgreementDoesNotCover):
        world.request(case, consent, categories={"income": ["amount"]})


def test_showing_more_of_the_person_than_consented_is_refused_before_it_is_sent(world: World):
    case, consent = world.everything()
    with pytest.raises(ConsentDoesNotCover):
        world.request(case, consent, identify={"given_name": "Camille", "family_name": "Martin"})


def test_a_consent_for_one_time_is_used_once(world: World):
    case, consent = world.everything(consent={"fetch": "once", "frequency": None})
    first = world.request(case, consent)
    world.settle()
    second = world.request(case, consent)
    world.settle()
    assert len(_records(world, first)) == 1
    assert _records(world, second) == []
    with world.members[DEBT].database.reading() as connection:
        assert there(outbox.find(connection, second)).problem["reason"] == "consent_used_up"


def test_what_was_stopped_by_a_pause_does_not_use_up_what_may_be_given_once(world: World):
    case, consent = world.everything(consent={"fetch": "once", "frequency": None})
    portal, debt, housing = (world.members[each] for each in (PORTAL, DEBT, HOUSING))
    stopped = world.request(case, consent)
    runner.sync_once(debt)
    runner.sync_once(housing)  # it lies in the mailbox of debt advice, which is away
    deciding.suspend(portal, consent)
    runner.sync_once(portal)
    world.settle()
    deciding.resume(portal, consent)
    world.settle()
    again = world.request(case, consent)
    world.settle()
    assert (_records(world, stopped), len(_records(world, again))) == ([], 1)


def test_a_suspended_consent_gives_nothing_until_it_is_resumed(world: World):
    case, consent = world.everything()
    portal = world.members[PORTAL]
    request = world.request(case, consent)
    deciding.suspend(portal, consent)
    world.settle()
    assert _records(world, request) == []
    deciding.resume(portal, consent)
    world.settle()
    again = world.request(case, consent)
    world.settle()
    assert len(_records(world, again)) == 1
