"""P3, P5: every order in which a few messages can arrive: what is admitted is what a small model admits, the
log has them in the order of the decisions, and all who look back see the same end.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from coordinator.database.engine import reading
from coordinator.database.tables import consents, log_entries, mailbox, messages
from coordinator.intake.flow import Admitted
from schemas.errors import Refusal
from tests.factories import World, id_of
from tests.placed import wait_until_placed

MOVES = {
    "suspend": ({"granted"}, "suspended"),
    "resume": ({"suspended"}, "granted"),
    "withdraw": ({"granted", "suspended"}, "withdrawn"),
}


def model(order: Sequence[str]) -> tuple[list[bool], str]:
    """Say which of these are admitted in this order, and how the consent ends: the whole rule on one page."""
    status, verdicts = "granted", []
    for name in order:
        if name.startswith("release"):
            verdicts.append(status == "granted")
            continue
        since, then = MOVES[name]
        verdicts.append(status in since)
        status = then if status in since else status
    return verdicts, status


def _say(world: World, name: str) -> bytes:
    return world.release() if name.startswith("release") else world.decide(name)


def _status(world: World) -> str:
    with reading(world.coordinator.engine) as connection:
        return str(connection.scalar(select(consents.c.status).where(consents.c.id == world.consent)))


def _indexes(world: World, raws: Sequence[bytes]) -> dict[bytes, int]:
    joined = messages.join(log_entries, log_entries.c.message_seq == messages.c.seq)
    wanted = {id_of(raw): raw for raw in raws}
    query = select(messages.c.id, log_entries.c.index).select_from(joined)
    with reading(world.coordinator.engine) as connection:
        rows = connection.execute(query.where(messages.c.id.in_(wanted))).all()
    return {wanted[message]: index for message, index in rows}


def _check(world: World, order: Sequence[str], raws: Sequence[bytes], answers: Sequence[Any]) -> None:
    verdicts, end = model(order)
    assert [isinstance(answer, Admitted) for answer in answers] == verdicts, order
    assert _status(world) == end, order
    indexes = _indexes(world, raws)
    places = [indexes[raw] for raw, verdict in zip(raws, verdicts, strict=True) if verdict]
    assert places == sorted(places), order
    assert all(raw not in indexes for raw, verdict in zip(raws, verdicts, strict=True) if not verdict)


SIX = ("release a", "release b", "suspend", "resume", "withdraw", "release c")


@pytest.mark.parametrize(
    ("names", "together"), [(SIX, True), (SIX[:5], False)], ids=["in one batch", "one by one"]
)
def test_in_every_order_exactly_the_lawful_ones_are_admitted(
    world: World, database_kind: str, names: Sequence[str], together: bool
):
    """All 720 orders of six messages, or 120 of five, each under a consent of its own.

    On PostgreSQL, which takes five times as long, every fifth of them.
    """
    every = 1 if database_kind == "sqlite" else 5
    for order in itertools.islice(itertools.permutations(names), 0, None, every):
        world.granted()
        raws = [_say(world, name) for name in order]
        if together:
            answers: Sequence[Admitted | Refusal] = world.coordinator.admit_batch(raws)
            wait_until_placed(world.coordinator)
        else:
            answers = [world.send(raw) for raw in raws]
        _check(world, order, raws, answers)


def test_sent_again_in_any_other_order_nothing_changes(world: World):
    """A retry does not get another verdict because other messages came in between."""
    for order in itertools.islice(itertools.permutations(SIX), 0, 720, 24):
        world.granted()
        raws = [_say(world, name) for name in order]
        first = {raw: world.send(raw) for raw in raws}
        end = _status(world)
        for raw in reversed(raws):
            again, before = world.send(raw), first[raw]
            if isinstance(before, Admitted):
                assert isinstance(again, Admitted)
                assert again.receipt == before.receipt
            else:
                assert isinstance(again, Refusal)
                assert again.code == before.code
        assert _status(world) == end


STEPS = ("release", "collect", "withdraw", "acknowledge")


@pytest.mark.parametrize("order", list(itertools.permutations(STEPS)), ids="-".join)
def test_however_release_collection_and_withdrawal_interleave_it_is_given_or_taken_back(
    world: World, order: Sequence[str]
):
    release, page, admitted = world.release(), None, False
    given: list[str] = []
    for step in order:
        if step == "release":
            admitted = isinstance(world.send(release), Admitted)
        elif step == "withdraw":
            world.must(world.decide("withdraw"))
        elif step == "collect":
            page = world.coordinator.mailboxes.collect(world.benefits.id)
            given += [id_of(letter.message) for letter in page.letters]
        elif page is not None:
            world.coordinator.mailboxes.acknowledge(world.benefits.id, page.next)
    later = world.coordinator.mailboxes.collect(world.benefits.id, after=-1)
    after_the_end = [id_of(letter.message) for letter in later.letters]
    before_withdrawal = order.index("release") < order.index("withdraw")
    collected = before_withdrawal and order.index("release") < order.index("collect") < order.index(
        "withdraw"
    )
    assert admitted is before_withdrawal
    assert (id_of(release) in given) is collected
    assert id_of(release) not in after_the_end  # who has it erases it; nobody gets it any more
    with reading(world.coordinator.engine) as connection:
        row = connection.execute(
            select(mailbox.c.collected_at, mailbox.c.withdrawn_at)
            .join(messages, messages.c.seq == mailbox.c.seq)
            .where(messages.c.id == id_of(release), mailbox.c.member == world.benefits.id)
        ).one_or_none()
    if not admitted:
        assert row is None
    else:
        assert row is not None
        assert (row.collected_at is None) is not (row.withdrawn_at is None)
        if not collected:
            assert row.withdrawn_at is not None
