"""P9: what can be learned without a key: lengths come in whole kilobytes, and the public log has none."""

from __future__ import annotations

import pytest

from schemas import log, receipt, seal
from schemas.keys import SealingKey, SigningKey
from tests.factories import World

READER, SENDER = SealingKey.generate().public, SigningKey.generate().kid

RECORDS = [
    {"tenure": "social"},
    {"tenure": "private", "landlord": "X"},
    {"tenure": "social", "landlord": "A landlord with a rather long name and an address beside it"},
]


def test_records_of_different_words_look_alike_on_the_way(world: World):
    lengths = set()
    for content in RECORDS:
        to = [world.benefits.id, "citizen"]
        sealed = world.sealed(content, to, world.housing, "housing.tenancy/1")
        lengths.add(len(world.release(sealed=sealed)))
    assert len(lengths) == 1


def test_a_yes_and_a_no_answer_are_told_apart_by_type_only(world: World):
    """Which kind of message it is stands in the header; within a kind nothing shows."""
    request = {
        "categories": [{"category": "housing", "fields": ["tenure"]}],
        "why": {"en": "To help."},
    }
    lengths = set()
    for identify in ({"family_name": "Li"}, {"family_name": "Featherstonehaugh", "birth_date": "1990-04-01"}):
        to = [world.housing.id, "citizen"]
        sealed = world.sealed({**request, "identify": identify}, to, world.benefits, "record.request/1")
        lengths.add(len(world.request(sealed=sealed)))
    assert len(lengths) == 1


@pytest.mark.parametrize("kilobytes", range(1, 9))
def test_every_length_up_to_a_kilobyte_gives_the_same_seal(kilobytes: int):
    longest, shortest = kilobytes * 1024, (kilobytes - 1) * 1024 + 1
    middle = (longest + shortest) // 2
    lengths = {
        len(seal.seal(b"x" * size, to=READER, sender_kid=SENDER)) for size in (shortest, middle, longest)
    }
    assert len(lengths) == 1


def test_an_entry_of_the_log_has_one_length_and_no_two_are_alike():
    """The same message twice gives two commitments, because the salt differs; neither shows what it is."""
    digest = bytes(32)
    one, two = receipt.commitment(b"a" * 16, digest), receipt.commitment(b"b" * 16, digest)
    assert len(one) == len(two) == 32
    assert one != two
    assert len(log.leaf_hash(one)) == 32
