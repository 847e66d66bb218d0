"""What is held back from citizens until a date: copies of records, and what is said of them meanwhile."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Position = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "held_back",
        sa.Column("seq", Position, autoincrement=False, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("tell_at", sa.BigInteger, nullable=False),
        sa.Column("emergency", sa.Text),
        sa.PrimaryKeyConstraint("seq", name="held_back_pk"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="held_back_case_fk"),
    )
    op.create_index("held_back_by_id", "held_back", ["id"])
    op.create_index("held_back_to_tell", "held_back", ["tell_at"])
    op.create_index("held_back_with", "held_back", ["emergency"])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("held_back")
