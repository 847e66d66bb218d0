"""What every table of a connector is declared with: one metadata, names of constraints, kinds of columns."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, CheckConstraint, Integer, MetaData

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}
"""How indexes and constraints are called, so that a migration can name them on every engine."""
metadata: Final = MetaData(naming_convention=NAMES)

Serial: Final = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only a column that is declared INTEGER."""
PlainJson: Final = JSON(none_as_null=True)
"""JSON whose None is NULL, so that `is_(None)` finds it."""


def one_of(column: str, *values: str) -> CheckConstraint:
    """Allow only the states that the comment beside the column explains."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=column)
