"""A withdrawal and a release at the same instant: one is decided first, and the log has them in that order.

Several coordinators on one database, many threads. Whatever the interleaving: no release stands behind the
withdrawal that should have refused it, nothing that was refused is in a mailbox, nothing admitted is lost.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from coordinator.database.engine import reading
from coordinator.database.tables import log_entries, mailbox, messages, refusals
from coordinator.intake.flow import Admitted
from coordinator.service import Coordinator
from schemas.errors import Refusal
from tests.factories import Settings, World, id_of

ROUNDS = 6
RELEASES = 12


@pytest.fixture
def coordinators(world: World, tmp_path: Path, migrated_url: str) -> Iterator[list[Coordinator]]:
    """Give the coordinators that share the database: one with SQLite, three with PostgreSQL."""
    more: list[Coordinator] = []
    if not migrated_url.startswith("sqlite"):
        settings = Settings(migrated_url, world.coordinator.origin, tmp_path / "keys")
        more = [Coordinator(settings, now=world.clock) for _ in range(2)]
    for each in more:
        each.start()
    yield [world.coordinator, *more]
    for each in more:
        each.stop()


def _all_at_once(
    coordinators: list[Coordinator], raws: list[bytes], chance: random.Random
) -> dict[bytes, Any]:
    """Hand all messages over at once, each to some coordinator; give the answers."""
    answers: dict[bytes, Any] = {}
    start = threading.Barrier(len(raws))

    def send(raw: bytes, to: Coordinator) -> None:
        start.wait()
        answers[raw] = to.admit(raw)

    threads = [threading.Thread(target=send, args=(raw, chance.choice(coordinators))) for raw in raws]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _positions(world: World) -> dict[str, int]:
    """Give message id → index, waiting until everything has its place."""
    joined = messages.join(log_entries, log_entries.c.message_seq == messages.c.seq)
    for _ in range(200):
        with reading(world.coordinator.engine) as connection:
            placed = connection.execute(
                sa.select(messages.c.id, log_entries.c.index).select_from(joined)
            ).all()
            count = connection.execute(sa.select(sa.func.count()).select_from(messages)).scalar_one()
        if len(placed) == count:
            return dict(tuple(row) for row in placed)
        threading.Event().wait(0.05)
    raise AssertionError("something admitted never got its place in the log")


def test_no_release_stands_behind_the_withdrawal(world: World, coordinators: list[Coordinator]) -> None:
    chance = random.Random(20261123)
    for _ in range(ROUNDS):
        world.granted()
        releases = [world.release() for _ in range(RELEASES)]
        withdrawal = world.decide("withdraw")
        raws = [*releases, withdrawal]
        chance.shuffle(raws)
        answers = _all_at_once(coordinators, raws, chance)
        assert isinstance(answers[withdrawal], Admitted), answers[withdrawal]
        positions = _positions(world)
        end = positions[id_of(withdrawal)]
        for release in releases:
            answer = answers[release]
            if isinstance(answer, Admitted):
                assert positions[id_of(release)] < end
            else:
                assert isinstance(answer, Refusal)
                assert answer.code == "consent_not_in_force"
                assert id_of(release) not in positions


def test_the_log_has_the_order_of_decisions(world: World, coordinators: list[Coordinator]) -> None:
    """Within a case, a message that was answered before another was sent stands before it."""
    chance = random.Random(7)
    sent: list[str] = []
    for _ in range(10):
        raw = world.release()
        assert isinstance(chance.choice(coordinators).admit(raw), Admitted)
        sent.append(id_of(raw))
    positions = _positions(world)
    assert [positions[each] for each in sent] == sorted(positions[each] for each in sent)


def test_the_same_message_at_several_coordinators_is_admitted_once(
    world: World, coordinators: list[Coordinator]
) -> None:
    raw = world.release()
    answers: list[Any] = []
    start = threading.Barrier(6)

    def send(number: int) -> None:
        start.wait()
        answers.append(coordinators[number % len(coordinators)].admit(raw))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each.receipt for each in answers}) == 1
    assert sum(not each.duplicate for each in answers) == 1
    with reading(world.coordinator.engine) as connection:
        found = connection.execute(messages.select().where(messages.c.id == id_of(raw))).all()
    assert len(found) == 1


def test_what_was_refused_is_in_no_mailbox_and_what_was_taken_back_is_given_to_nobody(
    world: World, coordinators: list[Coordinator]
) -> None:
    chance = random.Random(99)
    raws = [world.release() for _ in range(RELEASES)] + [world.decide("withdraw")]
    chance.shuffle(raws)
    answers = _all_at_once(coordinators, raws, chance)
    _positions(world)
    for each in coordinators:
        each.tick()
    _positions(world)
    given = {
        id_of(letter.message) for letter in world.coordinator.mailboxes.collect(world.benefits.id).letters
    }
    admitted = {id_of(raw) for raw in raws if isinstance(answers[raw], Admitted)}
    releases = {id_of(raw) for raw in raws} - {id_of(raws[-1])}
    assert not given & (releases - admitted)
    with reading(world.coordinator.engine) as connection:
        open_rows = connection.execute(
            sa.select(mailbox.c.seq).where(
                mailbox.c.consent == world.consent,
                mailbox.c.withdrawn_at.is_(None),
                mailbox.c.collected_at.is_(None),
            )
        ).all()
        refused = connection.execute(sa.select(refusals.c.id)).scalars().all()
    assert open_rows == []
    assert set(refused) == {id_of(raw) for raw in raws if isinstance(answers[raw], Refusal)}


def test_collecting_and_withdrawing_at_once_gives_out_or_takes_back_but_not_both(
    world: World, coordinators: list[Coordinator]
) -> None:
    chance = random.Random(5)
    for _ in range(ROUNDS):
        world.granted()
        release = world.release()
        world.must(release)
        _positions(world)
        pages: list[Any] = []
        start = threading.Barrier(2)

        def collect(to: Coordinator, start: threading.Barrier = start, pages: list[Any] = pages) -> None:
            start.wait()
            pages.append(to.mailboxes.collect(world.benefits.id))

        def withdraw(to: Coordinator, start: threading.Barrier = start) -> None:
            start.wait()
            assert isinstance(to.admit(world.decide("withdraw")), Admitted)

        threads = [
            threading.Thread(target=collect, args=(chance.choice(coordinators),)),
            threading.Thread(target=withdraw, args=(chance.choice(coordinators),)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        world.coordinator.tick()
        with reading(world.coordinator.engine) as connection:
            row = connection.execute(
                sa.select(mailbox.c.collected_at, mailbox.c.withdrawn_at)
                .join(messages, messages.c.seq == mailbox.c.seq)
                .where(messages.c.id == id_of(release), mailbox.c.member == world.benefits.id)
            ).one()
        given = id_of(release) in {id_of(letter.message) for letter in pages[0].letters}
        assert given is (row.collected_at is not None)
        assert (row.collected_at is None) is not (row.withdrawn_at is None)
