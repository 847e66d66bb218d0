"""The coordinator's database: tables, engine and migrations. It decides nothing."""
