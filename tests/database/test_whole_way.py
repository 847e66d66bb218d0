"""The whole way on both databases: in, ordered, out, taken back, told."""

from __future__ import annotations

import threading
import time

from coordinator.register.said import content
from schemas.errors import ConsentNotInForce
from tests.factories import Actor, World, id_of


def _wait_for(world: World, member: str, message: str) -> None:
    after = None
    for _ in range(100):
        page = world.coordinator.mailboxes.collect(member, after=after, wait=0.2)
        if any(id_of(letter.message) == message for letter in page.letters):
            return
    raise AssertionError("it never came")


def test_a_release_arrives_and_a_withdrawal_ends_it(world: World) -> None:
    release = world.release()
    world.must(release)
    _wait_for(world, world.benefits.id, id_of(release))
    world.must(world.decide("withdraw"))
    assert isinstance(world.refused(world.release()), ConsentNotInForce)


def test_what_waits_is_taken_back_and_told(world: World) -> None:
    release = world.release()
    world.must(release)
    world.must(world.decide("withdraw"))
    for _ in range(50):
        world.coordinator.tick()
        page = world.coordinator.mailboxes.collect(world.housing.id)
        told = [content(letter.message) for letter in page.letters]
        found = [each["body"]["message"] for each in told if each["type"] == "delivery.withdrawn/1"]
        if found:
            break
        time.sleep(0.05)
    assert found == [id_of(release)]


def test_a_waiting_member_is_woken_soon(world: World) -> None:
    boxes = world.coordinator.mailboxes
    time.sleep(0.3)
    after = boxes.collect(world.benefits.id).next
    took: list[float] = []

    def wait() -> None:
        page = boxes.collect(world.benefits.id, after=after, wait=20)
        assert page.letters
        took.append(time.monotonic())

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.3)
    started = time.monotonic()
    world.must(world.release())
    thread.join(15)
    assert took[0] - started < 3


def test_the_directory_shows_what_proves_it(world: World) -> None:
    time.sleep(0.3)
    member = world.coordinator.member(world.housing.id)
    assert [content(each["message"].encode())["type"] for each in member["messages"]] == ["member.enrol/1"]
    agreement = world.coordinator.agreement("winter-support@1")
    assert agreement["status"] == "in_force"
    assert len(agreement["messages"]) == 4
    case = world.coordinator.case(world.case, member=world.benefits.id)
    seats = {seat["member"]: seat for seat in case["seats"]}
    types = [content(each["message"].encode())["type"] for each in seats[world.portal.id]["messages"]]
    assert types == ["case.invite/1", "case.join/1", "case.attest/1"]
    (consent,) = world.coordinator.consents(world.case, member=world.portal.id)
    assert (consent["id"], consent["status"]) == (world.consent, "granted")


def test_an_emergency_and_an_enrolment_work_here_too(world: World) -> None:
    world.must(world.emergency())
    world.clock.move(hours=73)
    world.coordinator.tick()
    world.enrol(Actor("food-bank", "charity"))
