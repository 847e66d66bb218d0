"""What a proof costs in a log of ten million leaves: a few tiles, a few milliseconds, no memory."""

from __future__ import annotations

import time
from functools import cache

from coordinator.database.engine import reading
from coordinator.log.merkle import CACHED_TILES, TILE_HEIGHT, RightEdge, TileCache, Tree, read_edge, read_from
from schemas.log import leaf_hash, node_hash, tree_root, verify_consistency, verify_inclusion
from tests.unit.log.world import Log

LEAF = leaf_hash(b"all leaves of this log are alike, so that its tiles need not be stored")
TEN_MILLION = 10_000_000


@cache
def complete(height: int) -> bytes:
    """Give the root over 2^height such leaves."""
    return node_hash(complete(height - 1), complete(height - 1)) if height else LEAF


class Counted:
    """A log of ten million leaves that counts how many of its tiles are read."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.reads = 0

    def __call__(self, level: int, tile: int) -> bytes:
        self.reads += 1
        width = min(256, max(0, (self.size >> TILE_HEIGHT * level) - tile * 256))
        return complete(TILE_HEIGHT * level) * width


def test_an_inclusion_proof_reads_six_tiles_of_ten_million_leaves():
    root = Tree(Counted(TEN_MILLION)).root(TEN_MILLION)
    for index in (0, 255, 256, 5_000_000, 8_388_607, 8_388_608, TEN_MILLION - 1):
        stored = Counted(TEN_MILLION)
        proof = Tree(stored).inclusion(index, TEN_MILLION)
        verify_inclusion(LEAF, index, TEN_MILLION, proof, root)
        assert stored.reads <= 6


def test_a_consistency_proof_reads_six_tiles_of_ten_million_leaves():
    tree = Tree(Counted(TEN_MILLION))
    for old in (1, 256, 65_537, 5_000_000, TEN_MILLION - 1):
        stored = Counted(TEN_MILLION)
        proof = Tree(stored).consistency(old, TEN_MILLION)
        verify_consistency(old, tree.root(old), TEN_MILLION, tree.root(TEN_MILLION), proof)
        assert stored.reads <= 6


def test_a_proof_takes_less_than_five_milliseconds_without_a_cache():
    stored = Counted(TEN_MILLION)
    complete(24)
    times = []
    for index in range(0, TEN_MILLION, TEN_MILLION // 50):
        began = time.perf_counter()
        Tree(stored).inclusion(index, TEN_MILLION)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.005  # what it costs; the others also count what else the machine was doing


def test_a_page_of_proofs_reads_each_tile_once():
    stored = Counted(TEN_MILLION)
    tree = Tree(stored, TileCache())
    for index in range(TEN_MILLION - 200, TEN_MILLION):
        tree.inclusion(index, TEN_MILLION)
    assert stored.reads <= 6


def test_the_cache_keeps_no_more_than_it_may():
    cache = TileCache()
    tree = Tree(Counted(TEN_MILLION), cache)
    for index in range(0, TEN_MILLION, TEN_MILLION // 2000):
        tree.inclusion(index, TEN_MILLION)
    assert len(cache._kept) == CACHED_TILES


def test_a_tile_that_grew_is_read_again_and_one_that_changed_is_computed_anew():
    cache = TileCache()
    short = cache.keep(0, 0, LEAF * 3)
    assert cache.find(0, 0, 4) is None
    assert cache.keep(0, 0, LEAF * 5) is short
    assert short.node(1, 1) == complete(1)
    other = cache.keep(0, 0, leaf_hash(b"") * 4)
    assert other is not short
    assert other.node(2, 0) == tree_root([leaf_hash(b"")] * 4)


def test_appending_to_ten_million_leaves_touches_the_right_edge_only():
    edge = read_edge(Counted(TEN_MILLION - 1), TEN_MILLION - 1)
    changed = edge.append([LEAF] * 300)
    assert len(changed) <= 4
    assert edge.root == Tree(Counted(TEN_MILLION + 299)).root(TEN_MILLION + 299)


def test_reading_the_right_edge_reads_one_tile_a_level():
    stored = Counted(TEN_MILLION)
    assert read_edge(stored, TEN_MILLION).root == Tree(Counted(TEN_MILLION)).root(TEN_MILLION)
    assert stored.reads <= 3


def test_the_stored_tree_of_a_hundred_thousand_entries_gives_proofs_in_milliseconds(log: Log):
    log.grow(100_000)
    with reading(log.engine) as connection:
        root = Tree(read_from(connection)).root(100_000)
        times = []
        for index in range(0, 100_000, 2_500):
            began = time.perf_counter()
            tree = Tree(read_from(connection))
            proof = tree.inclusion(index, 100_000)
            times.append(time.perf_counter() - began)
            verify_inclusion(tree.leaf(index), index, 100_000, proof, root)
    assert min(times) < 0.005  # what it costs; the others also count what else the machine was doing


def test_an_empty_tree_takes_its_first_leaf():
    edge = RightEdge()
    (tile,) = edge.append([LEAF])
    assert (tile.level, tile.tile, tile.data, edge.root) == (0, 0, LEAF, LEAF)
