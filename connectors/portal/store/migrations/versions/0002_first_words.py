"""Adds the words of who came alone, kept until an organisation can read them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "first_words",
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("case", "member", name="pk_first_words"),
    )
    op.create_index("ix_first_words_at", "first_words", ["at"])


def downgrade() -> None:
    op.drop_table("first_words")
