"""inclusion_mismatch: an entry is not in the log where its proof says."""

from __future__ import annotations

import pytest

from schemas.errors import InclusionMismatch
from schemas.log import inclusion_proof, leaf_hash, root_from_inclusion, tree_root, verify_inclusion

LEAVES = [leaf_hash(bytes([number])) for number in range(7)]
ROOT = tree_root(LEAVES)


@pytest.mark.parametrize("index", [-1, 7, 8])
def test_an_index_outside_the_log_is_refused(index: int):
    with pytest.raises(InclusionMismatch, match=f"no entry {index}"):
        verify_inclusion(LEAVES[0], index, 7, [], ROOT)


def test_a_proof_of_the_wrong_length_is_refused():
    proof = inclusion_proof(LEAVES, 3)
    with pytest.raises(InclusionMismatch, match="shorter"):
        verify_inclusion(LEAVES[3], 3, 7, proof[:-1], ROOT)
    with pytest.raises(InclusionMismatch, match="longer"):
        verify_inclusion(LEAVES[3], 3, 7, [*proof, proof[0]], ROOT)
    with pytest.raises(InclusionMismatch, match="longer"):
        root_from_inclusion(LEAVES[0], 0, 1, [ROOT])


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_hash_of_the_wrong_length_is_refused(length: int):
    with pytest.raises(InclusionMismatch) as refused:
        verify_inclusion(LEAVES[0], 0, 2, [bytes(length)], ROOT)
    assert refused.value.facts == {"expected": 32, "found": length}


def test_the_refusal_says_what_was_expected_and_what_was_found():
    with pytest.raises(InclusionMismatch) as refused:
        verify_inclusion(LEAVES[2], 3, 7, inclusion_proof(LEAVES, 3), ROOT)
    problem = refused.value.to_problem()
    assert problem["code"] == "inclusion_mismatch"
    assert (problem["index"], problem["size"], problem["expected"]) == (3, 7, ROOT.hex())
    assert problem["found"] != ROOT.hex()
    assert "oversight" in str(problem["remedy"])
