"""Messages kept aside that an operator dismissed; the local API's replies, which it made by itself before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BEFORE = "state IN ('stored', 'rejected', 'kept_aside')"
_AFTER = "state IN ('stored', 'rejected', 'kept_aside', 'dismissed')"


def upgrade() -> None:
    if not sa.inspect(op.get_bind()).has_table("api_replies"):
        op.create_table(
            "api_replies",
            sa.Column("key", sa.Text, nullable=False),
            sa.Column("request", sa.Text, nullable=False),
            sa.Column("at", sa.BigInteger, nullable=False),
            sa.Column("process", sa.Text, nullable=False),
            sa.Column("status", sa.Integer),
            sa.Column("reply", sa.Text),
            sa.PrimaryKeyConstraint("key", name="pk_api_replies"),
        )
    _allow_states(_AFTER)


def downgrade() -> None:
    op.execute("UPDATE inbox SET state = 'kept_aside' WHERE state = 'dismissed'")
    _allow_states(_BEFORE)
    op.drop_table("api_replies")


def _allow_states(condition: str) -> None:
    """Exchange the check of states; SQLite makes the table anew, and leaves out the check that it had."""
    name = op.f("ck_inbox_state")
    with op.batch_alter_table("inbox", recreate="auto") as table:
        if op.get_bind().dialect.name == "postgresql":
            table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, condition)
