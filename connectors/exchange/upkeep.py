"""What is done now and then: members' keys fetched anew, old keys of ours forgotten, what we sent found in
the log.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import select

from connectors.exchange import agreements, settling
from connectors.exchange.client import Admitted
from connectors.exchange.connector import Connector
from connectors.exchange.store import agreements as agreement_rows
from connectors.exchange.store import alarms, inbox, outbox
from connectors.exchange.store.tables import members
from schemas import log
from schemas.errors import LogMismatch, Refusal, Unavailable
from schemas.instant import to_ms

_BATCH = 64
_log = structlog.get_logger("accord.connector")


def upkeep(connector: Connector, every: timedelta) -> None:
    """Do what is due; trouble with one thing does not keep another from being done."""
    take_in_files(connector)
    refresh_members(connector, every)
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
    """Ask where the log holds what we sent, and check the proof: a receipt is a promise, this is its
    keeping.
    """
    with connector.database.reading() as connection:
        unplaced = outbox.unproven(connection, _BATCH)
        seen = inbox.last_checkpoint(connection)
    if not unplaced or seen is None:
        return
    answers = connector.coordinator.send([row.raw for row in unplaced])
    for row, answer in zip(unplaced, answers, strict=True):
        if isinstance(answer, Admitted) and answer.index is not None and answer.index < seen[0]:
            _prove(connector, row.id, answer, answer.index, seen)


def _prove(connector: Connector, message: str, answer: Admitted, index: int, seen: tuple[int, bytes]) -> None:
    size, root = seen
    proof = connector.coordinator.proof(index, size)
    try:
        log.verify_inclusion(log.leaf_hash(answer.receipt.commitment), index, size, proof, root)
    except LogMismatch as refusal:
        with connector.database.writing() as connection:
            alarms.raise_alarm(connection, refusal.code, message, refusal.detail, connector.clock())
        return
    with connector.database.writing() as connection:
        outbox.placed(connection, message, index)
        settling.place(connection, message, index)
