"""Records that the citizen sees first, counter-offers, requests for consent that end unanswered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True)
_BEFORE = "state IN ('open', 'granted', 'refused')"
_AFTER = "state IN ('open', 'granted', 'refused', 'expired', 'replaced')"


def upgrade() -> None:
    op.create_table(
        "previews",
        sa.Column("release", sa.Text, nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("consent", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided", sa.Text),
        sa.Column("sent_as", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("release", name="pk_previews"),
        sa.CheckConstraint(
            "state IN ('waiting', 'passed', 'stopped', 'sent', 'declined', 'lapsed', 'failed')",
            name=op.f("ck_previews_state"),
        ),
    )
    op.create_index("ix_previews_case", "previews", ["case"])
    op.create_index("ix_previews_request", "previews", ["request"])
    op.create_index("ix_previews_sent_as", "previews", ["sent_as"])
    op.create_index("ix_previews_state_next_at", "previews", ["state", "next_at"])
    op.create_table(
        "offers",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("asker", sa.Text, nullable=False),
        sa.Column("portal", sa.Text, nullable=False),
        sa.Column("terms", _JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_offers"),
        sa.CheckConstraint("state IN ('open', 'accepted', 'failed')", name=op.f("ck_offers_state")),
    )
    op.create_index("ix_offers_case", "offers", ["case"])
    _allow_states(_AFTER)


def downgrade() -> None:
    op.execute("UPDATE consent_requests SET state = 'refused' WHERE state IN ('expired', 'replaced')")
    _allow_states(_BEFORE)
    for table in ("offers", "previews"):
        op.drop_table(table)


def _allow_states(condition: str) -> None:
    """Exchange the check of states; SQLite makes the table anew, and leaves out the check that it had."""
    name = op.f("ck_consent_requests_state")
    with op.batch_alter_table("consent_requests", recreate="auto") as table:
        if op.get_bind().dialect.name == "postgresql":
            table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, condition)
