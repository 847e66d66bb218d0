"""The committer: a verdict for each message, faults that harm nobody else, databases that fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from coordinator.database.engine import reading
from coordinator.database.tables import log_entries, mailbox, messages, refusals, sequencing_queue
from coordinator.intake import flow
from coordinator.intake.authorise import authorise
from coordinator.intake.flow import Admitted
from coordinator.service import Coordinator
from schemas.errors import ConsentNotInForce, Invalid, Refusal, Unavailable
from schemas.message import sign
from tests.factories import Settings, World
from tests.placed import with_places


def _count(world: World, table: Any) -> int:
    with reading(world.coordinator.engine) as connection:
        return len(connection.execute(table.select()).all())


def test_each_message_of_a_batch_has_its_own_verdict(world: World) -> None:
    good, bad, good_too = world.release(), world.release(purpose="arrears"), world.release()
    raws = [good, bad, good_too]
    answers = world.coordinator.admit_batch(raws)
    first, second, third = with_places(world.coordinator, raws, answers)
    assert isinstance(first, Admitted)
    assert isinstance(second, Refusal)
    assert isinstance(third, Admitted)
    assert third.index == (first.index or 0) + 2  # the refusal between them is an entry too


def test_what_cannot_be_verified_does_not_stop_the_others(world: World) -> None:
    first, second = world.coordinator.admit_batch([b"nonsense", world.release()])
    assert isinstance(first, Refusal)
    assert isinstance(second, Admitted)


def test_a_refusal_is_stored_and_logged(world: World) -> None:
    before = _count(world, log_entries)
    world.refused(world.release(purpose="arrears"))
    assert _count(world, refusals) == 1
    assert _count(world, log_entries) == before + 1


def test_what_is_signed_and_fits_no_schema_is_refused_stored_and_logged(world: World) -> None:
    before = _count(world, log_entries)
    payload = world.payload("case.close/1", body={})
    raw = sign(payload | {"body": {"surprise": 1}}, world.housing.sign)
    first, second = world.refused(raw), world.refused(raw)
    assert isinstance(first, Invalid)
    assert second.to_problem() == first.to_problem()
    assert _count(world, refusals) == 1
    assert _count(world, log_entries) == before + 1


def test_what_is_signed_and_has_no_proper_id_is_refused_and_forgotten(world: World) -> None:
    payload = world.payload("case.close/1", body={})
    assert isinstance(world.refused(sign(payload | {"id": "1"}, world.housing.sign)), Invalid)
    assert _count(world, refusals) == 0


def test_every_admitted_message_is_an_entry_and_the_queue_is_empty(world: World) -> None:
    world.must(*[world.release() for _ in range(5)])
    assert _count(world, messages) == _count(world, log_entries)
    assert _count(world, sequencing_queue) == 0


def test_many_threads_get_their_own_answers(world: World) -> None:
    raws = [[world.release() for _ in range(5)] for _ in range(8)]
    answers: dict[int, list[Any]] = {}

    def send(number: int) -> None:
        answers[number] = [world.coordinator.admit(raw) for raw in raws[number]]

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    placed = [with_places(world.coordinator, raws[number], answers[number]) for number in range(8)]
    assert len({each.index for some in placed for each in some if isinstance(each, Admitted)}) == 40
    for number in range(8):
        again = [world.must(raw) for raw in raws[number]]
        assert [each.receipt for each in again] == [each.receipt for each in answers[number]]


@contextmanager
def _fault(monkeypatch: pytest.MonkeyPatch, when: Callable[[Any], bool]) -> Iterator[None]:
    """Let the decision on some messages fail by a fault of ours."""
    real = authorise

    def faulty(message: Any, register: Any, now: Any) -> Any:
        if when(message):
            raise ZeroDivisionError
        return real(message, register, now)

    with monkeypatch.context() as patched:
        patched.setattr(flow, "authorise", faulty)
        yield


def test_one_message_on_which_we_fail_does_not_poison_its_batch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, poison, good_too = world.release(), world.request(), world.release()
    with _fault(monkeypatch, lambda message: message.type == "record.request/1"):
        first, second, third = world.coordinator.admit_batch([good, poison, good_too])
    assert isinstance(first, Admitted)
    assert isinstance(second, Unavailable)
    assert isinstance(third, Admitted)
    assert isinstance(world.coordinator.admit(poison), Admitted)


def test_a_database_that_fails_answers_all_and_nothing_is_half_done(world: World) -> None:
    before = (_count(world, messages), _count(world, mailbox), _count(world, log_entries))

    def fail(_connection: Any) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk full"))

    raws = [world.release(), world.release()]
    event.listen(world.coordinator.engine, "commit", fail)
    try:
        answers = world.coordinator.admit_batch(raws)
    finally:
        event.remove(world.coordinator.engine, "commit", fail)
    assert [type(each) for each in answers] == [Unavailable, Unavailable]
    assert (_count(world, messages), _count(world, mailbox), _count(world, log_entries)) == before
    assert all(isinstance(each, Admitted) for each in world.coordinator.admit_batch(raws))


def test_a_message_whose_answer_was_lost_gets_the_same_receipt_when_it_is_sent_again(world: World) -> None:
    raw = world.release()
    receipt = world.must(raw).receipt
    world.must(world.decide("withdraw"))
    again = world.must(raw)
    assert again.duplicate
    assert again.receipt == receipt


def test_after_a_restart_everything_is_still_there(world: World, tmp_path: Path) -> None:
    raw = world.release()
    receipt = world.must(raw).receipt
    old = world.coordinator
    old.stop()
    settings = Settings(str(old.engine.url), old.origin, tmp_path / "keys")
    world.coordinator = Coordinator(settings, now=world.clock)
    world.coordinator.start()
    assert world.must(raw).receipt == receipt
    world.must(world.release())
    world.must(world.decide("withdraw"))
    assert isinstance(world.refused(world.release()), ConsentNotInForce)


def test_a_stopped_coordinator_says_so(world: World) -> None:
    world.coordinator.committer.stop()
    assert isinstance(world.coordinator.admit(world.release()), Unavailable)
    world.coordinator.committer.start()
    world.must(world.release())


def test_a_job_that_fails_harms_nobody(world: World) -> None:
    def fail(_connection: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(Unavailable):
        world.coordinator.committer.run(fail)
    world.must(world.release())
