"""Runs the portal's migrations on the connection that the caller gives; never opens one itself."""

from __future__ import annotations

from alembic import context

from connectors.portal.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="portal_version",
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
