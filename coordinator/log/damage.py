"""Looks for damage: reads every entry, computes the tree anew, compares it with tiles, heads and the guard.

Takes a connection that only reads, the log's public key and origin; gives a list that names each damaged row
(P11). It repairs nothing. Memory stays flat; ten million entries take about a minute.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, and_, bindparam, or_, select

from coordinator.database.tables_log import log_entries, log_heads, log_tiles
from coordinator.log.guard import EMPTY_HEAD, HeadGuard, TreeHead
from coordinator.log.merkle import TILE_BYTES, TILE_HEIGHT, ReadTile, RightEdge, Tile, read_from
from schemas.errors import Refusal
from schemas.keys import VerifyingKey
from schemas.log import EMPTY_ROOT, HASH_SIZE, TILE_WIDTH, leaf_hash, tree_root, verify_checkpoint

Progress = Callable[[int, int], None]
"""Told how many entries of how many were read."""
_NAMED_AT_MOST = 100
"""Stray rows that are listed one by one."""
_NOTHING = bytes(HASH_SIZE)
"""Stands where neither the entry nor its hash is left."""
_ENTRIES = (
    select(log_entries.c.index, log_entries.c.commitment)
    .where(log_entries.c.index >= bindparam("first"), log_entries.c.index < bindparam("end"))
    .order_by(log_entries.c.index)
)
_HEADS = select(log_heads.c.size, log_heads.c.root, log_heads.c.checkpoint).order_by(log_heads.c.size)


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is wrong, and where: an entry's index, a tile's level and number, a head's size."""

    kind: Literal["entry", "tile", "head", "guard"]
    where: str
    what: str


def find_damage(
    connection: Connection,
    *,
    key: VerifyingKey,
    origin: str,
    guard: HeadGuard | None = None,
    progress: Progress | None = None,
) -> list[Damage]:
    """Check the whole log; an empty list means that all of it leads to what was signed."""
    heads, found = _heads(connection, key, origin)
    newest = max(heads, key=lambda head: head.size, default=EMPTY_HEAD)
    shown = _shown(guard, found) if guard else None
    check = _Check(read_from(connection), newest, {head.size for head in (*heads, shown or newest)})
    for tile, leaves in _leaves(connection, newest.size):
        check.tile(tile, leaves)
        if progress:
            progress(min((tile + 1) * TILE_WIDTH, newest.size), newest.size)
    check.end()
    found += check.found + _strays(connection, newest.size)
    for head in heads:
        if check.roots[head.size] != head.root:
            found.append(Damage("head", str(head.size), "Entries and tiles do not lead to the signed root."))
    if shown and shown.size > newest.size:
        found.append(Damage("guard", str(shown.size), "The database has no head as large as this."))
    elif shown and check.roots[shown.size] != shown.root:
        found.append(
            Damage("guard", str(shown.size), "Entries and tiles do not lead to the root that was shown.")
        )
    return found


class _Check:
    """The tree, grown anew; of two versions of a tile, the one that its parent knows is right."""

    def __init__(self, read: ReadTile, newest: TreeHead, sizes: set[int]) -> None:
        """Take the sizes at which the root is wanted."""
        self.found: list[Damage] = []
        self.roots: dict[int, bytes] = {0: EMPTY_ROOT}
        self._read = read
        self._newest = newest
        self._sizes = sizes
        self._edge = RightEdge()
        self._parents: tuple[int, bytes] = (-1, b"")

    def tile(self, tile: int, leaves: list[bytes | None]) -> None:
        """Compare the leaves of one tile with its stored hashes, and grow the tree by the right ones."""
        stored = self._read(0, tile)
        hashes = [stored[at : at + HASH_SIZE] for at in range(0, len(stored), HASH_SIZE)]
        wrong = [at for at, leaf in enumerate(leaves) if leaf is None or hashes[at : at + 1] != [leaf]]
        from_entries = [
            leaf or (hashes[at] if at < len(hashes) else _NOTHING) for at, leaf in enumerate(leaves)
        ]
        right = from_entries
        if wrong or len(stored) != len(leaves) * HASH_SIZE:
            right = self._blame(tile, leaves, from_entries, hashes[: len(leaves)], wrong)
            if len(stored) > len(leaves) * HASH_SIZE:
                self._name("tile", f"0/{tile}", "It holds more than was signed.")
        self._grow(right)

    def end(self) -> None:
        """Compare what is unfinished above the leaves."""
        for tile in self._edge.unfinished():
            if tile.level:
                self._compare(tile)

    def _blame(
        self,
        tile: int,
        leaves: list[bytes | None],
        entries: list[bytes],
        hashes: list[bytes],
        wrong: list[int],
    ) -> list[bytes]:
        fits = self._fits_parent if len(leaves) == TILE_WIDTH else self._fits_newest
        whole_tile = len(hashes) == len(leaves) and all(len(node) == HASH_SIZE for node in hashes)
        tile_is_right = whole_tile and fits(tile, hashes)
        entries_are_right = None not in leaves and fits(tile, entries)
        if not entries_are_right:
            for at in wrong:
                what = "It is missing." if leaves[at] is None else "It was changed."
                self._name("entry", str(tile * TILE_WIDTH + at), what)
        if not tile_is_right:
            self._name("tile", f"0/{tile}", f"Hashes {wrong or 'at its end'} do not fit the entries.")
        return hashes if tile_is_right else entries

    def _fits_parent(self, tile: int, leaves: list[bytes]) -> bool:
        at = tile % TILE_WIDTH * HASH_SIZE
        if self._parents[0] != tile >> TILE_HEIGHT:
            self._parents = (tile >> TILE_HEIGHT, self._read(1, tile >> TILE_HEIGHT))
        return self._parents[1][at : at + HASH_SIZE] == tree_root(leaves)

    def _fits_newest(self, _tile: int, leaves: list[bytes]) -> bool:
        edge = copy.deepcopy(self._edge)
        edge.append(leaves)
        return edge.root == self._newest.root

    def _grow(self, leaves: list[bytes]) -> None:
        first = self._edge.size
        end = first + len(leaves)
        for stop in sorted({end} | {size for size in self._sizes if first < size <= end}):
            for tile in self._edge.append(leaves[self._edge.size - first : stop - first]):
                if tile.level and len(tile.data) == TILE_BYTES:
                    self._compare(tile)
            if stop in self._sizes:
                self.roots[stop] = self._edge.root

    def _compare(self, tile: Tile) -> None:
        stored = self._read(tile.level, tile.tile)
        if stored != tile.data:
            pairs = range(0, len(tile.data), HASH_SIZE)
            wrong = [
                at // HASH_SIZE
                for at in pairs
                if stored[at : at + HASH_SIZE] != tile.data[at : at + HASH_SIZE]
            ]
            self._name(
                "tile", f"{tile.level}/{tile.tile}", f"Hashes {wrong or 'at its end'} do not fit those below."
            )

    def _name(self, kind: Literal["entry", "tile", "head"], where: str, what: str) -> None:
        self.found.append(Damage(kind, where, what))


def _leaves(connection: Connection, size: int) -> Iterator[tuple[int, list[bytes | None]]]:
    """Give, tile by tile, the leaf hash of each entry; None for one that is missing."""
    for first in range(0, size, TILE_WIDTH):
        end = min(first + TILE_WIDTH, size)
        rows = connection.execute(_ENTRIES, {"first": first, "end": end})
        known = {index: leaf_hash(bytes(commitment)) for index, commitment in rows}
        yield first // TILE_WIDTH, [known.get(index) for index in range(first, end)]


def _heads(connection: Connection, key: VerifyingKey, origin: str) -> tuple[list[TreeHead], list[Damage]]:
    """Read the heads; what the signature covers counts more than the columns beside it."""
    heads, found = [], []
    for size, root, text in connection.execute(_HEADS):
        head = TreeHead(size, bytes(root))
        try:
            signed = verify_checkpoint(text, origin, key)
        except Refusal as refusal:
            found.append(Damage("head", str(size), f"Its checkpoint does not hold: {refusal.code}."))
        else:
            if (signed.size, signed.root) != (head.size, head.root):
                found.append(Damage("head", str(size), "Its size and root are not those that were signed."))
            head = TreeHead(signed.size, signed.root)
        heads.append(head)
    return heads, found


def _strays(connection: Connection, size: int) -> list[Damage]:
    """Name rows that no signed head accounts for."""
    entries = select(log_entries.c.index).where(or_(log_entries.c.index < 0, log_entries.c.index >= size))
    found = [
        Damage("entry", str(index), "No head covers it.")
        for (index,) in connection.execute(entries.limit(_NAMED_AT_MOST))
    ]
    counts = _tile_counts(size)
    known = or_(
        *[and_(log_tiles.c.level == level, log_tiles.c.tile.between(0, count - 1)) for level, count in counts]
    )
    tiles = select(log_tiles.c.level, log_tiles.c.tile).where(~known).limit(_NAMED_AT_MOST)
    return found + [
        Damage("tile", f"{level}/{tile}", "No head covers it.") for level, tile in connection.execute(tiles)
    ]


def _tile_counts(size: int) -> list[tuple[int, int]]:
    counts: list[tuple[int, int]] = []
    level = 0
    while size or not counts:
        counts.append((level, -(-size // TILE_WIDTH)))
        size, level = size >> TILE_HEIGHT, level + 1
    return counts


def _shown(guard: HeadGuard, found: list[Damage]) -> TreeHead | None:
    try:
        shown = guard.shown
    except Refusal as refusal:
        found.append(Damage("guard", "file", refusal.detail))
        return None
    if shown is None:
        found.append(Damage("guard", "file", "It is missing."))
    return shown
