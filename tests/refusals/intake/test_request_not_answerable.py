"""Requests for consent are answered in time, and not after a narrower one took their place."""

from __future__ import annotations

from typing import Any

from schemas.consent import terms_of
from schemas.errors import Invalid, NotYourTurn, RequestExpired, RequestReplaced, UnknownRequest
from tests.factories import World, id_of, new_id


def _offer(world: World, asked: bytes, terms: dict[str, Any], **fields: Any) -> bytes:
    defaults = {"to": [world.benefits.id], "re": id_of(asked), "body": {"terms": terms}}
    return world.message("consent.offer/1", world.portal, **(defaults | fields))


def _less(world: World) -> dict[str, Any]:
    return terms_of(world.consent_document(data_life={"days": 5}, fetch="once", frequency=None))


def _again(world: World, offer: bytes, terms: dict[str, Any], **fields: Any) -> bytes:
    why = {"en": "So that we can help.", "fr": "Pour vous aider."}
    defaults = {"re": id_of(offer), "body": {"terms": terms, "why": why}}
    return world.message("consent.request/1", fields.pop("sender", world.benefits), **(defaults | fields))


def _refusal(world: World, asked: bytes) -> bytes:
    return world.message("consent.refuse/1", world.portal, to=[world.benefits.id], re=id_of(asked), body={})


def test_an_answer_after_fourteen_days_is_refused(world: World) -> None:
    asked = world.ask_consent()
    world.must(asked)
    world.clock.move(days=14)
    late = world.consent_document(request=id_of(asked))
    assert isinstance(world.refused(world.grant(late)), RequestExpired)
    assert isinstance(world.refused(_refusal(world, asked)), RequestExpired)
    assert isinstance(world.refused(_offer(world, asked, _less(world))), RequestExpired)


def test_an_answer_on_the_fourteenth_day_is_admitted(world: World) -> None:
    asked = world.ask_consent()
    world.must(asked)
    world.clock.move(days=13, hours=23, minutes=59)
    world.must(_refusal(world, asked))


def test_a_replaced_request_is_answered_no_more(world: World) -> None:
    asked, less = world.ask_consent(), _less(world)
    offer = _offer(world, asked, less)
    again = _again(world, offer, less)
    world.must(asked, offer, again)
    assert isinstance(world.refused(_refusal(world, asked)), RequestReplaced)
    same = world.consent_document(request=id_of(asked))
    assert isinstance(world.refused(world.grant(same)), RequestReplaced)
    assert isinstance(world.refused(_again(world, offer, less)), RequestReplaced)
    world.must(_refusal(world, again))


def test_a_request_that_asks_for_more_than_was_offered_is_refused(world: World) -> None:
    asked, less = world.ask_consent(), _less(world)
    offer = _offer(world, asked, less)
    world.must(asked, offer)
    refused = world.refused(_again(world, offer, {**less, "data_life": {"days": 6}}))
    assert isinstance(refused, Invalid)
    assert refused.facts["path"] == "terms.data_life"
    world.must(_again(world, offer, less))


def test_an_offer_of_more_than_was_asked_for_is_refused(world: World) -> None:
    asked = world.ask_consent()
    world.must(asked)
    assert isinstance(
        world.refused(_offer(world, asked, {**_less(world), "data_life": {"days": 91}})), Invalid
    )


def test_an_offer_is_taken_by_the_one_to_whom_it_was_made(world: World) -> None:
    asked, less = world.ask_consent(), _less(world)
    offer = _offer(world, asked, less)
    world.must(asked, offer)
    assert isinstance(world.refused(_again(world, offer, less, sender=world.housing)), UnknownRequest)
    assert isinstance(world.refused(_again(world, asked, less)), UnknownRequest)


def test_an_offer_in_answer_to_nothing_is_refused(world: World) -> None:
    asked, less = world.ask_consent(), _less(world)
    assert isinstance(world.refused(_offer(world, asked, less, re=new_id())), UnknownRequest)


def test_an_agency_makes_no_offer(world: World) -> None:
    asked = world.ask_consent()
    world.must(asked)
    raw = world.message(
        "consent.offer/1",
        world.housing,
        to=[world.benefits.id],
        re=id_of(asked),
        body={"terms": _less(world)},
    )
    assert isinstance(world.refused(raw), NotYourTurn)
