"""What is served: bytes that anyone can check against the checkpoint with nothing but the log's key."""

from __future__ import annotations

import pytest

from coordinator.database.engine import reading
from coordinator.log import tiles
from coordinator.log.merkle import TileCache
from schemas.errors import Malformed, NotFound
from schemas.log import (
    entries_path,
    leaf_hash,
    tile_path,
    tree_root,
    unpack_bundle,
    verify_checkpoint,
    verify_consistency,
    verify_inclusion,
)
from tests.unit.log.world import KEY, ORIGIN, Log, commitment


def test_a_monitor_can_rebuild_the_whole_log(log: Log):
    log.grow(600)
    with reading(log.engine) as connection:
        served = tiles.checkpoint(connection, log.guard)
        head = verify_checkpoint(served.data.decode(), ORIGIN, KEY.public)
        paths = [entries_path(0), entries_path(1), entries_path(2, head.size - 512)]
        bundles = [tiles.tile(connection, path).data for path in paths]
    entries = [
        entry
        for data, width in zip(bundles, (256, 256, 88), strict=True)
        for entry in unpack_bundle(data, width)
    ]
    assert tree_root([leaf_hash(entry) for entry in entries]) == head.root


def test_tiles_are_the_hashes_of_the_tree(log: Log):
    log.grow(600)
    leaves = [leaf_hash(commitment(number)) for number in range(600)]
    with reading(log.engine) as connection:
        assert tiles.tile(connection, tile_path(0, 1)).data == b"".join(leaves[256:512])
        assert tiles.tile(connection, tile_path(0, 2, 88)).data == b"".join(leaves[512:])
        upper = tiles.tile(connection, tile_path(1, 0, 2)).data
    assert upper == tree_root(leaves[:256]) + tree_root(leaves[256:512])


def test_a_partial_tile_stays_when_it_has_grown(log: Log):
    log.grow(3)
    with reading(log.engine) as connection:
        before = tiles.tile(connection, tile_path(0, 0, 3))
    log.grow(300)
    with reading(log.engine) as connection:
        assert tiles.tile(connection, tile_path(0, 0, 3)) == before
        assert len(tiles.tile(connection, entries_path(0, 3)).data) == 3 * 34


@pytest.mark.parametrize(
    "path",
    [
        tile_path(0, 0),
        tile_path(0, 0, 4),
        tile_path(0, 1, 1),
        tile_path(1, 0, 1),
        tile_path(63, 0, 1),
        entries_path(0),
        entries_path(0, 4),
        entries_path((1 << 48) - 1, 1),
        tile_path(0, (1 << 48) - 1),
    ],
)
def test_what_is_not_there_yet_is_not_found(log: Log, path: str):
    log.grow(3)
    with reading(log.engine) as connection, pytest.raises(NotFound):
        tiles.tile(connection, path)


def test_a_wrong_name_is_malformed(log: Log):
    with reading(log.engine) as connection, pytest.raises(Malformed):
        tiles.tile(connection, "tile/0/1")


def test_tiles_keep_for_ever_and_the_checkpoint_for_a_moment(log: Log):
    log.grow(3)
    with reading(log.engine) as connection:
        head, tile = tiles.checkpoint(connection, log.guard), tiles.tile(connection, tile_path(0, 0, 3))
    assert (tile.content_type, tile.cache_control) == (tiles.BYTES, tiles.FOREVER)
    assert (head.content_type, head.cache_control) == (tiles.TEXT, tiles.A_MOMENT)


def test_proofs_are_given_for_any_size_reached(log: Log):
    log.grow(600)
    cache = TileCache()
    with reading(log.engine) as connection:
        for size in (1, 256, 257, 600):
            proof = tiles.inclusion(connection, size - 1, size, cache)
            verify_inclusion(leaf_hash(commitment(size - 1)), size - 1, size, proof, log.root(size))
            proof = tiles.consistency(connection, size, 600, cache)
            verify_consistency(size, log.root(size), 600, log.root(600), proof)


def test_proofs_about_sizes_not_reached_are_not_found(log: Log):
    log.grow(3)
    with reading(log.engine) as connection:
        with pytest.raises(NotFound):
            tiles.inclusion(connection, 0, 4)
        with pytest.raises(NotFound):
            tiles.consistency(connection, 3, 4)
        with pytest.raises(Malformed):
            tiles.inclusion(connection, 3, 3)
        with pytest.raises(Malformed):
            tiles.inclusion(connection, -1, 3)
        with pytest.raises(Malformed):
            tiles.consistency(connection, 3, 2)
