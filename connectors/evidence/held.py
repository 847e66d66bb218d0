"""What this connector's store holds of a case, as evidence: received and sent messages, checkpoints,
statements.

Takes an open connection, gives plain values in the log's order; asks nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, or_, select

from connectors.errors import EvidenceIncomplete
from connectors.exchange.store import inbox as inbox_store
from connectors.exchange.store import statements as statements_store
from connectors.exchange.store.tables import checkpoints, inbox, outbox
from schemas.wire import parse, split_compact, unb64u

_CHECKPOINTS: Final = 16
"""Earlier checkpoints in a file: enough to pin its history, few enough to read."""
_TOKEN_LIMIT: Final = 512 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry of the log that belongs to the case; without message and receipt it was erased."""

    index: int
    message: str | None
    receipt: str | None

    @property
    def erased(self) -> bool:
        """Whether nothing but the place is left."""
        return self.message is None or self.receipt is None


def messages_of(connection: Connection, case: str) -> list[Piece]:
    """Give what was received and sent in a case; raise EvidenceIncomplete while one has no place yet."""
    received = [row for row in inbox_store.of_case(connection, case) if row.state == "stored"]
    sent = connection.execute(select(outbox).where(outbox.c.case == case, outbox.c.state == "sent")).all()
    return [_piece(row) for row in [*received, *_placed(sent)]]


def agreement_messages(connection: Connection) -> list[Piece]:
    """Give every message about an agreement that this connector received or sent."""
    received = connection.execute(select(inbox).where(inbox.c.type.like("agreement.%"))).all()
    about = or_(outbox.c.type.like("agreement.%"), outbox.c.type.like("member.%"))
    sent = connection.execute(select(outbox).where(about, outbox.c.state == "sent")).all()
    return [_piece(row) for row in [*received, *sent] if row.log_index is not None]


def checkpoints_seen(connection: Connection) -> list[tuple[int, str]]:
    """Give some of the checkpoints that were seen here, from the first to the last."""
    rows = connection.execute(
        select(checkpoints.c.size, checkpoints.c.note).order_by(checkpoints.c.size)
    ).all()
    step = max(1, -(-len(rows) // _CHECKPOINTS))
    chosen = dict(
        [(row.size, row.note) for row in rows[::step]] + [(row.size, row.note) for row in rows[-1:]]
    )
    return sorted(chosen.items())


def contents_of(connection: Connection, case: str) -> list[tuple[str, str]]:
    """Give the opened statements of a case that are still held: personal data."""
    rows = statements_store.of_case(connection, case)
    return [(row.message, row.plaintext.decode("ascii")) for row in rows if row.plaintext is not None]


def _placed(rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    found = list(rows)
    waiting = [row for row in found if row.log_index is None and row.raw is not None]
    if waiting:
        raise EvidenceIncomplete(
            f"{len(waiting)} sent messages of the case have no known place in the log yet.",
            remedy="Let the connector run for a moment, then export again.",
            waiting=len(waiting),
        )
    return [row for row in found if row.log_index is not None]


def _piece(row: Row[Any]) -> Piece:
    raw = None if row.raw is None else bytes(row.raw).decode("ascii")
    return Piece(row.log_index, raw, row.receipt)


def payload_of(message: str) -> dict[str, Any]:
    """Read a message's payload without checking its signature, to see whom and what it names."""
    return parse(unb64u(split_compact(message.encode(), 3, limit=_TOKEN_LIMIT)[1]))
