"""The connector's own small SQLite file for what came by CSV: one table for each kind of file, with its key.

Keeps only the columns that the mapping uses. Text as it arrived; conversions happen when a record is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    event,
    func,
    inspect,
    select,
)
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateColumn

from connectors.systems.drop.arrive import Look
from connectors.systems.drop.decode import CsvRow
from connectors.systems.drop.examine import Expectation, key_of
from connectors.systems.faults import Unreachable

IMPORT = "accord_import"
"""The column that says with which import a row came."""


class Shelf:
    """Holds the rows of a drop folder between imports."""

    def __init__(self, path: Path, expectations: Iterable[Expectation]) -> None:
        """Open the file, and make the tables and columns that the mapping needs."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = _engine(path)
        metadata = MetaData()
        self._looks = Table(
            "accord_looks",
            metadata,
            Column("name", String, primary_key=True),
            Column("size", Integer, nullable=False),
            Column("mtime_ns", Integer, nullable=False),
            Column("since_ms", Integer, nullable=False),
        )
        self._tables = {one.kind.name: _table(one, metadata) for one in expectations}
        with self._opening(path):
            metadata.create_all(self._engine)
            for table in self._tables.values():
                self._add_columns(table)
        path.chmod(0o600)

    def looks(self) -> dict[str, Look]:
        """Give what the files were like at the last look."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(self._looks)).all()
        return {row.name: Look(row.size, row.mtime_ns, _instant(row.since_ms)) for row in rows}

    def remember(self, looks: dict[str, Look]) -> None:
        """Replace the looks by these."""
        rows = [
            {"name": name, "size": one.size, "mtime_ns": one.mtime_ns, "since_ms": _ms(one.since)}
            for name, one in looks.items()
        ]
        with self._engine.begin() as connection:
            connection.execute(delete(self._looks))
            if rows:
                connection.execute(insert(self._looks), rows)

    def keep(self, expected: Expectation, rows: Sequence[CsvRow], *, replace_all: bool) -> int:
        """Insert or update the rows by key, in one transaction; give how many older ones were removed.

        With `replace_all`, rows that did not come this time are removed: the file is the whole list.
        """
        table = self._tables[expected.kind.name]
        with self._engine.begin() as connection:
            number = _next_import(connection, table)
            values = [_values(row, expected, number) for row in rows]
            if values:
                connection.execute(_upsert(table, expected.kind.key), values)
            if not replace_all:
                return 0
            return connection.execute(delete(table).where(table.c[IMPORT] != number)).rowcount

    def _add_columns(self, table: Table) -> None:
        """Add what a newer mapping uses; rows that came before lack it until their file comes again."""
        held = {one["name"] for one in inspect(self._engine).get_columns(table.name)}
        with self._engine.begin() as connection:
            for column in table.columns:
                if column.name not in held:
                    made = CreateColumn(column).compile(dialect=self._engine.dialect)
                    quoted = self._engine.dialect.identifier_preparer.format_table(table)
                    connection.exec_driver_sql(f"ALTER TABLE {quoted} ADD COLUMN {made}")

    @contextmanager
    def _opening(self, path: Path) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise Unreachable(
                f'The store "{path.name}" cannot be opened.',
                remedy="Check that its folder is writable and the disk not full. If the `key` of a file "
                "changed, delete the store and drop the files in done/ again.",
                key="store",
            ) from error


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _take_turns(connection: Connection) -> None:
        # Two connectors on one folder must not import the same file at the same time.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _table(expected: Expectation, metadata: MetaData) -> Table:
    key = [Column(name, String, primary_key=True) for name in expected.kind.key]
    others = [Column(name, String) for name in expected.columns if name not in expected.kind.key]
    return Table(expected.kind.name, metadata, *key, *others, Column(IMPORT, Integer, index=True))


def _next_import(connection: Connection, table: Table) -> int:
    return (connection.execute(select(func.max(table.c[IMPORT]))).scalar() or 0) + 1


def _values(row: CsvRow, expected: Expectation, number: int) -> dict[str, str | int]:
    values: dict[str, str | int] = {name: row.values[name] for name in expected.columns}
    keys = dict(zip(expected.kind.key, key_of(row, expected.kind.key), strict=True))
    return {**values, **keys, IMPORT: number}


def _upsert(table: Table, key: Sequence[str]) -> Insert:
    statement = insert(table)
    rest = {one.name: statement.excluded[one.name] for one in table.columns if one.name not in key}
    return statement.on_conflict_do_update(index_elements=[table.c[name] for name in key], set_=rest)


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, tz=UTC)
