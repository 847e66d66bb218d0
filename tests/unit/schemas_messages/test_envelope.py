"""Reading an envelope into a message, and composing one that may be signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from schemas import instant, message
from schemas.errors import Invalid
from schemas.message import Verified
from schemas.messages import envelope
from schemas.messages.envelope import Attachment, Authority, Sealed, Withheld, compose, load
from schemas.messages.envelope_fast import recognise
from schemas.vectors import examples
from schemas.vectors.known_keys import SIGNING
from schemas.vectors.replay import key_for

AT = instant.parse(examples.AT)


def verified(payload: dict[str, Any]) -> Verified:
    raw = message.sign(payload, SIGNING[payload["from"]])
    return message.verify(raw, key_for)


def test_a_release_is_read_into_a_message_with_its_bytes_beside_it():
    payload = examples.payload("record.release/1")
    arrived = verified(payload)
    found = load(arrived)
    assert found.id == payload["id"]
    assert found.sender == examples.NORTH
    assert found.to == (examples.SOUTH, examples.CITIZEN)
    assert found.at == AT
    assert found.until == AT + timedelta(days=1)
    assert found.authority == Authority("consent", examples.CONSENT)
    assert found.categories == ("housing",)
    assert found.body is None
    assert [each.to for each in found.sealed] == list(found.to)
    assert (found.raw, found.sha256, found.kid) == (arrived.raw, arrived.sha256, arrived.kid)


@pytest.mark.parametrize(
    ("authority", "expected"),
    [
        ({"basis": "seat"}, Authority("seat")),
        ({"basis": "statute", "clause": "ccapex"}, Authority("statute", "ccapex")),
        (
            {"basis": "emergency", "emergency": examples.message_id(27)},
            Authority("emergency", examples.message_id(27)),
        ),
    ],
)
def test_each_basis_names_what_it_rests_on(authority: dict[str, Any], expected: Authority):
    payload = {**examples.payload("record.release/1"), "authority": authority}
    assert load(verified(payload)).authority == expected


def test_the_citizen_can_be_left_out_by_a_ground_and_until_a_day():
    payload = examples.payload("record.release/1")
    payload |= {"to": payload["to"][:1], "sealed": payload["sealed"][:1]}
    payload["withheld"] = {"ground": "ccapex", "review_on": "2026-12-23"}
    assert load(verified(payload)).withheld == Withheld("ccapex", date(2026, 12, 23))


def test_a_message_about_a_rejected_agreement_needs_no_case():
    payload = examples.payload("message.reject/1")
    del payload["case"]
    payload["to"] = [examples.NORTH]
    assert load(verified(payload)).case is None


@pytest.mark.parametrize("type_name", sorted(examples.sealed_types()))
def test_good_sealed_messages_never_take_the_slow_way(type_name: str):
    payload = examples.payload(type_name)
    assert recognise(payload, raw=b"", sha256=b"", kid="") is not None


def test_what_is_composed_is_what_is_read():
    jwe = "a.b.c.d.e"
    payload = compose(
        type="record.release/1",
        sender=examples.NORTH,
        to=[examples.SOUTH],
        at=AT,
        case=examples.CASE,
        re=examples.message_id(20),
        authority=Authority("statute", "ccapex"),
        agreement=examples.AGREEMENT,
        purpose="prevent-eviction",
        categories=["housing"],
        schema="housing.tenancy/1",
        sealed=[Sealed(examples.SOUTH, jwe)],
        attachments=[Attachment("0" * 64, 1)],
        withheld=Withheld("ccapex", date(2026, 12, 23)),
    )
    found = load(verified(payload))
    assert found.authority == Authority("statute", "ccapex")
    assert found.attachments == (Attachment("0" * 64, 1),)
    assert found.withheld == Withheld("ccapex", date(2026, 12, 23))
    assert found.until - found.at == envelope.LONGEST_WAIT


def test_a_new_message_id_is_time_ordered_and_taken_by_the_envelope():
    first, second = envelope.new_id(), envelope.new_id()
    assert first < second
    body = {"language": "en"}
    payload = compose(
        type="case.open/1", sender="a-b", to=["coordinator"], at=AT, case=examples.CASE, body=body, id=second
    )
    assert payload["id"] == second


def test_nothing_is_composed_that_no_receiver_would_take():
    with pytest.raises(Invalid):
        compose(type="case.open/1", sender="a-b", to=["coordinator"], at=AT, case=examples.CASE, body={})
    with pytest.raises(Invalid):
        compose(type="case.open/1", sender="a-b", to=["coordinator"], at=AT, body={"language": "en"})


def test_a_refusal_names_the_member_and_not_its_value():
    payload = {**examples.payload("case.open/1"), "id": "Jean Dupont"}
    with pytest.raises(Invalid) as refused:
        load(verified(payload))
    assert refused.value.facts == {"path": "message.id"}
    assert "Jean" not in str(refused.value.to_problem())


def test_a_refusal_does_not_repeat_the_name_of_a_member_that_could_be_anything():
    payload = {**examples.payload("case.open/1"), "Jean Dupont": 1}
    with pytest.raises(Invalid) as refused:
        load(verified(payload))
    assert "Jean" not in str(refused.value.to_problem())


def test_a_message_is_a_value():
    found = load(verified(examples.payload("record.release/1")))
    assert replace(found, purpose=None) != found
    with pytest.raises(AttributeError):
        found.purpose = "other"  # type: ignore[misc]  # that it cannot be set is the point
