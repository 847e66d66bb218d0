"""The coordinator's tables: what is in force, what was decided, and what waits to be collected.

Constraints are named, because the code turns a named violation into a domain error. Instants are integers,
milliseconds since 1970 (UTC). Who may write what, and when, is decided in `coordinator.intake`.
The tables of the log and of the mailboxes are in `tables_log`, and are named here too.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from coordinator.database.metadata import metadata
from coordinator.database.tables_log import (
    Instant,
    Position,
    log_entries,
    log_heads,
    log_tiles,
    mailbox,
    mailbox_cursors,
    sequencing_queue,
)

__all__ = [
    "agreement_signatures",
    "agreements",
    "attachment_uses",
    "attachments",
    "cases",
    "consents",
    "decision_order",
    "dpop_seen",
    "emergencies",
    "enrolment_codes",
    "held_back",
    "log_entries",
    "log_heads",
    "log_tiles",
    "mailbox",
    "mailbox_cursors",
    "member_keys",
    "members",
    "messages",
    "metadata",
    "passes",
    "passes_used",
    "refusals",
    "replaced_requests",
    "seats",
    "sequencing_queue",
]


def _state(column: str, name: str, *states: str) -> CheckConstraint:
    """Allow only the states that the comment beside the column explains."""
    listed = ", ".join(f"'{state}'" for state in states)
    return CheckConstraint(f"{column} IN ({listed})", name=name)


decision_order = Sequence("decision_order", metadata=metadata)
"""Where PostgreSQL draws places in the order of decisions, after the locks. SQLite's one writer counts."""

members = Table(
    "members",
    metadata,
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),  # active → left
    Column("enrolled_at", Instant, nullable=False),
    Column("document", JSON, nullable=False),
    PrimaryKeyConstraint("id", name="members_pk"),
    _state("kind", "members_kind", "public", "charity", "company", "portal", "oversight"),
    _state("status", "members_status", "active", "left"),
)

member_keys = Table(
    "member_keys",
    metadata,
    Column("kid", Text, nullable=False),
    Column("member", Text, ForeignKey("members.id", name="member_keys_member_fk"), nullable=False),
    Column("use", Text, nullable=False),
    Column("jwk", JSON, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_until", Instant, nullable=False),
    Column("ended_at", Instant),
    # One key, one member, for ever: a key that two may use proves nothing (unknown key share).
    PrimaryKeyConstraint("kid", name="member_keys_pk"),
    _state("use", "member_keys_use", "sign", "seal"),
    Index("member_keys_by_member", "member"),
)

enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    # SHA-256("accord/enrol/1" ‖ 0x00 ‖ code): the HMAC key, from which the code cannot be found.
    Column("key_hash", LargeBinary, nullable=False),
    Column("member", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    PrimaryKeyConstraint("key_hash", name="enrolment_codes_pk"),
    Index("enrolment_codes_by_member", "member"),
)

agreements = Table(
    "agreements",
    metadata,
    Column("ref", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),  # proposed → in_force → retired; proposed → retired
    Column("document", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("proposed_by", Text, ForeignKey("members.id", name="agreements_proposed_by_fk"), nullable=False),
    Column("proposal", Text, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_until", Instant, nullable=False),
    PrimaryKeyConstraint("ref", name="agreements_pk"),
    UniqueConstraint("id", "version", name="agreements_version"),
    _state("status", "agreements_status", "proposed", "in_force", "retired"),
)

agreement_signatures = Table(
    "agreement_signatures",
    metadata,
    Column("ref", Text, ForeignKey("agreements.ref", name="agreement_signatures_ref_fk"), nullable=False),
    Column("member", Text, nullable=False),
    Column("message", Text, nullable=False),
    PrimaryKeyConstraint("ref", "member", name="agreement_signatures_pk"),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("status", Text, nullable=False),  # open ⇄ closed
    Column("opened_at", Instant, nullable=False),
    PrimaryKeyConstraint("id", name="cases_pk"),
    _state("status", "cases_status", "open", "closed"),
)

seats = Table(
    "seats",
    metadata,
    Column("case", Text, ForeignKey("cases.id", name="seats_case_fk"), nullable=False),
    Column("member", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # invited → joined → active → ended; an agency's seat goes from invited to active; ended → invited again
    Column("status", Text, nullable=False),
    Column("sealing_kid", Text),
    Column("keys", Text),
    Column("invitation", Text),
    Column("invited_by", Text),
    Column("joined", Text),
    Column("attested", Text),
    Column("rests_on", Text),
    PrimaryKeyConstraint("case", "member", name="seats_pk"),
    _state("kind", "seats_kind", "agency", "citizen"),
    _state("status", "seats_status", "invited", "joined", "active", "ended"),
    Index("seats_by_member", "member"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Text, nullable=False),
    Column("case", Text, ForeignKey("cases.id", name="consents_case_fk"), nullable=False),
    # granted ⇄ suspended; granted, suspended → withdrawn, expired, superseded, invalidated
    Column("status", Text, nullable=False),
    Column("agreement", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_until", Instant, nullable=False),
    Column("granted_by", Text, nullable=False),
    Column("seq", Position, nullable=False),
    PrimaryKeyConstraint("id", name="consents_pk"),
    _state(
        "status",
        "consents_status",
        "granted",
        "suspended",
        "withdrawn",
        "expired",
        "superseded",
        "invalidated",
    ),
    Index("consents_by_case", "case"),
    Index(
        "consents_to_expire",
        "valid_until",
        sqlite_where=text("status IN ('granted', 'suspended')"),
        postgresql_where=text("status IN ('granted', 'suspended')"),
    ),
)

emergencies = Table(
    "emergencies",
    metadata,
    Column("id", Text, nullable=False),
    Column("case", Text, ForeignKey("cases.id", name="emergencies_case_fk"), nullable=False),
    Column("member", Text, nullable=False),
    Column("agreement", Text, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("notice", JSON, nullable=False),
    Column("seq", Position, nullable=False),
    Column("tell_at", Instant, nullable=False),
    Column("told_at", Instant),
    Column(
        "reviewed", Text, nullable=False
    ),  # open → done, overdue; a late review leaves overdue and sets the outcome
    Column("outcome", Text),
    PrimaryKeyConstraint("id", name="emergencies_pk"),
    _state("reviewed", "emergencies_reviewed", "open", "done", "overdue"),
    Index(
        "emergencies_to_tell",
        "tell_at",
        sqlite_where=text("told_at IS NULL"),
        postgresql_where=text("told_at IS NULL"),
    ),
    Index(
        "emergencies_to_review",
        "opened_at",
        sqlite_where=text("reviewed = 'open'"),
        postgresql_where=text("reviewed = 'open'"),
    ),
)

held_back = Table(
    "held_back",  # from the citizen, until they are told; then the row goes
    metadata,
    Column("seq", Position, nullable=False, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("case", Text, ForeignKey("cases.id", name="held_back_case_fk"), nullable=False),
    Column("tell_at", Instant, nullable=False),
    Column("emergency", Text),  # told with this one, and not before
    PrimaryKeyConstraint("seq", name="held_back_pk"),
    Index("held_back_by_id", "id"),
    Index("held_back_to_tell", "tell_at"),
    Index("held_back_with", "emergency"),
)

messages = Table(
    "messages",
    metadata,
    Column("seq", Position, nullable=False, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("case", Text),
    Column("raw", LargeBinary, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("salt", LargeBinary),  # without it, nothing ties the message to its log entry
    Column("receipt", LargeBinary, nullable=False),
    Column("admitted_at", Instant, nullable=False),
    Column("consent", Text),
    PrimaryKeyConstraint("seq", name="messages_pk"),
    UniqueConstraint("id", "sender", name="messages_said_once"),
    # The directory and the agreements are rebuilt by others from these few.
    Index(
        "messages_outside_cases",
        "sender",
        "seq",
        sqlite_where=text('"case" IS NULL'),
        postgresql_where=text('"case" IS NULL'),
    ),
)

refusals = Table(
    "refusals",
    metadata,
    Column("id", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("seq", Position, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("salt", LargeBinary),
    Column("code", Text, nullable=False),
    Column("problem", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("id", "sender", name="refusals_pk"),
    Index("refusals_by_seq", "seq"),
)

passes = Table(
    "passes",
    metadata,
    Column("release", Text, nullable=False),  # the release that went to the citizen alone
    Column("case", Text, ForeignKey("cases.id", name="passes_case_fk"), nullable=False),
    Column("request", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("message", Text, nullable=False),
    # Decided once: a second word about the same release breaks the key.
    PrimaryKeyConstraint("release", name="passes_pk"),
    _state("decision", "passes_decision", "pass", "stop"),
    Index("passes_by_request", "request"),
)

passes_used = Table(
    "passes_used",
    metadata,
    Column("release", Text, ForeignKey("passes.release", name="passes_used_release_fk"), nullable=False),
    Column("used_by", Text, nullable=False),
    # One pass, one release: a second one breaks the key, also when two processes decide at once.
    PrimaryKeyConstraint("release", name="passes_used_pk"),
    Index("passes_used_by", "used_by"),
)

replaced_requests = Table(
    "replaced_requests",
    metadata,
    Column("id", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("replaced_by", Text, nullable=False),
    PrimaryKeyConstraint("id", "sender", name="replaced_requests_pk"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("sha256", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("sha256", name="attachments_pk"),
)

attachment_uses = Table(
    "attachment_uses",
    metadata,
    Column("sha256", Text, nullable=False),
    Column("member", Text, nullable=False),
    PrimaryKeyConstraint("sha256", "member", name="attachment_uses_pk"),
)

dpop_seen = Table(
    "dpop_seen",
    metadata,
    Column("jti", Text, nullable=False),
    Column("until", Instant, nullable=False),
    PrimaryKeyConstraint("jti", name="dpop_seen_pk"),
    Index("dpop_seen_until", "until"),
)
