"""Collecting: in order, again until acknowledged, with proofs, woken by new mail, bounded pages."""

from __future__ import annotations

import threading
import time

import pytest

from coordinator.mailbox import flow
from schemas import log, receipt
from schemas.errors import Malformed
from schemas.head import check as check_head
from schemas.log import leaf_hash, verify_checkpoint, verify_consistency, verify_inclusion
from schemas.message import verify
from tests.factories import World


def test_everything_is_given_again_until_it_is_acknowledged(world: World) -> None:
    boxes = world.coordinator.mailboxes
    first = boxes.collect(world.benefits.id)
    assert [each.index for each in boxes.collect(world.benefits.id).letters] == [
        each.index for each in first.letters
    ]
    boxes.acknowledge(world.benefits.id, first.letters[1].index)
    rest = boxes.collect(world.benefits.id)
    assert [each.index for each in rest.letters] == [each.index for each in first.letters[2:]]


def test_acknowledging_never_goes_back_and_never_ahead(world: World) -> None:
    boxes = world.coordinator.mailboxes
    letters = boxes.collect(world.benefits.id).letters
    boxes.acknowledge(world.benefits.id, letters[1].index)
    boxes.acknowledge(world.benefits.id, letters[0].index)
    boxes.acknowledge(world.benefits.id, 10**9)
    assert boxes.collect(world.benefits.id).letters[0].index == letters[2].index


def test_each_letter_is_in_the_log_of_the_head_and_its_receipt_says_so(world: World) -> None:
    world.must(world.release())
    page = world.coordinator.mailboxes.collect(world.benefits.id)
    keys = world.coordinator.verifying_keys
    head = check_head(page.head, lambda kid, _: keys[kid], member=world.benefits.id)
    for letter in page.letters:
        verified = verify(letter.message, lambda kid, payload: world.actors[payload["from"]].sign.public)
        found = receipt.check(
            letter.receipt, lambda kid, _: keys[kid], id=verified.payload["id"], sha256=verified.sha256
        )
        leaf = leaf_hash(found.commitment)
        verify_inclusion(leaf, letter.index, head.size, list(letter.inclusion), head.root)
    assert head.last == page.letters[-1].index
    assert head.at == world.clock()


def test_the_checkpoint_is_that_of_the_head(world: World) -> None:
    page = world.coordinator.mailboxes.collect(world.benefits.id)
    keys = world.coordinator.verifying_keys
    head = check_head(page.head, lambda kid, _: keys[kid], member=world.benefits.id)
    shown = verify_checkpoint(page.checkpoint, world.coordinator.origin, world.coordinator.log_key.public)
    assert (shown.size, shown.root) == (head.size, head.root)


def test_a_page_proves_that_the_log_only_grew(world: World) -> None:
    boxes, keys = world.coordinator.mailboxes, world.coordinator.verifying_keys
    old = check_head(
        boxes.collect(world.benefits.id).head, lambda kid, _: keys[kid], member=world.benefits.id
    )
    world.must(world.release(), world.release(), world.release())
    page = boxes.collect(world.benefits.id, seen=old.size)
    new = check_head(page.head, lambda kid, _: keys[kid], member=world.benefits.id)
    verify_consistency(old.size, old.root, new.size, new.root, list(page.consistency))
    assert new.size == old.size + 3
    assert new.root != log.EMPTY_ROOT


def test_the_head_names_the_newest_decision_about_a_consent(world: World) -> None:
    world.must(world.release())
    boxes, keys = world.coordinator.mailboxes, world.coordinator.verifying_keys
    withdrawal = world.must(world.decide("withdraw"))
    head = check_head(
        boxes.collect(world.benefits.id).head, lambda kid, _: keys[kid], member=world.benefits.id
    )
    assert head.last_consent == withdrawal.index


def test_a_member_without_mail_gets_a_head_all_the_same(world: World) -> None:
    page = world.coordinator.mailboxes.collect(world.overseer.id)
    keys = world.coordinator.verifying_keys
    head = check_head(page.head, lambda kid, _: keys[kid], member=world.overseer.id)
    assert (page.letters, head.last, head.last_consent, page.next) == ([], -1, -1, -1)


def test_pages_are_bounded_in_number_and_go_on_where_they_ended(world: World) -> None:
    world.must(*[world.release() for _ in range(7)])
    after, seen = -1, []
    while letters := (
        page := world.coordinator.mailboxes.collect(world.benefits.id, after=after, limit=3)
    ).letters:
        assert len(letters) <= 3
        seen += [each.index for each in letters]
        after = page.next
    assert seen == sorted(set(seen))
    assert len(seen) >= 7


def test_pages_are_bounded_in_bytes_but_never_empty(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.must(world.release(), world.release())
    monkeypatch.setattr(flow, "MOST_BYTES", 1)
    assert len(world.coordinator.mailboxes.collect(world.benefits.id).letters) == 1


@pytest.mark.parametrize("limit", [0, 201])
def test_a_page_of_no_or_too_many_messages_is_refused(world: World, limit: int) -> None:
    with pytest.raises(Malformed):
        world.coordinator.mailboxes.collect(world.benefits.id, limit=limit)


def _collect_later(world: World, found: list[flow.Page]) -> threading.Thread:
    boxes = world.coordinator.mailboxes
    after = boxes.collect(world.benefits.id).next
    thread = threading.Thread(
        target=lambda: found.append(boxes.collect(world.benefits.id, after=after, wait=20))
    )
    thread.start()
    return thread


def test_whoever_waits_is_woken_by_new_mail(world: World) -> None:
    found: list[flow.Page] = []
    thread = _collect_later(world, found)
    time.sleep(0.1)
    started = time.monotonic()
    world.must(world.release())
    thread.join(10)
    assert time.monotonic() - started < 5
    assert len(found[0].letters) == 1


def test_whoever_waits_is_not_woken_by_the_mail_of_others(world: World) -> None:
    found: list[flow.Page] = []
    thread = _collect_later(world, found)
    time.sleep(0.1)
    world.must(world.message("member.leave/1", world.debts, body={}))
    thread.join(0.3)
    assert thread.is_alive()
    world.coordinator.stop_waiting()
    thread.join(10)
    assert found[0].letters == []


def test_waiting_ends_with_an_empty_page(world: World) -> None:
    after = world.coordinator.mailboxes.collect(world.benefits.id).next
    started = time.monotonic()
    page = world.coordinator.mailboxes.collect(world.benefits.id, after=after, wait=0.2)
    assert page.letters == []
    assert time.monotonic() - started >= 0.2
