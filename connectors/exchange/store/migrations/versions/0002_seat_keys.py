"""What was said about the passkeys of a citizen's seat after joining; written by hand, like the first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; a seat that was pinned before has the passkeys with which the citizen joined."""
    op.create_table(
        "seat_keys",
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("join_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("log_index", sa.BigInteger),
        sa.Column("placed", sa.Boolean, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("case", "message", "sender", name="pk_seat_keys"),
        sa.CheckConstraint("type IN ('case.keys/1', 'case.attest/1')", name=op.f("ck_seat_keys_type")),
    )


def downgrade() -> None:
    """Forget it: then only the passkeys of the joining count."""
    op.drop_table("seat_keys")
