"""The first tables of a portal; written by hand, and equal to `tables.py`, which a test compares."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True)
_TABLES = (
    "account_cases",
    "accounts",
    "attempts",
    "deeds",
    "joint_decisions",
    "mails",
    "mandates",
    "notices",
    "passkeys",
    "receipts",
    "seen",
    "sessions",
    "told",
)


def upgrade() -> None:
    op.create_table(
        "account_cases",
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("joined_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("case", name="pk_account_cases"),
    )
    op.create_index("ix_account_cases_account", "account_cases", ["account"])
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("issuer", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("name", sa.Text),
        sa.Column("email", sa.Text),
        sa.Column("email_wanted", sa.Boolean, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger),
        sa.Column("came_of_age_at", sa.BigInteger),
        sa.Column("link_hash", sa.Text),
        sa.Column("link_until", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.CheckConstraint("kind IN ('person', 'ward')", name=op.f("ck_accounts_kind")),
        sa.CheckConstraint("kind = 'ward' OR subject IS NOT NULL", name=op.f("ck_accounts_person_signs_in")),
        sa.CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name=op.f("ck_accounts_signs_in")),
        sa.UniqueConstraint("issuer", "subject", name="uq_accounts_issuer_subject"),
    )
    op.create_index("ix_accounts_link_hash", "accounts", ["link_hash"])
    op.create_table(
        "attempts",
        sa.Column("bucket", sa.Text, nullable=False),
        sa.Column("window", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "window", name="pk_attempts"),
    )
    op.create_index("ix_attempts_expires_at", "attempts", ["expires_at"])
    op.create_table(
        "deeds",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("by_kind", sa.Text, nullable=False),
        sa.Column("by_account", sa.Text),
        sa.Column("mandate", sa.Text),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("case", sa.Text),
        sa.Column("about", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_deeds"),
        sa.CheckConstraint("by_kind IN ('account', 'staff', 'clock')", name=op.f("ck_deeds_by_kind")),
    )
    op.create_index("ix_deeds_account_at", "deeds", ["account", "at"])
    op.create_index("ix_deeds_mandate", "deeds", ["mandate"])
    op.create_table(
        "joint_decisions",
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("decision", _JSON, nullable=False),
        sa.Column("agreed", _JSON, nullable=False),
        sa.Column("disagreed", _JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("request", name="pk_joint_decisions"),
        sa.CheckConstraint(
            "state IN ('pending', 'agreed', 'refused', 'ended')",
            name=op.f("ck_joint_decisions_state"),
        ),
    )
    op.create_index("ix_joint_decisions_account_state", "joint_decisions", ["account", "state"])
    op.create_table(
        "mails",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("facts", _JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name=op.f("ck_mails_state")),
    )
    op.create_index("ix_mails_account", "mails", ["account"])
    op.create_index("ix_mails_state_next_at", "mails", ["state", "next_at"])
    op.create_table(
        "mandates",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("principal", sa.Text, nullable=False),
        sa.Column("delegate", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("powers", _JSON, nullable=False),
        sa.Column("cases", _JSON),
        sa.Column("valid_from", sa.BigInteger, nullable=False),
        sa.Column("valid_until", sa.BigInteger, nullable=False),
        sa.Column("evidence", _JSON, nullable=False),
        sa.Column("joint", sa.Boolean, nullable=False),
        sa.Column("of_age_on", sa.BigInteger),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("code_hash", sa.Text),
        sa.Column("code_until", sa.BigInteger),
        sa.Column("safeguarding", _JSON),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("ended_by", sa.Text),
        sa.Column("end_reason", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_mandates"),
        sa.CheckConstraint(
            "kind IN ('parental', 'guardian', 'court_deputy', 'power_of_attorney', 'nominee', "
            "'informal_helper')",
            name=op.f("ck_mandates_kind"),
        ),
        sa.CheckConstraint("status IN ('invited', 'active', 'ended')", name=op.f("ck_mandates_status")),
    )
    op.create_index("ix_mandates_code_hash", "mandates", ["code_hash"])
    op.create_index("ix_mandates_delegate_status", "mandates", ["delegate", "status"])
    op.create_index("ix_mandates_principal_status", "mandates", ["principal", "status"])
    op.create_index("ix_mandates_status_valid_until", "mandates", ["status", "valid_until"])
    op.create_table(
        "notices",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_notices"),
    )
    op.create_table(
        "passkeys",
        sa.Column("credential", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("jwk", _JSON, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("rp_id", sa.Text, nullable=False),
        sa.Column("origins", _JSON, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
        sa.Column("removed_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("credential", name="pk_passkeys"),
    )
    op.create_index("ix_passkeys_account", "passkeys", ["account"])
    op.create_table(
        "receipts",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("consent", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("document", _JSON, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_receipts"),
        sa.CheckConstraint(
            "kind IN ('granted', 'refused', 'narrowed', 'withdrawn', 'suspended', 'resumed', 'expired', "
            "'passed', 'stopped')",
            name=op.f("ck_receipts_kind"),
        ),
    )
    op.create_index("ix_receipts_account_at", "receipts", ["account", "at"])
    op.create_index("ix_receipts_consent", "receipts", ["consent"])
    op.create_table(
        "seen",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("up_to", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", "case", name="pk_seen"),
    )
    op.create_table(
        "sessions",
        sa.Column("id_hash", sa.Text, nullable=False),
        sa.Column("account", sa.Text),
        sa.Column("acting_for", sa.Text),
        sa.Column("data", _JSON, nullable=False),
        sa.Column("acr", sa.Text),
        sa.Column("auth_time", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "told",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", "kind", "about", name="pk_told"),
    )
    op.create_index("ix_told_about", "told", ["about"])


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
