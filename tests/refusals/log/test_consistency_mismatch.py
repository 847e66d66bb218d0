"""consistency_mismatch: a later head of the log does not contain an earlier one."""

from __future__ import annotations

import pytest

from schemas.errors import ConsistencyMismatch
from schemas.log import EMPTY_ROOT, consistency_proof, leaf_hash, tree_root, verify_consistency

LEAVES = [leaf_hash(bytes([number])) for number in range(7)]
ROOT = tree_root(LEAVES)


def test_a_log_that_shrank_is_refused():
    with pytest.raises(ConsistencyMismatch, match="shrank from 7 to 6"):
        verify_consistency(7, ROOT, 6, tree_root(LEAVES[:6]), [])


def test_two_roots_of_one_size_are_refused():
    with pytest.raises(ConsistencyMismatch) as refused:
        verify_consistency(7, ROOT, 7, EMPTY_ROOT, [])
    assert refused.value.facts == {"size": 7, "expected": ROOT.hex(), "found": EMPTY_ROOT.hex()}
    assert "split" in str(refused.value.remedy)


def test_an_empty_log_with_a_root_of_its_own_is_refused():
    with pytest.raises(ConsistencyMismatch):
        verify_consistency(0, ROOT, 7, ROOT, [])


@pytest.mark.parametrize("old", [0, 7])
def test_a_proof_where_none_is_needed_is_refused(old: int):
    with pytest.raises(ConsistencyMismatch, match="empty"):
        verify_consistency(old, tree_root(LEAVES[:old]), 7, ROOT, [ROOT])


@pytest.mark.parametrize("old", [1, 3, 4, 6])
def test_a_proof_of_the_wrong_length_is_refused(old: int):
    proof, old_root = consistency_proof(LEAVES, old), tree_root(LEAVES[:old])
    for wrong in ([], proof[:-1], [*proof, ROOT]):
        with pytest.raises(ConsistencyMismatch):
            verify_consistency(old, old_root, 7, ROOT, wrong)


def test_a_hash_of_the_wrong_length_is_refused():
    with pytest.raises(ConsistencyMismatch, match="length"):
        verify_consistency(6, tree_root(LEAVES[:6]), 7, ROOT, [b"short"])
