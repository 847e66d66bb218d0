"""Indexes from which the list of a case is read alone, and the records in it that are contested.

A row holds the sealed bytes and is long.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_PROBLEMS = sa.text("problem IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_inbox_case", "inbox")
    op.create_index("ix_inbox_case_state_id", "inbox", ["case", "state", "id"])
    op.drop_index("ix_outbox_case", "outbox")
    op.create_index("ix_outbox_case_state_id_log_index", "outbox", ["case", "state", "id", "log_index"])
    op.create_index(
        "ix_outbox_case_of_problems",
        "outbox",
        ["case"],
        sqlite_where=_PROBLEMS,
        postgresql_where=_PROBLEMS,
    )
    op.create_index(
        "ix_statements_case_of_contested",
        "statements",
        ["case", "at"],
        sqlite_where=sa.text("contested = 1"),
        postgresql_where=sa.text("contested"),
    )


def downgrade() -> None:
    op.drop_index("ix_statements_case_of_contested", "statements")
    op.drop_index("ix_outbox_case_of_problems", "outbox")
    op.drop_index("ix_outbox_case_state_id_log_index", "outbox")
    op.create_index("ix_outbox_case", "outbox", ["case"])
    op.drop_index("ix_inbox_case_state_id", "inbox")
    op.create_index("ix_inbox_case", "inbox", ["case"])
