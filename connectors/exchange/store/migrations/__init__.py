"""The connector's database migrations, in order."""
