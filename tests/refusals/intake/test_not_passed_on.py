"""Where the citizen sees a record first, nothing goes to an agency that they have not passed on."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.errors import NotPassedOn, NotYourTurn, PreviewDemanded, UnknownRequest, WrongTransition
from schemas.messages.envelope import Authority
from tests.factories import World, id_of, new_id
from tests.refusals.intake.corrections import correction


@pytest.fixture
def asked(world: World) -> str:
    """Let the citizen consent with preview, and benefits ask."""
    world.granted(preview=True)
    request = world.request()
    world.must(request)
    return id_of(request)


def _show(world: World, asked: str | None, **fields: Any) -> bytes:
    by_seat = {"authority": Authority("seat"), "agreement": None, "purpose": None}
    return world.release(to=["citizen"], re=asked, **{**by_seat, **fields})


def _word(world: World, release: str, decision: str = "pass", **fields: Any) -> bytes:
    defaults = {"to": [world.housing.id], "re": release, "body": {"release": release, "decision": decision}}
    return world.message("record.pass/1", world.portal, **(defaults | fields))


def _passed(world: World, asked: str, decision: str = "pass") -> str:
    shown = _show(world, asked)
    world.must(shown)
    world.must(_word(world, id_of(shown), decision))
    return id_of(shown)


def test_a_release_that_was_not_passed_on_is_refused(world: World, asked: str) -> None:
    assert isinstance(world.refused(world.release(re=asked)), NotPassedOn)
    world.must(_show(world, asked))
    assert isinstance(world.refused(world.release(re=asked)), NotPassedOn)


def test_a_release_in_answer_to_nothing_is_refused(world: World, asked: str) -> None:
    _passed(world, asked)
    assert isinstance(world.refused(world.release()), NotPassedOn)


def test_a_release_that_was_passed_on_is_admitted_once(world: World, asked: str) -> None:
    _passed(world, asked)
    world.must(world.release(re=asked))
    assert isinstance(world.refused(world.release(re=asked)), NotPassedOn)


def test_two_releases_of_one_batch_use_one_word_once(world: World, asked: str) -> None:
    shown = _show(world, asked)
    world.must(shown)
    first, second = world.release(re=asked), world.release(re=asked)
    assert isinstance(world.refused(_word(world, id_of(shown)), first, second), NotPassedOn)
    world.must(first)


def test_what_was_stopped_is_refused(world: World, asked: str) -> None:
    _passed(world, asked, "stop")
    assert isinstance(world.refused(world.release(re=asked)), NotPassedOn)


def test_a_word_for_one_request_lets_nothing_go_for_another(world: World, asked: str) -> None:
    _passed(world, asked)
    other = world.request()
    world.must(other)
    assert isinstance(world.refused(world.release(re=id_of(other))), NotPassedOn)


def test_a_word_is_said_once(world: World, asked: str) -> None:
    shown = _passed(world, asked, "stop")
    assert isinstance(world.refused(_word(world, shown)), WrongTransition)


def test_a_word_is_the_citizens(world: World, asked: str) -> None:
    shown = _show(world, asked)
    world.must(shown)
    body = {"release": id_of(shown), "decision": "pass"}
    raw = world.message("record.pass/1", world.benefits, to=[world.housing.id], re=id_of(shown), body=body)
    assert isinstance(world.refused(raw), NotYourTurn)


def test_a_word_about_what_was_not_shown_to_the_citizen_alone_is_refused(world: World, asked: str) -> None:
    assert isinstance(world.refused(_word(world, asked)), UnknownRequest)
    assert isinstance(world.refused(_word(world, new_id())), UnknownRequest)
    first = world.consent
    world.granted()
    open_release = world.release()
    world.must(open_release)
    assert first != world.consent
    assert isinstance(world.refused(_word(world, id_of(open_release))), UnknownRequest)


def test_a_word_goes_to_the_source_of_the_record(world: World, asked: str) -> None:
    shown = _show(world, asked)
    world.must(shown)
    assert isinstance(world.refused(_word(world, id_of(shown), to=[world.benefits.id])), UnknownRequest)


def test_showing_in_answer_to_a_request_to_somebody_else_is_refused(world: World, asked: str) -> None:
    raw = _show(world, asked, sender=world.benefits, schema="benefits.entitlements/1")
    assert isinstance(world.refused(raw), UnknownRequest)


def test_a_correction_brings_nothing_that_was_not_passed_on(world: World, asked: str) -> None:
    shown = _passed(world, asked)
    assert isinstance(world.refused(correction(world, shown)), NotPassedOn)
    release = world.release(re=asked)
    world.must(release)
    world.must(correction(world, id_of(release)))


def test_a_consent_without_the_preview_that_the_agreement_demands_is_refused(world: World) -> None:
    world.agree(world.agreement_document(version=2, preview=["housing"]))
    changed: dict[str, Any] = {"agreement": "winter-support@2"}
    assert isinstance(world.refused(world.ask_consent(**changed)), PreviewDemanded)
    assert isinstance(world.refused(world.grant(world.consent_document(**changed))), PreviewDemanded)
    world.must(world.ask_consent(**changed, preview=True))
    world.must(world.grant(world.consent_document(**changed, preview=True)))
