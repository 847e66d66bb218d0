"""Names of tiles and bundles of entries (C2SP tlog-tiles), and what a bundle looks like."""

from __future__ import annotations

import pytest

from schemas.errors import Malformed
from schemas.log import TileName, entries_path, pack_bundle, read_tile_path, tile_path, unpack_bundle


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (TileName(0, 0), "tile/0/000"),
        (TileName(0, 1234067), "tile/0/x001/x234/067"),
        (TileName(0, 1000), "tile/0/x001/000"),
        (TileName(1, 17, 3), "tile/1/017.p/3"),
        (TileName(63, 999, 255), "tile/63/999.p/255"),
        (TileName(None, 273, 112), "tile/entries/273.p/112"),
        (TileName(None, 70000), "tile/entries/x070/000"),
    ],
)
def test_a_name_has_one_path(name: TileName, path: str):
    assert name.path == path
    assert read_tile_path(path) == name


def test_paths_can_be_made_without_a_name():
    assert tile_path(0, 67, 8) == "tile/0/067.p/8"
    assert entries_path(67) == "tile/entries/067"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001/x002",
        "tile/00/001",
        "tile/64/001",
        "tile/-1/001",
        "tile/0/001.p/0",
        "tile/0/001.p/01",
        "tile/0/001.p/256",
        "tile/0/001.p/999",
        "tile/0/001.p/",
        "tile/0/٠٠١",
        "tile/0/001\n",
        "tile/data/001",
        "/tile/0/001",
        "tile/0/../000",
        "tile/0/" + "x999/" * 5 + "999",
        "tile/0/" + "x001/" * 100 + "001",
    ],
)
def test_any_other_spelling_is_refused(path: str):
    with pytest.raises(Malformed):
        read_tile_path(path)


def test_a_bundle_is_entries_with_their_lengths():
    assert pack_bundle([b"", b"abc"]) == b"\x00\x00\x00\x03abc"
    assert unpack_bundle(b"\x00\x00\x00\x03abc", 2) == [b"", b"abc"]


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x03ab", b"\x00\x01a\x00", b"", b"\x00\x01a" * 3])
def test_a_bundle_that_is_cut_short_or_too_long_is_refused(data: bytes):
    with pytest.raises(Malformed):
        unpack_bundle(data, 2)
