"""Fills a coordinator's database as years of use would: members, cases, consents, messages, a log, mailboxes.

Writes rows directly, because a million admissions take too long; what is written is what admissions would
have written: real consents, a log whose tiles lead to its signed head, and a guard that has seen it.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select
from uuid_utils import uuid7

from coordinator.config import Config
from coordinator.database.engine import is_postgresql, open_database, writing
from coordinator.database.tables import cases, consents, member_keys, members, messages, seats
from coordinator.intake.statements import ADD_MESSAGES
from coordinator.log.checkpoint import newest
from coordinator.log.guard import EMPTY_HEAD, HeadGuard, TreeHead
from coordinator.log.merkle import read_edge, read_from
from coordinator.log.statements import (
    ADD_ENTRIES,
    ADD_HEAD,
    ADD_TO_MAILBOXES,
    KEEP_TILES,
    MOVE_CURSORS,
)
from ops.bench import world
from schemas import instant
from schemas.keys import SealingKey, SigningKey
from schemas.log import leaf_hash, sign_checkpoint
from schemas.wire import canonical

CHUNK = 5000
READERS = 40
"""Members among whose mailboxes the old messages are spread."""
_RECEIPT = b"r" * 420
"""As long as a receipt is."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is."""

    members: int
    consents: int
    messages: int

    def scaled(self, by: float) -> Size:
        """Give a part of it."""
        return Size(*(max(10, round(each * by)) for each in (self.members, self.consents, self.messages)))


SMALL = Size(10, 1_000, 10_000)
LARGE = Size(1_000, 1_000_000, 10_000_000)


def fill(config: Config, made: world.World, size: Size, *, raw_bytes: int = 600) -> world.World:
    """Fill the database of a coordinator that does not run; gives a world with all the cases."""
    engine = open_database(config.database_url, pool_size=1)
    try:
        with writing(engine) as connection:
            _add_members(connection, size.members)
            added = _add_cases(connection, made, size.consents)
        readers = [f"filler-{number}" for number in range(min(READERS, size.members))]
        add_messages(config, size.messages, readers, raw_bytes=raw_bytes)
        with writing(engine) as connection:
            if is_postgresql(connection):
                connection.exec_driver_sql("ANALYZE")
        return world.World(made.portal, made.members, made.agreement, added)
    finally:
        engine.dispose()


def add_messages(config: Config, count: int, readers: Sequence[str], *, raw_bytes: int = 600) -> None:
    """Add messages with their places in the log, spread over the readers' mailboxes."""
    engine = open_database(config.database_url, pool_size=1)
    guard = HeadGuard(config.keys_dir / "log.head")
    log_key = SigningKey.from_pem((config.keys_dir / "log.pem").read_bytes())
    try:
        for start in range(0, count, 20 * CHUNK):
            with writing(engine) as connection:
                head = _add_batch(
                    connection,
                    min(20 * CHUNK, count - start),
                    readers,
                    raw_bytes=raw_bytes,
                    sign=partial(sign_checkpoint, config.origin, key=log_key),
                )
            guard.adopt(head)
    finally:
        guard.close()
        engine.dispose()


# --- who takes part, and by what right --------------------------------------------------------------


def _add_members(connection: Connection, count: int) -> None:
    now = instant.to_ms(instant.now())
    rows, keys = [], []
    for number in range(count):
        id = f"filler-{number}"
        rows.append(
            {"id": id, "kind": "public", "name": id, "status": "active", "enrolled_at": now, "document": {}}
        )
        for use, key in (("sign", SigningKey.generate().public), ("seal", SealingKey.generate().public)):
            validity = {"valid_from": now, "valid_until": now + 10**10, "ended_at": None}
            keys.append({"kid": key.kid, "member": id, "use": use, "jwk": key.jwk, **validity})
    _insert(connection, members, rows)
    _insert(connection, member_keys, keys)


def _add_cases(connection: Connection, made: world.World, count: int) -> list[world.Case]:
    """Add cases in which a consent is in force, between neighbours who have the agreement."""
    now = instant.now()
    citizen = SealingKey.generate().public
    seat_keys = canonical({"sealing": citizen.jwk, "sealing_kid": citizen.kid, "passkeys": []}).decode()
    added = []
    numbers = iter(range(count))
    while chunk := list(islice(numbers, CHUNK)):
        new = [_case(made, number, citizen) for number in chunk]
        added += new
        _insert(connection, cases, [_case_row(case, now) for case in new])
        _insert(connection, seats, [row for case in new for row in _seat_rows(case, made, seat_keys)])
        _insert(connection, consents, [_consent_row(case, made, now) for case in new])
    return added


def _case(made: world.World, number: int, citizen: Any) -> world.Case:
    source = made.members[number % len(made.members)]
    recipient = made.members[(number + 1) % len(made.members)]
    return world.Case(str(uuid.uuid4()), source, recipient, citizen, str(uuid.uuid4()))


def _case_row(case: world.Case, now: datetime) -> dict[str, Any]:
    at = instant.to_ms(now)
    return {"id": case.id, "opened_by": case.recipient.id, "status": "open", "opened_at": at}


def _seat_rows(case: world.Case, made: world.World, keys: str) -> Iterator[dict[str, Any]]:
    empty = {column.name: None for column in seats.columns}
    active = {**empty, "case": case.id, "status": "active"}
    yield {**active, "member": case.recipient.id, "kind": "agency"}
    yield {**active, "member": case.source.id, "kind": "agency", "rests_on": case.consent}
    citizen = {"member": made.portal.id, "kind": "citizen", "sealing_kid": case.citizen.kid, "keys": keys}
    yield {**active, **citizen}


def _consent_row(case: world.Case, made: world.World, now: datetime) -> dict[str, Any]:
    document = world.consent_document(
        case.consent, case.id, made.agreement, (case.source, case.recipient), now
    )
    text = canonical(document).decode()
    return {
        "id": case.consent,
        "case": case.id,
        "status": "granted",
        "agreement": made.agreement,
        "purpose": world.PURPOSE,
        "document": text,
        "sha256": hashlib.sha256(text.encode()).digest(),
        "valid_from": instant.to_ms(instant.parse(document["valid_from"])),
        "valid_until": instant.to_ms(instant.parse(document["valid_until"])),
        "granted_by": made.portal.id,
        "seq": 1,
    }


# --- what was said ----------------------------------------------------------------------------------


def _add_batch(
    connection: Connection,
    count: int,
    readers: Sequence[str],
    *,
    raw_bytes: int,
    sign: Callable[..., str],
) -> TreeHead:
    base = newest(connection)
    edge = read_edge(read_from(connection), base.size if base else 0)
    # Behind what the coordinator will draw, so that the two never meet.
    first = int(connection.execute(select(func.coalesce(func.max(messages.c.seq), 0))).scalar_one()) + 1
    if is_postgresql(connection):
        connection.exec_driver_sql(f"SELECT setval('decision_order', {first + count})")
    filler = random.Random(first).randbytes(raw_bytes // 2).hex().encode()
    size = edge.size
    last: dict[str, int] = {}
    numbers = iter(range(count))
    while chunk := list(islice(numbers, CHUNK)):
        ADD_MESSAGES.for_each(connection, [_message_row(first + number, filler) for number in chunk])
        committed = [(size + number, _digest(first + number), "message", first + number) for number in chunk]
        ADD_ENTRIES.for_each(connection, committed)
        tiles = edge.append(leaf_hash(row[1]) for row in committed)
        KEEP_TILES.for_each(connection, [(tile.level, tile.tile, tile.data) for tile in _latest(tiles)])
        letters = [(readers[number % len(readers)], size + number, first + number, None) for number in chunk]
        ADD_TO_MAILBOXES.for_each(connection, letters)
        last |= {letter[0]: letter[1] for letter in letters}
    MOVE_CURSORS.for_each(connection, [(member, index, -1) for member, index in sorted(last.items())])
    head = TreeHead(edge.size, edge.root)
    text = sign(size=head.size, root=head.root)
    ADD_HEAD.once(connection, (head.root, text, instant.to_ms(instant.now()), head.size))
    return head if head.size else EMPTY_HEAD


def _latest(tiles: Sequence[Any]) -> list[Any]:
    """Leave out what was overwritten in the same step: a statement may not touch a row twice."""
    return list({(tile.level, tile.tile): tile for tile in tiles}.values())


def _message_row(seq: int, raw: bytes) -> tuple[Any, ...]:
    digest = _digest(seq)
    return (
        seq,
        str(uuid7()),
        "filler-0",
        "record.release/1",
        None if seq % CHUNK == 0 else str(uuid.UUID(bytes=digest[:16])),
        raw,
        digest,
        digest[:16],
        _RECEIPT,
        1,
        None,
    )


def _digest(seq: int) -> bytes:
    return hashlib.sha256(seq.to_bytes(8, "big")).digest()


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), CHUNK):
        connection.execute(insert(table), rows[start : start + CHUNK])
