"""The log's Merkle tree, kept as tiles of 256 hashes in `log_tiles` (RFC 9162, C2SP tlog-tiles).

`RightEdge` appends: it holds the unfinished tiles and touches nothing else. `Tree` reads: roots and proofs
for any size the log ever had, from a handful of tiles. Neither signs, nor looks at the entries themselves.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import Connection, bindparam, select

from coordinator.database.tables_log import log_tiles
from schemas.errors import LogDamaged, Malformed
from schemas.log import EMPTY_ROOT, HASH_SIZE, TILE_WIDTH, node_hash, split

TILE_HEIGHT = 8
"""Levels of the tree in one tile; 2⁸ = TILE_WIDTH."""
TILE_BYTES = TILE_WIDTH * HASH_SIZE
_PAIR = 2 * HASH_SIZE
CACHED_TILES = 256
"""Tiles kept with their inner hashes, 16 kB each: 4 MB, which covers the upper levels of 10⁸ leaves."""

ReadTile = Callable[[int, int], bytes]
"""Gives the stored bytes of (level, tile), empty when there are none."""
_TILE = select(log_tiles.c.data).where(
    log_tiles.c.level == bindparam("wanted_level"), log_tiles.c.tile == bindparam("wanted_tile")
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A row of `log_tiles`."""

    level: int
    tile: int
    data: bytes


# --- appending --------------------------------------------------------------------------------------


class RightEdge:
    """The unfinished right side of the tree: all that appending needs.

    `_peaks` are the roots of the complete subtrees, from left to right, one for each bit of the size;
    `_open` holds for each level the hashes of its last, unfinished tile.
    """

    def __init__(self, size: int = 0, tiles: Sequence[bytes] = ()) -> None:
        """Take the size, and for each level the bytes of its unfinished tile (empty when none is)."""
        self.size = size
        self._open = [bytearray(data) for data in tiles] or [bytearray()]
        self._peaks = [peak for data in reversed(tiles) for peak in _peaks_of(data)]

    @property
    def root(self) -> bytes:
        """The root of the tree as it is now."""
        return _fold(self._peaks)

    def append(self, leaves: Iterable[bytes]) -> list[Tile]:
        """Add leaf hashes; give every tile that is new or has grown, for the caller to store."""
        changed: list[Tile] = []
        for leaf in leaves:
            self._put(0, leaf, changed)
            peak, height, place = leaf, 0, self.size
            while place & 1:
                peak = node_hash(self._peaks.pop(), peak)
                place, height = place >> 1, height + 1
                if height % TILE_HEIGHT == 0:
                    self._put(height // TILE_HEIGHT, peak, changed)
            self._peaks.append(peak)
            self.size += 1
        return changed + self._grown(changed)

    def unfinished(self) -> list[Tile]:
        """Give the tiles that are not full yet."""
        return [
            Tile(level, self.size >> TILE_HEIGHT * (level + 1), bytes(data))
            for level, data in enumerate(self._open)
            if data
        ]

    def _put(self, level: int, node: bytes, finished: list[Tile]) -> None:
        if level == len(self._open):
            self._open.append(bytearray())
        tile = self._open[level]
        tile += node
        if len(tile) == TILE_BYTES:
            finished.append(Tile(level, self.size >> TILE_HEIGHT * (level + 1), bytes(tile)))
            self._open[level] = bytearray()

    def _grown(self, finished: list[Tile]) -> list[Tile]:
        """Give the unfinished tiles that grew: level 0, and above it only where a tile below was finished."""
        levels = {0} | {tile.level + 1 for tile in finished}
        return [tile for tile in self.unfinished() if tile.level in levels]


def read_edge(read: ReadTile, size: int) -> RightEdge:
    """Load the unfinished tiles of a tree of this size; raise LogDamaged when one is missing or too short."""
    tiles = []
    for level, (tile, width) in enumerate(_edge_widths(size)):
        tiles.append(_prefix(read(level, tile), level, tile, width) if width else b"")
    return RightEdge(size, tiles)


def _edge_widths(size: int) -> list[tuple[int, int]]:
    """Give, level by level, the unfinished tile's number and how many hashes it has."""
    found = []
    while size:
        found.append((size >> TILE_HEIGHT, size % TILE_WIDTH))
        size >>= TILE_HEIGHT
    return found


def _peaks_of(data: bytes) -> list[bytes]:
    """Give the roots of the complete subtrees over the hashes of one unfinished tile."""
    inner = InnerHashes()
    inner.grow(data)
    peaks, at = [], 0
    for height in range(TILE_HEIGHT, -1, -1):
        if len(data) // HASH_SIZE >> height & 1:
            peaks.append(inner.node(height, at >> height))
            at += 1 << height
    return peaks


def _fold(peaks: Sequence[bytes]) -> bytes:
    """Hash neighbours from right to left, the way an incomplete tree is closed (RFC 9162 §2.1.1)."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


# --- reading ----------------------------------------------------------------------------------------


class InnerHashes:
    """A tile with the hashes above it, up to its root: computed once, and only the new ones when it grows."""

    __slots__ = ("_layers",)

    def __init__(self) -> None:
        self._layers = [bytearray() for _ in range(TILE_HEIGHT + 1)]

    @property
    def data(self) -> bytearray:
        """The tile's own hashes."""
        return self._layers[0]

    def grow(self, data: bytes) -> None:
        """Take the tile's bytes, which begin with those taken before."""
        self._layers[0][:] = data
        for lower, upper in zip(self._layers, self._layers[1:], strict=False):
            below = bytes(lower)
            for at in range(len(upper) * 2, len(below) - _PAIR + 1, _PAIR):
                upper.extend(node_hash(below[at : at + HASH_SIZE], below[at + HASH_SIZE : at + _PAIR]))

    def node(self, height: int, place: int) -> bytes:
        """Give the root of the subtree of this height inside the tile."""
        return bytes(self._layers[height][place * HASH_SIZE : (place + 1) * HASH_SIZE])


class TileCache:
    """Full tiles, which never change, and unfinished ones as last seen; bounded, shared by all threads.

    Only for transactions that read: what a writing one sees may be rolled back.
    """

    def __init__(self, limit: int = CACHED_TILES) -> None:
        self._limit = limit
        self._kept: OrderedDict[tuple[int, int], InnerHashes] = OrderedDict()
        self._lock = Lock()

    def find(self, level: int, tile: int, width: int) -> InnerHashes | None:
        """Give the tile if as many of its hashes are known as are asked for."""
        with self._lock:
            found = self._kept.get((level, tile))
            if found is None or len(found.data) < width * HASH_SIZE:
                return None
            self._kept.move_to_end((level, tile))
            return found

    def keep(self, level: int, tile: int, data: bytes) -> InnerHashes:
        """Remember a tile; one that did not grow out of what was known is computed anew."""
        with self._lock:
            found = self._kept.pop((level, tile), None)
            if found is None or data[: len(found.data)] != found.data:
                found = InnerHashes()
            found.grow(data)
            self._kept[level, tile] = found
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)
            return found


class Tree:
    """The tree as it is stored, for roots and proofs at any size up to the stored one.

    Proofs cost at most two tiles a level: three levels hold 16 million leaves.
    """

    def __init__(self, read: ReadTile, cache: TileCache | None = None) -> None:
        self._read = read
        self._cache = cache or TileCache()

    def root(self, size: int) -> bytes:
        """Give the root that the log had at this size."""
        return self._range(0, size, size) if size else EMPTY_ROOT

    def leaf(self, index: int) -> bytes:
        """Give a stored leaf hash."""
        return self._node(0, index, index + 1)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Prove that entry `index` is in the log of this size (RFC 9162 §2.1.3); else raise Malformed."""
        if not 0 <= index < size:
            raise Malformed("An inclusion proof is for an index below the size.", index=index, size=size)
        start, end, proof = 0, size, []
        while end - start > 1:
            middle = start + split(end - start)
            if index < middle:
                proof.append(self._range(middle, end, size))
                end = middle
            else:
                proof.append(self._range(start, middle, size))
                start = middle
        return proof[::-1]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Prove that the log of size `new` begins with that of size `old` (RFC 9162 §2.1.4)."""
        if not 0 <= old <= new:
            raise Malformed(
                "A consistency proof is from a size to the same or a larger one.", old=old, new=new
            )
        if old in (0, new):
            return []
        start, end, proof, whole = 0, new, [], True
        while old != end:
            middle = start + split(end - start)
            if old <= middle:
                proof.append(self._range(middle, end, new))
                end = middle
            else:
                proof.append(self._range(start, middle, new))
                start, whole = middle, False
        if not whole:
            proof.append(self._range(start, end, new))
        return proof[::-1]

    def _range(self, start: int, end: int, size: int) -> bytes:
        """Hash the leaves from start to end, where start is a place that RFC 9162's cuts lead to."""
        peaks = []
        while start < end:
            height = (end - start).bit_length() - 1
            peaks.append(self._node(height, start >> height, size))
            start += 1 << height
        return _fold(peaks)

    def _node(self, height: int, place: int, size: int) -> bytes:
        """Give the root of the complete subtree at this height and place: one tile holds it."""
        level, inner = divmod(height, TILE_HEIGHT)
        tile, within = divmod(place << inner, TILE_WIDTH)
        width = min(TILE_WIDTH, (size >> TILE_HEIGHT * level) - tile * TILE_WIDTH)
        return self._tile(level, tile, width).node(inner, within >> inner)

    def _tile(self, level: int, tile: int, width: int) -> InnerHashes:
        found = self._cache.find(level, tile, width)
        if found is None:
            data = self._read(level, tile)
            _prefix(data, level, tile, width)
            found = self._cache.keep(level, tile, data)
        return found


def read_from(connection: Connection) -> ReadTile:
    """Read tiles through this connection, one indexed look-up each."""

    def read(level: int, tile: int) -> bytes:
        found = connection.execute(_TILE, {"wanted_level": level, "wanted_tile": tile}).scalar()
        return bytes(found or b"")

    return read


def _prefix(data: bytes, level: int, tile: int, width: int) -> bytes:
    if len(data) < width * HASH_SIZE or len(data) % HASH_SIZE or len(data) > TILE_BYTES:
        raise LogDamaged(
            f"Tile {tile} of level {level} should hold {width} hashes and has {len(data)} bytes.",
            remedy="Run `accord coordinator log check`, then restore the named rows from a copy.",
            level=level,
            tile=tile,
            expected=width,
            found=len(data) // HASH_SIZE,
        )
    return data[: width * HASH_SIZE]
