"""Passkeys slipped into a citizen's seat after joining: by a lenient coordinator, a foreign portal, an agency
of its own, or with what a passkey confirmed for something else. What must not come of it: a key that counts.
"""

from __future__ import annotations

from typing import Any

import pytest

from connectors.exchange import seats
from connectors.exchange.acts import consents
from connectors.exchange.acts import seat_keys as acts
from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import consents as consent_store
from schemas import message, receipt
from schemas.consent_proof import consent_challenge
from schemas.messages.envelope import compose
from schemas.seat_keys import seat_keys_challenge
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, there
from tests.passkeys import Authenticator, case_with, change, consent_by, document
from tests.refusals.exchange.hostile import admit_anything, aside, coordinator_key, kinds, lie

OLD, NEW = Authenticator("phone"), Authenticator("laptop")


@pytest.fixture
def case(exchange: World) -> str:
    """A case in which the citizen sits with one passkey, and debt advice."""
    exchange.agreed(proof={"housing": "passkey"})
    return case_with(exchange, OLD)


def in_force(exchange: World, case: str, member: str = DEBT) -> set[str]:
    return {each.kid for each in acts.passkeys_in(exchange.members[member], case).in_force}


def say(exchange: World, sender: str, kind: str, case: str, *, to: list[str], body: dict[str, Any]) -> str:
    """Say something that an honest connector would not, and let everybody hear it."""
    connector, now = exchange.members[sender], exchange.clock()
    answers = body.get("consent", {}).get("request")
    signed = sign_open(connector, now, type=kind, to=to, case=case, re=answers, body=body)
    with connector.database.writing() as connection:
        post(connection, signed, now)
    exchange.settle()
    return signed.id


def body(exchange: World, case: str, by: Authenticator) -> dict[str, Any]:
    """Add the new passkey to the seat in a case, confirmed by another."""
    found: dict[str, Any] = {"add": [NEW.passkey], "end": []}
    found["proof"] = by.confirm(seat_keys_challenge(case, found["add"], found["end"], exchange.clock()))
    return found


def test_a_passkey_confirmed_by_a_strangers_is_turned_away(
    exchange: World, case: str, monkeypatch: pytest.MonkeyPatch
):
    admit_anything(monkeypatch, "case.keys/1")
    say(
        exchange, PORTAL, "case.keys/1", case, to=[DEBT], body=body(exchange, case, Authenticator("stranger"))
    )
    assert ("case.keys/1", "rejected", "proof_refused") in aside(exchange, DEBT)
    assert in_force(exchange, case) == {OLD.kid}


def test_what_was_confirmed_for_another_case_is_turned_away(
    exchange: World, case: str, monkeypatch: pytest.MonkeyPatch
):
    other = case_with(exchange, OLD)
    admit_anything(monkeypatch, "case.keys/1")
    say(exchange, PORTAL, "case.keys/1", case, to=[DEBT], body=body(exchange, other, OLD))
    assert ("case.keys/1", "rejected", "proof_refused") in aside(exchange, DEBT)
    assert in_force(exchange, case) == {OLD.kid}


def test_the_confirmation_of_a_consent_is_turned_away_as_one_of_keys(
    exchange: World, case: str, monkeypatch: pytest.MonkeyPatch
):
    asked = document(exchange, case)
    admit_anything(monkeypatch, "case.keys/1")
    proof = OLD.confirm(consent_challenge(asked))
    say(
        exchange,
        PORTAL,
        "case.keys/1",
        case,
        to=[DEBT],
        body={"add": [NEW.passkey], "end": [], "proof": proof},
    )
    assert ("case.keys/1", "rejected", "proof_refused") in aside(exchange, DEBT)
    assert in_force(exchange, case) == {OLD.kid}


def test_the_confirmation_of_keys_is_turned_away_as_one_of_a_consent(
    exchange: World, case: str, monkeypatch: pytest.MonkeyPatch
):
    asked = dict(document(exchange, case))
    challenge = seat_keys_challenge(case, [NEW.passkey], [], exchange.clock())
    asked["proof"] = [OLD.confirm(challenge)]
    admit_anything(monkeypatch, "consent.grant/1")
    say(exchange, PORTAL, "consent.grant/1", case, to=[DEBT, HOUSING], body={"consent": asked})
    assert ("consent.grant/1", "rejected", "proof_refused") in aside(exchange, DEBT)


def test_passkeys_by_a_portal_that_does_not_hold_the_seat_are_turned_away(
    exchange: World, case: str, monkeypatch: pytest.MonkeyPatch
):
    exchange.enrol("other-portal", "portal")
    admit_anything(monkeypatch, "case.keys/1")
    say(exchange, "other-portal", "case.keys/1", case, to=[DEBT], body=body(exchange, case, OLD))
    assert ("case.keys/1", "rejected", "not_your_turn") in aside(exchange, DEBT)
    assert in_force(exchange, case) == {OLD.kid}


def test_passkeys_by_the_portals_word_wait_where_an_agency_has_met_the_person(exchange: World, case: str):
    change(exchange, case, [NEW])
    assert in_force(exchange, case) == {OLD.kid}
    assert [each.kid for each in acts.passkeys_in(exchange.members[DEBT], case).waiting] == [NEW.kid]


def test_an_agency_outside_of_the_case_attests_nothing(
    exchange: World, case: str, monkeypatch: pytest.MonkeyPatch
):
    brought = change(exchange, case, [NEW])
    admit_anything(monkeypatch, "case.attest/1")
    attested = {"keys": brought, "passkeys": [NEW.kid], "method": "in_person"}
    say(exchange, HOUSING, "case.attest/1", case, to=[DEBT, "citizen"], body=attested)
    assert ("case.attest/1", "rejected", "no_seat") in aside(exchange, DEBT)
    assert ("case.attest/1", "rejected", "no_seat") in aside(exchange, PORTAL)
    for member in (DEBT, PORTAL):
        assert in_force(exchange, case, member) == {OLD.kid}


@pytest.mark.parametrize("coordinator", ["honest", "lenient"])
def test_a_consent_with_a_passkey_that_has_ended_is_turned_away(
    exchange: World, case: str, monkeypatch: pytest.MonkeyPatch, coordinator: str
):
    change(exchange, case, end=[OLD.kid])
    asked = dict(document(exchange, case))
    asked["proof"] = [OLD.confirm(consent_challenge(asked))]
    if coordinator == "lenient":
        admit_anything(monkeypatch, "consent.grant/1")
    say(exchange, PORTAL, "consent.grant/1", case, to=[DEBT, HOUSING], body={"consent": asked})
    with exchange.members[DEBT].database.reading() as connection:
        assert consent_store.find(connection, asked["id"]) is None
    assert (("consent.grant/1", "rejected", "proof_refused") in aside(exchange, DEBT)) is (
        coordinator == "lenient"
    )


# --- a coordinator that shows another history to whoever asks --------------------------------------


def shown(
    exchange: World, sender: Connector, kind: str, case: str, index: int, **said: Any
) -> dict[str, Any]:
    """Make a message with the coordinator's real receipt that was never admitted."""
    now = exchange.clock()
    key = sender.keyring.signing_key(now)
    to = [DEBT] if sender.id != DEBT else ["citizen"]
    raw = message.sign(compose(type=kind, sender=sender.id, to=to, at=now, case=case, body=said), key)
    verified = message.verify(raw, lambda _kid, _payload: key.public)
    promise = receipt.issue(
        id=verified.payload["id"],
        sha256=verified.sha256,
        salt=bytes(16),
        admitted_at=now,
        key=coordinator_key(exchange),
    )
    return {"index": index, "message": raw.decode(), "receipt": promise.decode()}


def add_to_the_seat(exchange: World, member: str, *entries: dict[str, Any]) -> None:
    def more(answer: dict[str, Any]) -> dict[str, Any]:
        for seat in answer["seats"]:
            if seat["kind"] == "citizen":
                seat["messages"] += entries
        return answer

    lie(exchange, member, "/v1/cases/", more)


BEYOND = 10**6
"""A place that the log has not reached: nobody can look yet whether it is there."""


def test_a_shown_history_with_a_strangers_passkey_raises_the_alarm(exchange: World, case: str):
    invented = body(exchange, case, Authenticator("stranger"))
    entry = shown(exchange, exchange.members[PORTAL], "case.keys/1", case, BEYOND, **invented)
    add_to_the_seat(exchange, DEBT, entry)
    seats.learn(exchange.members[DEBT], case)
    assert kinds(exchange, DEBT) == ["keys_swapped"]
    assert in_force(exchange, case) == {OLD.kid}


def test_a_shown_history_that_the_log_does_not_hold_there_raises_the_alarm(exchange: World, case: str):
    entry = shown(exchange, exchange.members[PORTAL], "case.keys/1", case, 1, **body(exchange, case, OLD))
    add_to_the_seat(exchange, DEBT, entry)
    seats.learn(exchange.members[DEBT], case)
    assert kinds(exchange, DEBT) == ["keys_swapped"]
    assert in_force(exchange, case) == {OLD.kid}


def test_a_shown_history_by_another_portal_counts_for_nothing(exchange: World, case: str):
    other = exchange.enrol("other-portal", "portal")
    entry = shown(exchange, other, "case.keys/1", case, BEYOND, **body(exchange, case, OLD))
    add_to_the_seat(exchange, DEBT, entry)
    seats.learn(exchange.members[DEBT], case)
    assert in_force(exchange, case) == {OLD.kid}


def test_an_agency_that_is_said_to_have_opened_the_case_attests_nothing(exchange: World, case: str):
    brought = change(exchange, case, [NEW])
    charity = exchange.enrol("other-charity", "charity")
    opened = shown(exchange, charity, "case.open/1", case, BEYOND, language="en")
    attested = shown(
        exchange,
        charity,
        "case.attest/1",
        case,
        BEYOND + 1,
        keys=brought,
        passkeys=[NEW.kid],
        method="in_person",
    )

    def another_opener(answer: dict[str, Any]) -> dict[str, Any]:
        for seat in answer["seats"]:
            if seat["kind"] == "agency":
                seat["messages"] = [opened]
            else:
                seat["messages"].append(attested)
        return answer

    lie(exchange, HOUSING, "/v1/cases/", another_opener)
    lie(exchange, DEBT, "/v1/cases/", another_opener)
    seats.learn(exchange.members[DEBT], case)
    assert in_force(exchange, case) == {OLD.kid}


def test_an_end_that_the_coordinator_kept_back_counts_as_soon_as_it_is_shown(exchange: World, case: str):
    """Held back from the mailbox, it is in the history that is fetched before a passkey is relied on."""
    consent = consent_by(exchange, case, OLD)
    with exchange.members[DEBT].database.reading() as connection:
        assert there(consent_store.find(connection, consent)).proven
    portal = exchange.members[PORTAL]
    acts.end_passkeys(portal, case, [OLD.kid])
    exchange.settle()
    seats.learn(exchange.members[DEBT], case)
    assert in_force(exchange, case) == set()
    consents.withdraw(portal, consent)
    exchange.settle()
    with exchange.members[DEBT].database.reading() as connection:
        assert there(consent_store.find(connection, consent)).status == "withdrawn"
