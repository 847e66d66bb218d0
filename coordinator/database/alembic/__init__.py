"""Where Alembic looks for `env.py`."""
