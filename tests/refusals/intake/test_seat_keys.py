"""The coordinator keeps a seat's passkeys consistent: what does not follow from what was said is refused."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from schemas.consent_proof import consent_challenge
from schemas.errors import (
    CaseClosed,
    Invalid,
    KeyNotInForce,
    KeyTaken,
    NoSeat,
    NotAttested,
    NotYourTurn,
    ProofRefused,
    TooManyKeys,
    UnknownKey,
    WrongRecipients,
)
from schemas.seat_keys import seat_keys_challenge
from schemas.wire import parse, unb64u
from tests.factories import Actor, World, id_of
from tests.passkeys import Authenticator

OLD, NEW = Authenticator("phone"), Authenticator("laptop")


@pytest.fixture
def case(world: World) -> str:
    """A case of housing alone, in which the citizen sits with one passkey."""
    made = world.open_case()
    world.citizen_joins([OLD.passkey])
    return made


def change(
    world: World,
    add: Sequence[Authenticator] = (),
    end: Sequence[str] = (),
    by: Authenticator | None = None,
    sender: Actor | None = None,
    **fields: Any,
) -> bytes:
    passkeys = [each.passkey for each in add]
    body: dict[str, Any] = {"add": passkeys, "end": list(end)}
    if by is not None:
        body["proof"] = by.confirm(seat_keys_challenge(world.case, passkeys, end, world.clock()))
    defaults = {"to": [world.housing.id], "body": body}
    return world.message("case.keys/1", sender or world.portal, **(defaults | fields))


def attest(world: World, brought: bytes, kids: Sequence[str], sender: Actor | None = None) -> bytes:
    body = {"keys": id_of(brought), "passkeys": list(kids), "method": "in_person"}
    others = [world.housing.id] if sender and sender is not world.housing else []
    return world.message("case.attest/1", sender, to=["citizen", *others], body=body)


def test_what_follows_is_admitted_and_shown_with_its_history(world: World, case: str) -> None:
    brought = change(world, [NEW])
    world.must(brought)
    attested = attest(world, brought, [NEW.kid])
    world.must(attested)
    ended = change(world, (), [OLD.kid])
    world.must(ended)
    expected = [id_of(each) for each in (brought, attested, ended)]
    for _ in range(50):  # on PostgreSQL a place in the log takes a moment
        shown = world.coordinator.case(case, member=world.housing.id)["seats"]
        (seat,) = [each for each in shown if each["kind"] == "citizen"]
        told = [id_of(each["message"].encode()) for each in seat["messages"]]
        if told[-3:] == expected:
            return
        time.sleep(0.1)
    assert told[-3:] == expected


def test_an_agency_changes_no_passkeys(world: World, case: str) -> None:
    assert isinstance(world.refused(change(world, [NEW], sender=world.housing, to=["citizen"])), NotYourTurn)


def test_a_portal_without_the_seat_changes_no_passkeys(world: World, case: str) -> None:
    other = world.enrol(Actor("other-portal", "portal"))
    assert isinstance(world.refused(change(world, [NEW], sender=other)), NoSeat)


def test_a_passkey_of_nobodys_seat_confirms_nothing(world: World, case: str) -> None:
    refusal = world.refused(change(world, [NEW], by=Authenticator("stranger")))
    assert isinstance(refusal, ProofRefused)
    assert refusal.facts["reason"] == "unknown_passkey"


def test_another_key_under_the_name_of_a_passkey_confirms_nothing(world: World, case: str) -> None:
    refusal = world.refused(change(world, [NEW], by=Authenticator(OLD.name)))
    assert isinstance(refusal, ProofRefused)
    assert refusal.facts["reason"] == "signature"


def test_a_new_passkey_does_not_confirm_itself(world: World, case: str) -> None:
    assert isinstance(world.refused(change(world, [NEW], by=NEW)), ProofRefused)


def test_an_assertion_over_another_change_is_refused(world: World, case: str) -> None:
    third = Authenticator("tablet")
    proof = OLD.confirm(seat_keys_challenge(case, [third.passkey], [], world.clock()))
    body = {"add": [NEW.passkey], "end": [], "proof": proof}
    refusal = world.refused(change(world, body=body))
    assert isinstance(refusal, ProofRefused)
    assert refusal.facts["reason"] == "challenge"


def test_an_assertion_for_another_instant_is_refused(world: World, case: str) -> None:
    early = change(world, [NEW], by=OLD)
    world.clock.move(seconds=1)
    body = {"add": [NEW.passkey], "end": [], "proof": _proof_of(early)}
    assert isinstance(world.refused(change(world, body=body)), ProofRefused)


def test_an_assertion_from_another_case_is_refused(world: World, case: str) -> None:
    proof = _proof_of(change(world, [NEW], by=OLD))
    world.open_case()
    world.citizen_joins([OLD.passkey])
    body = {"add": [NEW.passkey], "end": [], "proof": proof}
    refusal = world.refused(change(world, body=body))
    assert isinstance(refusal, ProofRefused)
    assert refusal.facts["reason"] == "challenge"


def test_the_confirmation_of_a_consent_adds_no_passkey(world: World, case: str) -> None:
    proof = OLD.confirm(consent_challenge(world.consent_document()))
    body = {"add": [NEW.passkey], "end": [], "proof": proof}
    refusal = world.refused(change(world, body=body))
    assert isinstance(refusal, ProofRefused)
    assert refusal.facts["reason"] == "challenge"


def test_a_passkey_that_has_ended_confirms_nothing(world: World, case: str) -> None:
    world.must(change(world, [NEW], [OLD.kid], by=OLD))
    assert isinstance(world.refused(change(world, [Authenticator("tablet")], by=OLD)), ProofRefused)


def test_a_passkey_that_waits_confirms_nothing(world: World, case: str) -> None:
    world.must(change(world, [NEW]))
    assert isinstance(world.refused(change(world, [Authenticator("tablet")], by=NEW)), ProofRefused)


@pytest.mark.parametrize("member", ["citizen", "agency"])
def test_a_consent_with_an_ended_passkey_is_refused(world: World, case: str, member: str) -> None:
    world.agency_joins(world.benefits)
    told = [world.housing.id, world.benefits.id]
    world.must(change(world, [NEW], [OLD.kid], by=OLD, to=told))
    document = world.consent_document()
    signer = OLD if member == "citizen" else replace(OLD, name=NEW.name)
    document["proof"] = [signer.confirm(consent_challenge(document))]
    assert isinstance(world.refused(world.grant(document)), ProofRefused)
    document["proof"] = [NEW.confirm(consent_challenge(document))]
    world.must(world.grant(document))


def test_a_passkey_that_was_ended_never_comes_back(world: World, case: str) -> None:
    world.must(change(world, [NEW], [OLD.kid], by=OLD))
    assert isinstance(world.refused(change(world, [OLD], by=NEW)), KeyTaken)


def test_a_second_passkey_under_the_same_name_is_refused(world: World, case: str) -> None:
    assert isinstance(world.refused(change(world, [Authenticator(OLD.name)], by=OLD)), KeyTaken)


def test_more_passkeys_than_a_person_has_are_refused(world: World, case: str) -> None:
    many = [Authenticator(f"device-{number}") for number in range(8)]
    assert isinstance(world.refused(change(world, many, by=OLD)), TooManyKeys)
    world.must(change(world, many[:7], by=OLD))


def test_ending_what_is_not_there_is_refused(world: World, case: str) -> None:
    assert isinstance(world.refused(change(world, (), [NEW.kid])), UnknownKey)


def test_ending_a_passkey_twice_is_refused(world: World, case: str) -> None:
    world.must(change(world, (), [OLD.kid]))
    assert isinstance(world.refused(change(world, (), [OLD.kid])), KeyNotInForce)


def test_leaving_out_an_agency_of_the_case_is_refused_by_its_name(world: World, case: str) -> None:
    world.agency_joins(world.benefits)
    refusal = world.refused(change(world, (), [OLD.kid]))
    assert isinstance(refusal, WrongRecipients)
    assert refusal.facts["recipient"] == world.benefits.id


def test_telling_an_agency_outside_of_the_case_is_refused(world: World, case: str) -> None:
    told = [world.housing.id, world.debts.id]
    assert isinstance(world.refused(change(world, (), [OLD.kid], to=told)), NoSeat)


def test_a_closed_case_gets_no_passkeys_and_still_loses_them(world: World, case: str) -> None:
    world.must(world.message("case.close/1", body={}))
    assert isinstance(world.refused(change(world, [NEW], by=OLD)), CaseClosed)
    world.must(change(world, (), [OLD.kid]))


def test_an_agency_outside_of_the_case_attests_nothing(world: World, case: str) -> None:
    brought = change(world, [NEW])
    world.must(brought)
    assert isinstance(world.refused(attest(world, brought, [NEW.kid], world.debts)), NoSeat)


def test_any_agency_of_the_case_attests(world: World, case: str) -> None:
    world.agency_joins(world.benefits)
    brought = change(world, [NEW], to=[world.housing.id, world.benefits.id])
    world.must(brought)
    world.must(attest(world, brought, [NEW.kid], world.benefits))


def test_the_portal_attests_nothing(world: World, case: str) -> None:
    brought = change(world, [NEW])
    world.must(brought)
    body = {"keys": id_of(brought), "passkeys": [NEW.kid], "method": "in_person"}
    raw = world.message("case.attest/1", world.portal, to=[world.housing.id], body=body)
    assert isinstance(world.refused(raw), NotYourTurn)


@pytest.mark.parametrize("other", ["another passkey", "another message", "twice"])
def test_attesting_what_does_not_wait_is_refused(world: World, case: str, other: str) -> None:
    brought = change(world, [NEW])
    world.must(brought)
    kids = [OLD.kid] if other == "another passkey" else [NEW.kid]
    named = change(world, [NEW]) if other == "another message" else brought
    if other == "twice":
        world.must(attest(world, brought, kids))
    assert isinstance(world.refused(attest(world, named, kids)), NotAttested)


@pytest.mark.parametrize(
    "body",
    [
        {"add": [], "end": []},
        {"add": [], "end": [OLD.kid], "proof": OLD.confirm(bytes(32))},
        {"add": [OLD.passkey], "end": [OLD.kid]},
        {"add": [NEW.passkey, {**NEW.passkey, "credential": "AAAA"}], "end": []},
        {"add": [NEW.passkey]},
    ],
    ids=["nothing", "a proof of an end", "added and ended", "one key twice", "no list"],
)
def test_a_change_that_says_nothing_clear_is_invalid(world: World, case: str, body: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        change(world, body=body)


@pytest.mark.parametrize(
    "body",
    [
        {"passkeys": [NEW.kid], "method": "in_person"},
        {"keys": "0190a0a0-0000-7000-8000-000000000000", "passkeys": [], "method": "in_person"},
        {"keys": "0190a0a0-0000-7000-8000-000000000000", "passkeys": [NEW.kid], "method": "code"},
        {
            "keys": "0190a0a0-0000-7000-8000-000000000000",
            "join": "0190a0a0-0000-7000-8000-000000000000",
            "passkeys": [NEW.kid],
            "method": "in_person",
        },
    ],
    ids=["of nothing", "of no passkey", "by a code", "of two things"],
)
def test_an_attestation_that_says_nothing_clear_is_invalid(
    world: World, case: str, body: dict[str, Any]
) -> None:
    with pytest.raises(Invalid):
        world.message("case.attest/1", body=body)


def _proof_of(raw: bytes) -> dict[str, str]:
    found: dict[str, str] = parse(unb64u(raw.split(b".")[1].decode()))["body"]["proof"]
    return found
