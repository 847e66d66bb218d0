"""The portal's database migrations, in order; a chain of their own beside the connector's."""
