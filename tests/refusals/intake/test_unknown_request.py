"""An answer has a question, in the same case."""

from __future__ import annotations

from schemas.errors import UnknownRequest
from tests.factories import World, id_of, new_id


def test_declining_what_nobody_asked_is_refused(world: World) -> None:
    body = {"reason": "not_held", "categories": ["housing"]}
    raw = world.message("record.decline/1", to=[world.benefits.id], re=new_id(), body=body)
    assert isinstance(world.refused(raw), UnknownRequest)


def test_releasing_in_answer_to_what_was_no_request_is_refused(world: World) -> None:
    first = world.release()
    world.must(first)
    assert isinstance(world.refused(world.release(re=id_of(first))), UnknownRequest)


def test_releasing_in_answer_to_a_request_is_admitted(world: World) -> None:
    request = world.request()
    world.must(request)
    world.must(world.release(re=id_of(request)))


def test_refusing_what_nobody_asked_is_refused(world: World) -> None:
    raw = world.message("consent.refuse/1", world.portal, to=[world.benefits.id], re=new_id(), body={})
    assert isinstance(world.refused(raw), UnknownRequest)


def test_erasing_what_is_no_message_of_the_case_is_refused(world: World) -> None:
    body = {
        "messages": [{"id": new_id(), "sha256": "0" * 64}],
        "why": "withdrawn",
        "at": "2026-11-23T09:00:00.000Z",
    }
    raw = world.message("record.erased/1", world.benefits, to=[world.housing.id, "citizen"], body=body)
    assert isinstance(world.refused(raw), UnknownRequest)
