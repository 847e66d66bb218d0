"""What was not collected is taken back when nothing carries it any more, and sender and citizen are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import Row, update

from coordinator.database.engine import writing
from coordinator.database.tables import consents, mailbox, seats
from schemas.message import verify
from schemas.messages.envelope import load
from tests.factories import CLAUSE, STATUTE_PURPOSE, Actor, Authority, World, id_of
from tests.placed import mail, wait_until_placed

_BENEFITS_SEAT = seats.c.member == "benefits-office"


def _mail(world: World, actor: Actor, type_name: str | None = None) -> list[dict[str, Any]]:
    return mail(world.coordinator, actor.id, type_name)


def _withdraw(world: World) -> str:
    world.must(world.decide("withdraw"))
    return "withdrawn"


def _suspend(world: World) -> str:
    world.must(world.decide("suspend"))
    return "suspended"


def _supersede(world: World) -> str:
    world.must(world.grant(world.consent_document(supersedes=world.consent)))
    return "superseded"


def _expire(world: World) -> str:
    world.clock.move(days=181)
    world.coordinator.tick()
    return "expired"


def _citizen_leaves(world: World) -> str:
    to = [world.housing.id, world.benefits.id]
    world.must(world.message("case.leave/1", world.portal, to=to, body={}))
    return "withdrawn"


def _recipient_leaves(world: World) -> str:
    world.must(world.message("case.leave/1", world.benefits, body={}))
    return "withdrawn"


@pytest.mark.parametrize("end", [_withdraw, _suspend, _supersede, _expire, _recipient_leaves])
def test_an_uncollected_release_is_taken_back_and_sender_and_citizen_are_told(
    world: World, end: Callable[[World], str]
) -> None:
    release = world.release()
    world.must(release)
    why = end(world)
    world.coordinator.tick()
    assert _mail(world, world.benefits, "record.release/1") == []
    for actor in (world.housing, world.portal):
        (told,) = _mail(world, actor, "delivery.withdrawn/1")
        assert told["body"] == {"message": id_of(release), "consent": world.consent, "why": why}
        assert told["from"] == "coordinator"


def test_who_has_it_already_is_told_apart_from_who_never_got_it(world: World) -> None:
    """Else one who is offline would hide a copy that another has and must delete."""
    world.agency_joins(world.debts)
    both = [world.benefits.id, world.debts.id]
    world.granted(recipients=both)
    release = world.release(to=[*both, "citizen"])
    world.must(release)
    page = world.coordinator.mailboxes.collect(world.benefits.id)
    world.coordinator.mailboxes.acknowledge(world.benefits.id, page.next)
    to = [world.housing.id, *both]
    world.must(world.decide("withdraw", to=to))
    world.coordinator.tick()
    (told,) = _mail(world, world.portal, "delivery.withdrawn/1")
    assert told["body"]["mailboxes"] == [world.debts.id]


def test_when_the_citizen_leaves_the_sender_is_told(world: World) -> None:
    world.must(world.release())
    _citizen_leaves(world)
    world.coordinator.tick()
    assert _mail(world, world.benefits, "record.release/1") == []
    assert len(_mail(world, world.housing, "delivery.withdrawn/1")) == 1


def test_the_citizens_own_copy_is_never_taken_back(world: World) -> None:
    world.must(world.release())
    _withdraw(world)
    assert len(_mail(world, world.portal, "record.release/1")) == 1


def test_what_was_acknowledged_is_not_taken_back_but_never_given_again(world: World) -> None:
    world.must(world.release())
    page = world.coordinator.mailboxes.collect(world.benefits.id)
    assert len(page.letters) > 0
    world.coordinator.mailboxes.acknowledge(world.benefits.id, page.next)
    _withdraw(world)
    world.coordinator.tick()
    assert _mail(world, world.benefits, "record.release/1") == []
    assert _mail(world, world.housing, "delivery.withdrawn/1") == []


def test_what_was_given_and_not_acknowledged_is_taken_back_when_it_is_asked_for_again(world: World) -> None:
    world.must(world.release())
    assert len(_mail(world, world.benefits, "record.release/1")) == 1
    _withdraw(world)
    world.coordinator.tick()
    assert _mail(world, world.benefits, "record.release/1") == []
    assert len(_mail(world, world.housing, "delivery.withdrawn/1")) == 1


def test_nothing_counts_as_collected_by_one_who_has_gone(world: World) -> None:
    world.must(world.release())
    page = world.coordinator.mailboxes.collect(world.benefits.id, still_there=lambda: False)
    assert page.letters == []
    _withdraw(world)
    assert _mail(world, world.benefits, "record.release/1") == []
    assert len(_mail(world, world.housing, "delivery.withdrawn/1")) == 1


def test_it_is_told_once(world: World) -> None:
    world.must(world.release())
    _withdraw(world)
    for _ in range(3):
        world.coordinator.tick()
    assert len(_mail(world, world.housing, "delivery.withdrawn/1")) == 1


def test_the_decision_about_a_consent_is_not_taken_back_with_it(world: World) -> None:
    _withdraw(world)
    assert len(_mail(world, world.benefits, "consent.withdraw/1")) == 1
    assert len(_mail(world, world.benefits, "consent.grant/1")) == 1


def test_a_message_that_a_crash_left_behind_is_never_given_out(world: World) -> None:
    """The consent ended, but the process died before its messages were taken back."""
    world.must(world.release())
    with writing(world.coordinator.engine) as connection:
        connection.execute(update(consents).values(status="withdrawn"))
    assert _mail(world, world.benefits, "record.release/1") == []
    assert len(_mail(world, world.housing, "delivery.withdrawn/1")) == 1


def test_a_message_for_an_ended_seat_that_a_crash_left_behind_is_never_given_out(world: World) -> None:
    """The recipient's seat ended, but the process died before its messages were taken back."""
    world.must(world.release())
    with writing(world.coordinator.engine) as connection:
        connection.execute(update(seats).where(_BENEFITS_SEAT).values(status="ended"))
    assert _mail(world, world.benefits, "record.release/1") == []
    (told,) = _mail(world, world.housing, "delivery.withdrawn/1")
    assert told["body"]["why"] == "withdrawn"


def test_what_an_ended_seat_left_behind_is_found_without_anybody_asking_for_it(world: World) -> None:
    world.must(world.release())
    with writing(world.coordinator.engine) as connection:
        connection.execute(update(seats).where(_BENEFITS_SEAT).values(status="ended"))
    world.coordinator.committer.take_back_forgotten()
    assert len(_mail(world, world.housing, "delivery.withdrawn/1")) == 1


def test_a_release_that_got_its_place_after_the_seat_ended_is_taken_back_at_the_next_tick(
    world: World,
) -> None:
    """As when it waited in the queue of the log while the seat ended: then it lies in the mailbox again."""
    world.coordinator.tick()
    world.must(world.release())
    _recipient_leaves(world)
    with writing(world.coordinator.engine) as connection:
        connection.execute(update(mailbox).values(withdrawn_at=None))
    world.coordinator.tick()
    assert [row.member for row in _taken_back(world)] == [world.benefits.id]


def test_a_seat_that_was_taken_again_keeps_what_came_since(world: World) -> None:
    world.coordinator.tick()
    _recipient_leaves(world)
    world.agency_joins(world.benefits)
    world.must(world.release())
    world.coordinator.tick()
    assert len(_mail(world, world.benefits, "record.release/1")) == 1


def test_a_consent_that_expired_a_moment_ago_gives_nothing_out(world: World) -> None:
    world.must(world.release())
    world.clock.move(days=180)
    assert _mail(world, world.benefits, "record.release/1") == []


def test_the_coordinators_message_verifies_with_its_key(world: World) -> None:
    world.must(world.release())
    _withdraw(world)
    world.coordinator.tick()
    wait_until_placed(world.coordinator)
    page = world.coordinator.mailboxes.collect(world.portal.id)
    verified = verify(page.letters[-1].message, lambda kid, _: world.coordinator.verifying_keys[kid])
    assert load(verified).type == "delivery.withdrawn/1"


def test_a_release_by_law_stays_whatever_the_citizen_decides(world: World) -> None:
    world.must(world.release(purpose=STATUTE_PURPOSE, authority=Authority("statute", CLAUSE)))
    _withdraw(world)
    world.coordinator.tick()
    assert len(_mail(world, world.benefits, "record.release/1")) == 1


def test_taken_back_rows_say_when(world: World) -> None:
    world.must(world.release())
    _withdraw(world)
    world.coordinator.tick()
    assert [(row.member, row.collected_at) for row in _taken_back(world)] == [(world.benefits.id, None)]


def _taken_back(world: World) -> Sequence[Row[Any]]:
    with writing(world.coordinator.engine) as connection:
        return connection.execute(mailbox.select().where(mailbox.c.withdrawn_at.is_not(None))).all()
