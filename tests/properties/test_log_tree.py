"""The log's tree for any shape: proofs hold, altered ones do not, and what is stored is the RFC's tree."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.log.merkle import RightEdge, Tree, read_edge
from schemas.errors import ConsistencyMismatch, InclusionMismatch
from schemas.log import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(number.to_bytes(4, "big")) for number in range(1200)]
sizes = st.integers(1, 70)


def definition_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 §2.1.1, written a second time."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + definition_root(leaves[:k]) + definition_root(leaves[k:])).digest()


@given(st.integers(0, 300))
def test_the_root_is_the_definition(size: int):
    assert tree_root(LEAVES[:size]) == definition_root(LEAVES[:size])


@given(sizes, st.data())
def test_every_inclusion_proof_holds(size: int, data: st.DataObject):
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(LEAVES[:size], index)
    verify_inclusion(LEAVES[index], index, size, proof, tree_root(LEAVES[:size]))


@given(sizes, st.data())
def test_every_altered_inclusion_proof_is_refused(size: int, data: st.DataObject):
    index = data.draw(st.integers(0, size - 1))
    leaf, root = LEAVES[index], tree_root(LEAVES[:size])
    proof = inclusion_proof(LEAVES[:size], index)
    altered = data.draw(st.sampled_from(["leaf", "root", "flip", "drop", "add", "swap", "index"]))
    if altered == "leaf":
        leaf = flipped(leaf, data)
    elif altered == "root":
        root = flipped(root, data)
    elif altered == "flip" and proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        proof[at] = flipped(proof[at], data)
    elif altered == "drop" and proof:
        proof.pop(data.draw(st.integers(0, len(proof) - 1)))
    elif altered == "swap" and len(proof) > 1:
        proof[0], proof[1] = proof[1], proof[0]
    elif altered == "index" and size > 1:
        index = (index + data.draw(st.integers(1, size - 1))) % size
    else:
        proof.insert(data.draw(st.integers(0, len(proof))), LEAVES[-1])
    with pytest.raises(InclusionMismatch):
        verify_inclusion(leaf, index, size, proof, root)


def test_consistency_holds_between_all_pairs():
    roots = [tree_root(LEAVES[:size]) for size in range(41)]
    for new in range(41):
        for old in range(new + 1):
            proof = consistency_proof(LEAVES[:new], old)
            verify_consistency(old, roots[old], new, roots[new], proof)


@given(sizes, st.data())
def test_every_altered_consistency_proof_is_refused(new: int, data: st.DataObject):
    old = data.draw(st.integers(1, new))
    proof = consistency_proof(LEAVES[:new], old)
    roots = [tree_root(LEAVES[:old]), tree_root(LEAVES[:new])]
    altered = data.draw(st.sampled_from(["old", "new", "flip", "drop", "add"]))
    if altered == "old":
        roots[0] = flipped(roots[0], data)
    elif altered == "new":
        roots[1] = flipped(roots[1], data)
    elif altered == "flip" and proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        proof[at] = flipped(proof[at], data)
    elif altered == "drop" and proof:
        proof.pop(data.draw(st.integers(0, len(proof) - 1)))
    else:
        proof.insert(data.draw(st.integers(0, len(proof))), LEAVES[-1])
    with pytest.raises(ConsistencyMismatch):
        verify_consistency(old, roots[0], new, roots[1], proof)


@given(st.integers(2, 60), st.data())
def test_no_proof_joins_two_histories(new: int, data: st.DataObject):
    old = data.draw(st.integers(1, new - 1))
    changed = data.draw(st.integers(0, old - 1))
    forked = [*LEAVES[:changed], leaf_hash(b"another"), *LEAVES[changed + 1 : new]]
    with pytest.raises(ConsistencyMismatch):
        verify_consistency(
            old, tree_root(LEAVES[:old]), new, tree_root(forked), consistency_proof(forked, old)
        )


@given(st.lists(st.one_of(st.integers(1, 9), st.integers(250, 260)), min_size=1, max_size=5), st.data())
def test_the_stored_tree_is_the_one_in_memory(batches: list[int], data: st.DataObject):
    stored: dict[tuple[int, int], bytes] = {}

    def read(level: int, tile: int) -> bytes:
        return stored.get((level, tile), b"")

    edge = RightEdge()
    for batch in batches:
        for tile in edge.append(LEAVES[edge.size : edge.size + batch]):
            before = stored.get((tile.level, tile.tile), b"")
            assert tile.data.startswith(before)  # tiles only grow
            stored[tile.level, tile.tile] = tile.data
        assert edge.root == tree_root(LEAVES[: edge.size])
        if data.draw(st.booleans()):
            edge = read_edge(read, edge.size)
    tree, total = Tree(read), edge.size
    for _ in range(3):
        size = data.draw(st.integers(1, total))
        index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
        assert tree.root(size) == tree_root(LEAVES[:size])
        assert tree.inclusion(index, size) == inclusion_proof(LEAVES[:size], index)
        assert tree.consistency(old, size) == consistency_proof(LEAVES[:size], old)


def flipped(value: bytes, data: st.DataObject) -> bytes:
    bit = data.draw(st.integers(0, len(value) * 8 - 1))
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
