"""What the clock does, by a clock that the test moves."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from coordinator.database.engine import reading
from coordinator.database.tables import consents, emergencies
from schemas import instant
from schemas.receipt import check
from schemas.wire import unb64u
from tests.factories import OFFICER, WITHHOLDING_CLAUSE, Actor, World, id_of
from tests.placed import mail


def _mail(world: World, actor: Actor, type_name: str) -> list[dict[str, Any]]:
    return mail(world.coordinator, actor.id, type_name)


def _delayed(world: World) -> bytes:
    on = instant.format(world.clock() + timedelta(days=10))
    notice = {"kind": "delayed", "on": on, "officer": OFFICER, "ground": WITHHOLDING_CLAUSE}
    return world.emergency(body={"notice": notice})


def test_an_emergency_is_told_at_once(world: World) -> None:
    world.must(world.emergency())
    assert len(_mail(world, world.portal, "access.emergency/1")) == 1


def test_a_delayed_notice_is_held_until_its_date_and_then_told_with_its_receipt(world: World) -> None:
    emergency = _delayed(world)
    receipt = world.must(emergency).receipt
    world.clock.move(days=9, hours=23)
    world.coordinator.tick()
    assert _mail(world, world.portal, "access.emergency/1") == []
    assert _mail(world, world.portal, "delivery.delayed/1") == []
    world.clock.move(hours=1)
    world.coordinator.tick()
    world.coordinator.tick()
    (told,) = _mail(world, world.portal, "delivery.delayed/1")
    assert told["body"] == {"message": emergency.decode(), "receipt": receipt.decode()}


def test_the_receipt_of_what_was_held_proves_when_it_was_admitted(world: World) -> None:
    emergency = _delayed(world)
    world.must(emergency)
    opened = world.clock()
    world.clock.move(days=10)
    world.coordinator.tick()
    (told,) = _mail(world, world.portal, "delivery.delayed/1")
    found = check(
        told["body"]["receipt"].encode(),
        lambda kid, _: world.coordinator.verifying_keys[kid],
        id=id_of(emergency),
        sha256=hashlib.sha256(emergency).digest(),
    )
    assert found.admitted_at == opened
    assert unb64u(told["body"]["message"].split(".")[0])


def test_consents_expire_by_the_clock(world: World) -> None:
    world.clock.move(days=181)
    world.coordinator.tick()
    with reading(world.coordinator.engine) as connection:
        assert connection.execute(consents.select()).one().status == "expired"


def test_a_consent_does_not_expire_early(world: World) -> None:
    world.clock.move(days=179)
    world.coordinator.tick()
    with reading(world.coordinator.engine) as connection:
        assert connection.execute(consents.select()).one().status == "granted"


def _reviewed(world: World) -> tuple[str, str | None]:
    with reading(world.coordinator.engine) as connection:
        row = connection.execute(emergencies.select()).one()
    return row.reviewed, row.outcome


def test_an_emergency_without_a_review_is_marked_after_72_hours(world: World) -> None:
    world.must(world.emergency())
    world.clock.move(hours=71)
    world.coordinator.tick()
    assert _reviewed(world) == ("open", None)
    world.clock.move(hours=1)
    world.coordinator.tick()
    assert _reviewed(world) == ("overdue", None)


def test_a_late_review_is_written_down_and_stays_marked(world: World) -> None:
    emergency = world.emergency()
    world.must(emergency)
    world.clock.move(hours=73)
    world.coordinator.tick()
    world.must(world.review(emergency))
    assert _reviewed(world) == ("overdue", "justified")


def test_a_review_in_time_is_done(world: World) -> None:
    emergency = world.emergency()
    world.must(emergency)
    world.clock.move(hours=70)
    world.must(world.review(emergency))
    assert _reviewed(world) == ("done", "justified")
