"""The first tables of a connector; written by hand, and equal to `tables.py`, which a test compares."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_JSON = sa.JSON(none_as_null=True)
_TABLES = (
    "agreements",
    "alarms",
    "attachments",
    "cases",
    "checkpoints",
    "consent_requests",
    "consents",
    "cursor",
    "declines",
    "emergencies",
    "erasures",
    "inbox",
    "invitations",
    "members",
    "outbox",
    "requests",
    "seats",
    "statements",
    "uses",
    "views",
)


def upgrade() -> None:
    op.create_table(
        "agreements",
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("document", _JSON, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("signed_by_us", sa.Boolean, nullable=False),
        sa.Column("messages", _JSON, nullable=False),
        sa.Column("checked_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("ref", name="pk_agreements"),
    )
    op.create_table(
        "alarms",
        sa.Column("id", _SERIAL, nullable=False, autoincrement=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("cleared_at", sa.BigInteger),
        sa.Column("cleared_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
    )
    op.create_index("ix_alarms_cleared_at", "alarms", ["cleared_at"])
    op.create_table(
        "attachments",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("blob", sa.LargeBinary),
        sa.Column("message", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_attachments"),
        sa.CheckConstraint(
            "state IN ('waiting', 'uploaded', 'fetched')",
            name=op.f("ck_attachments_state"),
        ),
    )
    op.create_index("ix_attachments_message", "attachments", ["message"])
    op.create_table(
        "cases",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("acting_for_citizen", sa.Boolean, nullable=False),
        sa.Column("swept", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.CheckConstraint(
            "status IN ('open', 'closed')",
            name=op.f("ck_cases_status"),
        ),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("root", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoints"),
    )
    op.create_table(
        "consent_requests",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("terms", _JSON, nullable=False),
        sa.Column("why", _JSON, nullable=False),
        sa.Column("agreement", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consent_requests"),
        sa.CheckConstraint(
            "state IN ('open', 'granted', 'refused')",
            name=op.f("ck_consent_requests_state"),
        ),
    )
    op.create_index("ix_consent_requests_case", "consent_requests", ["case"])
    op.create_table(
        "consents",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("agreement", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("document", _JSON, nullable=False),
        sa.Column("portal", sa.Text, nullable=False),
        sa.Column("proven", sa.Boolean, nullable=False),
        sa.Column("grant_message", sa.Text, nullable=False),
        sa.Column("granted_index", sa.BigInteger),
        sa.Column("status_index", sa.BigInteger),
        sa.Column("status_at", sa.BigInteger, nullable=False),
        sa.Column("valid_until", sa.BigInteger, nullable=False),
        sa.Column("swept", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.CheckConstraint(
            "status IN ('granted', 'suspended', 'withdrawn', 'expired', 'superseded', 'invalidated')",
            name=op.f("ck_consents_status"),
        ),
    )
    op.create_index("ix_consents_case", "consents", ["case"])
    op.create_index("ix_consents_status_valid_until", "consents", ["status", "valid_until"])
    op.create_index("ix_consents_swept_status", "consents", ["swept", "status"])
    op.create_table(
        "cursor",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("consent_position", sa.BigInteger, nullable=False),
        sa.Column("head_at", sa.BigInteger),
        sa.Column("head_seen_at", sa.BigInteger),
        sa.Column("head_last", sa.BigInteger, nullable=False),
        sa.Column("head_last_consent", sa.BigInteger, nullable=False),
        sa.Column("head_size", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cursor"),
        sa.CheckConstraint(
            "id = 1",
            name=op.f("ck_cursor_one_row"),
        ),
    )
    op.create_table(
        "declines",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("categories", _JSON, nullable=False),
        sa.Column("rule", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_declines"),
    )
    op.create_index("ix_declines_request", "declines", ["request"])
    op.create_table(
        "emergencies",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("body", _JSON, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_emergencies"),
    )
    op.create_index("ix_emergencies_case", "emergencies", ["case"])
    op.create_table(
        "erasures",
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kept", sa.Text),
        sa.PrimaryKeyConstraint("message", "member", name="pk_erasures"),
    )
    op.create_index("ix_erasures_case", "erasures", ["case"])
    op.create_table(
        "inbox",
        sa.Column("log_index", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("case", sa.Text),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("log_index", name="pk_inbox"),
        sa.CheckConstraint(
            "state IN ('stored', 'rejected', 'kept_aside')",
            name=op.f("ck_inbox_state"),
        ),
        sa.UniqueConstraint("sender", "id", name="uq_inbox_sender_id"),
    )
    op.create_index("ix_inbox_case", "inbox", ["case"])
    op.create_index("ix_inbox_id", "inbox", ["id"])
    op.create_index("ix_inbox_state", "inbox", ["state"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("inviter", sa.Text, nullable=False),
        sa.Column("invitee", _JSON, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("join_id", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.CheckConstraint(
            "direction IN ('sent', 'received')",
            name=op.f("ck_invitations_direction"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'joined', 'accepted', 'needs_a_person', 'declined')",
            name=op.f("ck_invitations_state"),
        ),
    )
    op.create_index("ix_invitations_state", "invitations", ["state"])
    op.create_table(
        "members",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("first_kid", sa.Text, nullable=False),
        sa.Column("keys", _JSON, nullable=False),
        sa.Column("chain", _JSON, nullable=False),
        sa.Column("checked_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_members"),
    )
    op.create_table(
        "outbox",
        sa.Column("seq", _SERIAL, nullable=False, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("case", sa.Text),
        sa.Column("about", sa.Text),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("urgency", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("receipt", sa.Text),
        sa.Column("log_index", sa.BigInteger),
        sa.Column("proven", sa.Boolean, nullable=False),
        sa.Column("problem", _JSON),
        sa.Column("replaced_by", sa.Text),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox"),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'refused', 'expired', 'replaced')",
            name=op.f("ck_outbox_state"),
        ),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
    )
    op.create_index("ix_outbox_about", "outbox", ["about"])
    op.create_index("ix_outbox_case", "outbox", ["case"])
    op.create_index("ix_outbox_proven_state", "outbox", ["proven", "state"])
    op.create_index("ix_outbox_state_next_at", "outbox", ["state", "next_at"])
    op.create_index("ix_outbox_state_urgency_seq", "outbox", ["state", "urgency", "seq"])
    op.create_table(
        "requests",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("categories", _JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("rule", sa.Text),
        sa.Column("decided_by", sa.Text),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.CheckConstraint(
            "state IN ('received', 'waiting', 'needs_a_person', 'approved', 'denied', 'answered', 'failed')",
            name=op.f("ck_requests_state"),
        ),
    )
    op.create_index("ix_requests_state_next_at", "requests", ["state", "next_at"])
    op.create_table(
        "seats",
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("sealing", _JSON),
        sa.Column("passkeys", _JSON),
        sa.Column("proof", _JSON),
        sa.Column("join_id", sa.Text),
        sa.Column("attested_by", sa.Text),
        sa.Column("rests_on", sa.Text),
        sa.PrimaryKeyConstraint("case", "kind", "member", name="pk_seats"),
        sa.CheckConstraint(
            "kind IN ('agency', 'citizen')",
            name=op.f("ck_seats_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('invited', 'joined', 'active', 'ended')",
            name=op.f("ck_seats_status"),
        ),
    )
    op.create_table(
        "statements",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("schema", sa.Text, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("log_index", sa.BigInteger),
        sa.Column("re", sa.Text),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("consent", sa.Text),
        sa.Column("agreement", sa.Text),
        sa.Column("purpose", sa.Text),
        sa.Column("categories", _JSON, nullable=False),
        sa.Column("mine", sa.Boolean, nullable=False),
        sa.Column("contested", sa.Boolean, nullable=False),
        sa.Column("plaintext", sa.LargeBinary),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("erase_at", sa.BigInteger),
        sa.Column("erased_why", sa.Text),
        sa.Column("erased_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_statements"),
        sa.CheckConstraint(
            "state IN ('current', 'wiped', 'erased')",
            name=op.f("ck_statements_state"),
        ),
    )
    op.create_index("ix_statements_case_at", "statements", ["case", "at"])
    op.create_index("ix_statements_consent", "statements", ["consent"])
    op.create_index("ix_statements_message", "statements", ["message"])
    op.create_index("ix_statements_re", "statements", ["re"])
    op.create_index("ix_statements_state_erase_at", "statements", ["state", "erase_at"])
    op.create_table(
        "uses",
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("consent", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("message", name="pk_uses"),
    )
    op.create_index("ix_uses_consent_category", "uses", ["consent", "category"])
    op.create_table(
        "views",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("viewed", sa.Text, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", _JSON, nullable=False),
        sa.Column("reason", _JSON, nullable=False),
        sa.Column("automatic", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_views"),
    )
    op.create_index("ix_views_case_at", "views", ["case", "at"])


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
