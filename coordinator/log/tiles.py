"""What the log serves to anyone: checkpoint, tiles, bundles of entries, proofs; and how long they keep.

Takes the path as it was asked for and a connection that only reads. Everything is static once it exists (C2SP
tlog-tiles), but for the checkpoint. No HTTP here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from coordinator.database.tables_log import log_entries
from coordinator.log.checkpoint import newest, published
from coordinator.log.guard import HeadGuard
from coordinator.log.merkle import TileCache, Tree, read_from
from schemas.errors import NotFound
from schemas.log import HASH_SIZE, TILE_WIDTH, TileName, pack_bundle, read_tile_path

FOREVER = "public, max-age=31536000, immutable"
"""For tiles and bundles: full or partial, what one path names never changes."""
A_MOMENT = "public, max-age=1"
"""For the checkpoint: it is promised to be at most a second old."""
BYTES = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"

_COMMITMENTS = (
    select(log_entries.c.commitment)
    .where(log_entries.c.index >= bindparam("first"), log_entries.c.index < bindparam("end"))
    .order_by(log_entries.c.index)
)


@dataclass(frozen=True, slots=True)
class Resource:
    """Bytes to answer with, what they are, and how long they may be kept."""

    data: bytes
    content_type: str
    cache_control: str


def checkpoint(connection: Connection, guard: HeadGuard, cache: TileCache | None = None) -> Resource:
    """Give the newest signed head."""
    return Resource(published(connection, guard, cache).checkpoint.encode(), TEXT, A_MOMENT)


def tile(connection: Connection, path: str) -> Resource:
    """Give the tile or bundle that `tile/…` names; raise Malformed for no name, NotFound for none yet."""
    name = read_tile_path(path)
    data = _entries(connection, name) if name.level is None else _hashes(connection, name.level, name)
    return Resource(data, BYTES, FOREVER)


def inclusion(connection: Connection, index: int, size: int, cache: TileCache | None = None) -> list[bytes]:
    """Prove that an entry is in the log of this size; raise NotFound for a size not reached yet."""
    _reached(connection, size)
    return Tree(read_from(connection), cache).inclusion(index, size)


def consistency(connection: Connection, old: int, new: int, cache: TileCache | None = None) -> list[bytes]:
    """Prove that the log of size `new` goes on from that of size `old`."""
    _reached(connection, new)
    return Tree(read_from(connection), cache).consistency(old, new)


def _hashes(connection: Connection, level: int, name: TileName) -> bytes:
    # A partial tile is the beginning of what the tile is now: every width that was ever true is served.
    data = read_from(connection)(level, name.index)[: name.width * HASH_SIZE]
    if len(data) < name.width * HASH_SIZE:
        raise _not_there(name)
    return data


def _entries(connection: Connection, name: TileName) -> bytes:
    first = name.index * TILE_WIDTH
    rows = connection.execute(_COMMITMENTS, {"first": first, "end": first + name.width})
    entries = [bytes(commitment) for (commitment,) in rows]
    if len(entries) < name.width:
        raise _not_there(name)
    return pack_bundle(entries)


def _not_there(name: TileName) -> NotFound:
    return NotFound(
        f"The log has no {name.path} yet.", remedy="Ask for what the checkpoint's size makes necessary."
    )


def _reached(connection: Connection, size: int) -> None:
    # A tile that is missing below the newest head is damage; above it, it is only not there yet.
    signed = newest(connection)
    if signed is None or size > signed.size:
        raise NotFound("The log has not reached this size.", size=size)
