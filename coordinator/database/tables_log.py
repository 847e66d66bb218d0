"""The tables of the log and of the mailboxes: what is ordered, what proves it, who gets it.

Written by `coordinator.log.sequence` alone, but for three: the intake puts rows into `sequencing_queue`, and
the way out marks rows of `mailbox` and moves the cursor in `mailbox_cursors`. Instants are integers,
milliseconds since 1970 (UTC).
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from coordinator.database.metadata import metadata

Instant = BigInteger
"""Milliseconds since 1970, UTC."""
Position = BigInteger().with_variant(Integer(), "sqlite")
"""A place in an order; on SQLite it is the row's own address, so that rows are appended."""

_OPEN = text("consent IS NOT NULL AND collected_at IS NULL AND withdrawn_at IS NULL")

sequencing_queue = Table(
    "sequencing_queue",
    metadata,
    # Drawn by the intake while it holds its locks: the order of decisions.
    Column("seq", Position, nullable=False, autoincrement=False),
    Column("kind", Text, nullable=False),
    # SHA-256(salt ‖ SHA-256(message bytes)): all of the message that the log ever sees.
    Column("commitment", LargeBinary, nullable=False),
    # [{"member": id, "consent": id or null, "kind": "consent" or "other"}]: whose mailboxes it goes to.
    Column("routes", JSON, nullable=False),
    PrimaryKeyConstraint("seq", name="sequencing_queue_pk"),
    CheckConstraint("kind IN ('message', 'refusal')", name="sequencing_queue_kind"),
    CheckConstraint("length(commitment) = 32", name="sequencing_queue_commitment"),
)

log_entries = Table(
    "log_entries",
    metadata,
    Column("index", Position, nullable=False, autoincrement=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("message_seq", Position),  # null for a refusal
    PrimaryKeyConstraint("index", name="log_entries_pk"),
    CheckConstraint("kind IN ('message', 'refusal')", name="log_entries_kind"),
    Index("log_entries_by_message", "message_seq"),
)

log_tiles = Table(
    "log_tiles",
    metadata,
    Column("level", Integer, nullable=False),
    Column("tile", Position, nullable=False),
    # 1 to 256 hashes of 32 bytes (C2SP tlog-tiles); only the right-most tile of a level ever grows.
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("level", "tile", name="log_tiles_pk"),
)

log_heads = Table(
    "log_heads",
    metadata,
    Column("size", Position, nullable=False, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("checkpoint", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("size", name="log_heads_pk"),
)

mailbox = Table(
    "mailbox",
    metadata,
    Column("member", Text, nullable=False),
    Column("index", Position, nullable=False),
    Column("seq", Position, nullable=False),
    Column("consent", Text),
    Column("collected_at", Instant),
    Column("withdrawn_at", Instant),
    PrimaryKeyConstraint("member", "index", name="mailbox_pk"),
    # What a withdrawal takes back: given out to nobody yet, resting on this consent.
    Index("mailbox_open_by_consent", "consent", sqlite_where=_OPEN, postgresql_where=_OPEN),
    sqlite_with_rowid=False,
)

mailbox_cursors = Table(
    "mailbox_cursors",
    metadata,
    Column("member", Text, nullable=False),
    Column("acked", Position, nullable=False),
    Column("last", Position, nullable=False),
    Column("last_consent", Position, nullable=False),
    Column("seen_at", Instant),
    PrimaryKeyConstraint("member", name="mailbox_cursors_pk"),
)
