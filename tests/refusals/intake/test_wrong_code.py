"""Enrolling needs a code that was issued for this member and kind, unused and in time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from coordinator.database.engine import reading
from coordinator.database.tables import refusals
from coordinator.register.codes import issue_code
from coordinator.register.said import content
from schemas.errors import WrongCode
from schemas.message import sign
from tests.factories import Actor, World

NEW = Actor("food-bank", "charity")


def _code(world: World, member: str = NEW.id, kind: str = NEW.kind) -> str:
    return world.coordinator.committer.run(
        lambda connection: issue_code(connection, member=member, kind=kind, now=world.clock())
    )


def test_a_code_that_nobody_issued_is_refused_and_not_stored(world: World) -> None:
    assert isinstance(world.refused(world.enrolment(NEW, code="guess")), WrongCode)
    with reading(world.coordinator.engine) as connection:
        assert connection.execute(refusals.select()).all() == []


@pytest.mark.parametrize(("member", "kind"), [("other-bank", "charity"), (NEW.id, "public")])
def test_a_code_for_another_member_or_kind_is_refused(world: World, member: str, kind: str) -> None:
    assert isinstance(world.refused(world.enrolment(NEW, code=_code(world, member, kind))), WrongCode)


def test_an_expired_code_is_refused(world: World) -> None:
    code = _code(world)
    world.clock.move(days=15)
    assert isinstance(world.refused(world.enrolment(NEW, code=code)), WrongCode)


def test_a_challenge_for_another_key_is_refused(world: World) -> None:
    raw = world.enrolment(NEW)
    other = world.enrolment(Actor(NEW.id, NEW.kind, NEW.sign))
    payload = world.payload("member.enrol/1", NEW, body=_with_challenge_of(raw, other))
    assert isinstance(world.refused(sign(payload, NEW.sign)), WrongCode)


def _with_challenge_of(raw: bytes, other: bytes) -> dict[str, object]:
    body: dict[str, object] = dict(content(raw)["body"])
    return body | {"challenge": content(other)["body"]["challenge"]}


def test_an_old_challenge_is_refused(world: World) -> None:
    raw = world.enrolment(NEW)
    world.clock.at += timedelta(minutes=16)
    assert isinstance(world.refused(raw), WrongCode)


def test_a_used_code_is_refused(world: World) -> None:
    code = _code(world)
    world.must(world.enrolment(NEW, code=code))
    world.must(world.message("member.leave/1", NEW, body={}))
    again = Actor("food-bank", "charity")
    assert world.refused(world.enrolment(again, code=code)).code in {"member_exists", "wrong_code"}
