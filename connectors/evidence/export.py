"""Makes one evidence file of one case: collect → prove → write → seal.

Every proof is checked before it is written, so that a file which was made also verifies. With contents the
file holds personal data; without, the sealed parts stay sealed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.evidence.chain import ChainWriter
from connectors.evidence.collect import Gathered, collect
from connectors.evidence.held import Piece, checkpoints_seen, contents_of, payload_of
from connectors.evidence.line import FORMAT
from connectors.evidence.log_source import LogSource
from connectors.exchange.connector import Connector
from connectors.exchange.pinned import PinnedKeys
from connectors.exchange.upkeep import find_places
from schemas import instant, log, receipt
from schemas.errors import Refusal
from schemas.keys import SigningKey
from schemas.log import Checkpoint

Progress = Callable[[int, int], None]
"""Told how many entries are proved, of how many."""


@dataclass(frozen=True, slots=True)
class Making:
    """Who makes which file, and which log and keys it is about."""

    case: str
    by: str
    key: SigningKey
    made_at: datetime
    pinned: PinnedKeys
    source: LogSource


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    path: Path
    case: str
    log_size: int
    messages: int
    erased: int
    contents: int


def export(
    connector: Connector,
    case: str,
    path: Path,
    *,
    source: LogSource,
    with_contents: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Write the evidence of a case; raise NotHere, EvidenceIncomplete, Unavailable or Unverified."""
    now = connector.clock()
    with suppress(Refusal):
        find_places(connector)  # what was sent a moment ago has its place in the log by now
    gathered = collect(connector, case)
    with connector.database.reading() as connection:
        seen = checkpoints_seen(connection)
        opened = contents_of(connection, case) if with_contents else None
    pinned = connector.coordinator.pinned
    making = Making(case, connector.id, connector.keyring.signing_key(now), now, pinned, source)
    return write(making, path, gathered, seen=seen, opened=opened, progress=progress)


def write(
    making: Making,
    path: Path,
    gathered: Gathered,
    *,
    seen: Sequence[tuple[int, str]] = (),
    opened: Sequence[tuple[str, str]] | None = None,
    progress: Progress | None = None,
) -> Exported:
    """Prove and write what was gathered; `opened` are statements by message, or None for a file without."""
    note = making.source.checkpoint()
    checkpoint = log.verify_checkpoint(note, making.pinned.origin, making.pinned.log)
    pieces = [piece for _, piece in sorted(gathered.pieces.items())]
    with ChainWriter(path) as file:
        file.add("head", _head(making, note, contents=opened is not None))
        for old, proof in _earlier(making, checkpoint, seen):
            file.add("checkpoint", {"note": old, "consistency": proof})
        for message in gathered.signed:
            file.add("signed", {"message": message})
        for number, piece in enumerate(pieces, start=1):
            file.add(*_proved(piece, checkpoint, making))
            if progress:
                progress(number, len(pieces))
        for message, statement in opened or ():
            file.add("contents", {"message": message, "statement": statement})
        file.seal(case=making.case, by=making.by, made_at=instant.format(making.made_at), key=making.key)
    erased = sum(piece.erased for piece in pieces)
    return Exported(path, making.case, checkpoint.size, len(pieces) - erased, erased, len(opened or ()))


def _head(making: Making, note: str, *, contents: bool) -> dict[str, Any]:
    pinned = making.pinned
    return {
        "format": FORMAT,
        "case": making.case,
        "by": making.by,
        "made_at": instant.format(making.made_at),
        "keys": {
            "coordinator": [key.jwk for _, key in sorted(pinned.coordinator.items())],
            "log": pinned.log.jwk,
            "origin": pinned.origin,
        },
        "checkpoint": note,
        "contents": contents,
    }


def _earlier(
    making: Making, checkpoint: Checkpoint, seen: Sequence[tuple[int, str]]
) -> Iterator[tuple[str, list[str]]]:
    """Prove that the checkpoints that were seen before are beginnings of the same log."""
    for size, note in seen:
        if size > checkpoint.size:
            continue
        before = log.verify_checkpoint(note, making.pinned.origin, making.pinned.log)
        trivial = size in {0, checkpoint.size}
        proof = [] if trivial else making.source.consistency(size, checkpoint.size)
        hashes = [bytes.fromhex(each) for each in proof]
        log.verify_consistency(before.size, before.root, checkpoint.size, checkpoint.root, hashes)
        yield note, proof


def _proved(piece: Piece, checkpoint: Checkpoint, making: Making) -> tuple[str, dict[str, Any]]:
    """Give the line of one piece, with the proof of its place checked."""
    inclusion = making.source.inclusion(piece.index, checkpoint.size)
    members: dict[str, Any] = {"index": piece.index, "inclusion": inclusion}
    if piece.message is None or piece.receipt is None:
        commitment = making.source.commitment(piece.index, checkpoint.size)
        kind, members["commitment"] = "erased", commitment.hex()
    else:
        commitment = _promised(piece.message, piece.receipt, making.pinned)
        kind, members["message"], members["receipt"] = "message", piece.message, piece.receipt
    proof = [bytes.fromhex(each) for each in inclusion]
    log.verify_inclusion(log.leaf_hash(commitment), piece.index, checkpoint.size, proof, checkpoint.root)
    return kind, members


def _promised(message: str, promise: str, pinned: PinnedKeys) -> bytes:
    """Give the commitment by which the log holds a message."""
    digest = hashlib.sha256(message.encode()).digest()
    about = payload_of(message)["id"]
    return receipt.check(promise.encode(), pinned.key_for, id=about, sha256=digest).commitment
