"""The first tables: register, decisions, log, mailboxes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Position = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Instant = sa.BigInteger


def upgrade() -> None:
    """Create the tables in the order in which they refer to each other."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.schema.CreateSequence(sa.Sequence("decision_order")))
    _members()
    _agreements()
    _cases()
    _consents()
    _decisions()
    _log()
    _mailboxes()
    _attachments()


def downgrade() -> None:
    """Remove them in the opposite order."""
    for table in (
        "dpop_seen",
        "attachment_uses",
        "attachments",
        "mailbox_cursors",
        "mailbox",
        "log_heads",
        "log_tiles",
        "log_entries",
        "sequencing_queue",
        "refusals",
        "messages",
        "emergencies",
        "consents",
        "seats",
        "cases",
        "agreement_signatures",
        "agreements",
        "enrolment_codes",
        "member_keys",
        "members",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.schema.DropSequence(sa.Sequence("decision_order")))


def _state(column: str, name: str, *states: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{state}'" for state in states)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name)


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _members() -> None:
    op.create_table(
        "members",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("enrolled_at", Instant, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="members_pk"),
        _state("kind", "members_kind", "public", "charity", "company", "portal", "oversight"),
        _state("status", "members_status", "active", "left"),
    )
    op.create_table(
        "member_keys",
        sa.Column("kid", sa.Text, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("use", sa.Text, nullable=False),
        sa.Column("jwk", sa.JSON, nullable=False),
        sa.Column("valid_from", Instant, nullable=False),
        sa.Column("valid_until", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        sa.PrimaryKeyConstraint("kid", name="member_keys_pk"),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name="member_keys_member_fk"),
        _state("use", "member_keys_use", "sign", "seal"),
    )
    op.create_index("member_keys_by_member", "member_keys", ["member"])
    op.create_table(
        "enrolment_codes",
        sa.Column("key_hash", sa.LargeBinary, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("used_at", Instant),
        sa.PrimaryKeyConstraint("key_hash", name="enrolment_codes_pk"),
    )
    op.create_index("enrolment_codes_by_member", "enrolment_codes", ["member"])


def _agreements() -> None:
    op.create_table(
        "agreements",
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("proposal", sa.Text, nullable=False),
        sa.Column("valid_from", Instant, nullable=False),
        sa.Column("valid_until", Instant, nullable=False),
        sa.PrimaryKeyConstraint("ref", name="agreements_pk"),
        sa.UniqueConstraint("id", "version", name="agreements_version"),
        sa.ForeignKeyConstraint(["proposed_by"], ["members.id"], name="agreements_proposed_by_fk"),
        _state("status", "agreements_status", "proposed", "in_force", "retired"),
    )
    op.create_table(
        "agreement_signatures",
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("ref", "member", name="agreement_signatures_pk"),
        sa.ForeignKeyConstraint(["ref"], ["agreements.ref"], name="agreement_signatures_ref_fk"),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="cases_pk"),
        _state("status", "cases_status", "open", "closed"),
    )
    op.create_table(
        "seats",
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("sealing_kid", sa.Text),
        sa.Column("keys", sa.Text),
        sa.Column("invitation", sa.Text),
        sa.Column("invited_by", sa.Text),
        sa.Column("joined", sa.Text),
        sa.Column("attested", sa.Text),
        sa.Column("rests_on", sa.Text),
        sa.PrimaryKeyConstraint("case", "member", name="seats_pk"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="seats_case_fk"),
        _state("kind", "seats_kind", "agency", "citizen"),
        _state("status", "seats_status", "invited", "joined", "active", "ended"),
    )
    op.create_index("seats_by_member", "seats", ["member"])


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("agreement", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("valid_from", Instant, nullable=False),
        sa.Column("valid_until", Instant, nullable=False),
        sa.Column("granted_by", sa.Text, nullable=False),
        sa.Column("seq", Position, nullable=False),
        sa.PrimaryKeyConstraint("id", name="consents_pk"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="consents_case_fk"),
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
    )
    op.create_index("consents_by_case", "consents", ["case"])
    _partial("consents_to_expire", "consents", ["valid_until"], "status IN ('granted', 'suspended')")
    op.create_table(
        "emergencies",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("agreement", sa.Text, nullable=False),
        sa.Column("categories", sa.JSON, nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.Column("notice", sa.JSON, nullable=False),
        sa.Column("seq", Position, nullable=False),
        sa.Column("tell_at", Instant, nullable=False),
        sa.Column("told_at", Instant),
        sa.Column("reviewed", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.PrimaryKeyConstraint("id", name="emergencies_pk"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="emergencies_case_fk"),
        _state("reviewed", "emergencies_reviewed", "open", "done", "overdue"),
    )
    _partial("emergencies_to_tell", "emergencies", ["tell_at"], "told_at IS NULL")
    _partial("emergencies_to_review", "emergencies", ["opened_at"], "reviewed = 'open'")


def _decisions() -> None:
    op.create_table(
        "messages",
        sa.Column("seq", Position, nullable=False, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("case", sa.Text),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("salt", sa.LargeBinary),
        sa.Column("receipt", sa.LargeBinary, nullable=False),
        sa.Column("admitted_at", Instant, nullable=False),
        sa.Column("consent", sa.Text),
        sa.PrimaryKeyConstraint("seq", name="messages_pk"),
        sa.UniqueConstraint("id", "sender", name="messages_said_once"),
    )
    _partial("messages_outside_cases", "messages", ["sender", "seq"], '"case" IS NULL')
    op.create_table(
        "refusals",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("seq", Position, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("salt", sa.LargeBinary),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("problem", sa.JSON, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", "sender", name="refusals_pk"),
    )
    op.create_index("refusals_by_seq", "refusals", ["seq"])


def _log() -> None:
    op.create_table(
        "sequencing_queue",
        sa.Column("seq", Position, nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("commitment", sa.LargeBinary, nullable=False),
        sa.Column("routes", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="sequencing_queue_pk"),
        sa.CheckConstraint("kind IN ('message', 'refusal')", name="sequencing_queue_kind"),
        sa.CheckConstraint("length(commitment) = 32", name="sequencing_queue_commitment"),
    )
    op.create_table(
        "log_entries",
        sa.Column("index", Position, nullable=False, autoincrement=False),
        sa.Column("commitment", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("message_seq", Position),
        sa.PrimaryKeyConstraint("index", name="log_entries_pk"),
        sa.CheckConstraint("kind IN ('message', 'refusal')", name="log_entries_kind"),
    )
    op.create_index("log_entries_by_message", "log_entries", ["message_seq"])
    op.create_table(
        "log_tiles",
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("tile", Position, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("level", "tile", name="log_tiles_pk"),
    )
    op.create_table(
        "log_heads",
        sa.Column("size", Position, nullable=False, autoincrement=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("checkpoint", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("size", name="log_heads_pk"),
    )


def _mailboxes() -> None:
    op.create_table(
        "mailbox",
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("index", Position, nullable=False),
        sa.Column("seq", Position, nullable=False),
        sa.Column("consent", sa.Text),
        sa.Column("collected_at", Instant),
        sa.Column("withdrawn_at", Instant),
        sa.PrimaryKeyConstraint("member", "index", name="mailbox_pk"),
        sqlite_with_rowid=False,
    )
    _partial(
        "mailbox_open_by_consent",
        "mailbox",
        ["consent"],
        "consent IS NOT NULL AND collected_at IS NULL AND withdrawn_at IS NULL",
    )
    op.create_table(
        "mailbox_cursors",
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("acked", Position, nullable=False),
        sa.Column("last", Position, nullable=False),
        sa.Column("last_consent", Position, nullable=False),
        sa.Column("seen_at", Instant),
        sa.PrimaryKeyConstraint("member", name="mailbox_cursors_pk"),
    )


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="attachments_pk"),
    )
    op.create_table(
        "attachment_uses",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "member", name="attachment_uses_pk"),
    )
    op.create_table(
        "dpop_seen",
        sa.Column("jti", sa.Text, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.PrimaryKeyConstraint("jti", name="dpop_seen_pk"),
    )
    op.create_index("dpop_seen_until", "dpop_seen", ["until"])
