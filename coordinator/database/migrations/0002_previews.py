"""Previews that the citizen decided on, their one use, and requests for consent that were replaced."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "passes",
        sa.Column("release", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("release", name="passes_pk"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="passes_case_fk"),
        sa.CheckConstraint("decision IN ('pass', 'stop')", name="passes_decision"),
    )
    op.create_index("passes_by_request", "passes", ["request"])
    op.create_table(
        "passes_used",
        sa.Column("release", sa.Text, nullable=False),
        sa.Column("used_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("release", name="passes_used_pk"),
        sa.ForeignKeyConstraint(["release"], ["passes.release"], name="passes_used_release_fk"),
    )
    op.create_index("passes_used_by", "passes_used", ["used_by"])
    op.create_table(
        "replaced_requests",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("replaced_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", "sender", name="replaced_requests_pk"),
    )


def downgrade() -> None:
    """Remove them."""
    for table in ("replaced_requests", "passes_used", "passes"):
        op.drop_table(table)
