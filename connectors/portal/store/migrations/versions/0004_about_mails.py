"""Adds what an e-mail that waits is about, so that it is not sent once its reader may not be told of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mails", sa.Column("about", sa.JSON, nullable=True))


def downgrade() -> None:
    op.drop_column("mails", "about")
