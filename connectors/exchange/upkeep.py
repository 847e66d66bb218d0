"""What is done now and then: members' keys fetched anew, old keys of ours forgotten, what we sent found in
the log.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Row, and_, select

from connectors.exchange import agreements, settling
from connectors.exchange.client import Admitted
from connectors.exchange.connector import Connector
from connectors.exchange.departed import end_seats_of_departed
from connectors.exchange.store import agreements as agreement_rows
from connectors.exchange.store import alarms, inbox, outbox
from connectors.exchange.store.tables import members
from connectors.exchange.store.tables import outbox as outbox_rows
from schemas import log, receipt
from schemas.errors import Refusal, TooMany, Unavailable
from schemas.instant import from_ms, to_ms

PROMISE = timedelta(hours=1)
"""How long a coordinator may take to give an admitted message its place; usually it takes milliseconds."""
_BATCH = 64
_NOTHING_SEEN = (0, b"")
_log = structlog.get_logger("accord.connector")


def upkeep(connector: Connector, every: timedelta) -> None:
    """Do what is due; trouble with one thing does not keep another from being done."""
    take_in_files(connector)
    refresh_members(connector, every)
    end_seats_of_departed(connector)
    look_after_proposals(connector)
    find_places(connector)
    connector.keyring.forget_old(connector.clock())


def refresh_members(connector: Connector, every: timedelta) -> None:
    """Fetch the members that were not looked at for a while, so that nothing is sealed to an ended key."""
    oldest = to_ms(connector.clock() - every)
    with connector.database.reading() as connection:
        due = connection.scalars(select(members.c.id).where(members.c.checked_at < oldest)).all()
    for member in due:
        try:
            connector.directory.refresh(member)
        except Unavailable:
            return
        except Refusal:
            continue  # an alarm was raised where it was found


def take_in_files(connector: Connector) -> None:
    """Let each source take in what was dropped for it; a source in trouble does not hold up the others."""
    for name, source in connector.sources.items():
        try:
            arrivals = source.refresh(connector.clock())
        except Refusal as refusal:
            _log.warning("source in trouble", source=name, code=refusal.code)
            continue
        for arrival in arrivals:
            _log.info("taken in", source=name, rows=arrival.taken, rejected=arrival.rejected)


def look_after_proposals(connector: Connector) -> None:
    """Fetch again what we signed and others had not yet: the last signature may have been our own."""
    with connector.database.reading() as connection:
        waiting = [row.ref for row in agreement_rows.everything(connection) if row.status == "proposed"]
    for ref in waiting:
        agreements.ensure(connector, ref)


def find_places(connector: Connector) -> None:
    """See with our own eyes that the log holds what we sent: a receipt is a promise, this is its keeping."""
    with connector.database.reading() as connection:
        seen = inbox.last_checkpoint(connection) or _NOTHING_SEEN
        unseen = outbox.unproven(connection, seen[0], _BATCH)
    unplaced = [row for row in unseen if row.log_index is None]
    answers = connector.coordinator.send([row.raw for row in unplaced]) if unplaced else []
    indexes = {row.id: row.log_index for row in unseen}
    for row, answer in zip(unplaced, answers, strict=True):
        if isinstance(answer, Admitted):
            indexes[row.id] = answer.index
        if not isinstance(answer, (Unavailable, TooMany)) and indexes[row.id] is None:
            _expect(connector, row, connector.clock())
    for row in unseen:
        index = indexes[row.id]
        if index is not None and index < seen[0]:
            _prove(connector, row, index, seen)
    _look_beyond(connector)


def _look_beyond(connector: Connector) -> None:
    """Judge the places that lie beyond the log's end by what the coordinator signed about that end itself."""
    with connector.database.reading() as connection:
        known = inbox.position(connection)
        beyond = and_(outbox_rows.c.proven.is_(False), outbox_rows.c.log_index >= known.head_size)
        sent = and_(outbox_rows.c.state == "sent", outbox_rows.c.raw.is_not(None))
        rows = connection.execute(select(outbox_rows).where(sent, beyond).limit(_BATCH)).all()
    for row in rows:
        if known.head_at is not None:
            _expect(connector, row, from_ms(known.head_at))


def _expect(connector: Connector, row: Row[Any], at: datetime) -> None:
    """Raise an alarm when a message that was admitted long before `at` had no place in the log then."""
    if at - _promise(connector, row).admitted_at < PROMISE:
        return
    minutes = PROMISE // timedelta(minutes=1)
    detail = f"{minutes} minutes after its receipt the log had no place for this message."
    with connector.database.writing() as connection:
        alarms.raise_once(connection, "promise_broken", row.id, detail, connector.clock())


def _prove(connector: Connector, row: Row[Any], index: int, seen: tuple[int, bytes]) -> None:
    size, root = seen
    proof = connector.coordinator.proof(index, size)
    try:
        promised = _promise(connector, row)
        log.verify_inclusion(log.leaf_hash(promised.commitment), index, size, proof, root)
    except Refusal as refusal:
        with connector.database.writing() as connection:
            alarms.raise_once(connection, "promise_broken", row.id, refusal.detail, connector.clock())
        return
    with connector.database.writing() as connection:
        outbox.proved(connection, row.id, index)
        settling.place(connection, row.id, index)


def _promise(connector: Connector, row: Row[Any]) -> receipt.Receipt:
    return receipt.check(
        row.receipt.encode(),
        connector.coordinator.pinned.key_for,
        id=row.id,
        sha256=bytes.fromhex(row.sha256),
    )
