"""Databases for tests: SQLite and PostgreSQL, fresh for each test, the same tests on both.

A test that takes `database_url` or `make_database` runs once on each kind; `--database` chooses between them.
What truly concerns one kind says so: `@pytest.mark.only_on("sqlite", reason="…")`. No test opens a database
in another way (tests/codebase/test_databases.py). PostgreSQL is the server that ACCORD_TEST_POSTGRES_URL
names, else one that each worker starts for itself.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import hypothesis
import pytest
import sqlalchemy
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.pool import NullPool

from ops import postgresql
from tests.prepared import connectors_tables, coordinators_tables

KINDS = ("sqlite", "postgresql")

# Every run tries the same cases, so that a failure on one machine is a failure on all of them.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
# New cases each time, for looking further; the failing one is printed and can be given back.
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True, max_examples=1000)


class Compiled(BytecodeCache):
    """Keeps the pages' templates compiled: each test makes applications of its own from the same files."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled from the same source, if anything was."""
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._code[bucket.key] = bucket.bytecode_to_string()


# Compiling takes longer than most tests of a page do otherwise.
Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Compiled()}

PrepareDatabase = Callable[[str], object]
Kept = TypeVar("Kept")


class MakeDatabase(Protocol):
    """What `make_database` gives: a function that makes one more fresh database and gives its URL."""

    def __call__(
        self,
        kind: str | None = None,
        *,
        prepared_by: PrepareDatabase | None = None,
        copy_of: str | None = None,
    ) -> str:
        """Make a database of this kind, by default the kind that this run of the test is for.

        `prepared_by(url)`, such as a migration, runs once for a whole worker; each database is a copy of what
        it made. `copy_of` names a database to copy as it is; nobody may have it open meanwhile.
        """
        ...

    def once(self, prepare: Callable[[MakeDatabase, Path], Kept]) -> Kept:
        """Give what `prepare` makes once for a whole worker on this kind, to be copied from.

        It is given a function that makes databases and a folder, which all stay until the worker ends.
        """
        ...


# --- choosing ---------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=(*KINDS, "both"), default="both", help="which databases to test on"
    )


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile(os.environ.get("ACCORD_HYPOTHESIS_PROFILE", "ci"))


def pytest_report_header(config: pytest.Config) -> str:
    profile = hypothesis.settings.get_current_profile_name()
    return f"accord: database={config.getoption('--database')}, hypothesis profile={profile}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" not in metafunc.fixturenames:
        return
    only = metafunc.definition.get_closest_marker("only_on")
    kinds = (only.args[0],) if only else KINDS
    params = [pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in kinds]
    metafunc.parametrize("database_kind", params, indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what runs on a kind that was not chosen.

    A test that asks for the PostgreSQL server itself counts among those that run on PostgreSQL.
    """
    for item in items:
        if "postgres_url" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgresql)
        if only := item.get_closest_marker("only_on"):
            item.add_marker(only.args[0])
    chosen = config.getoption("--database")
    others = [kind for kind in KINDS if chosen not in {kind, "both"}]
    left_out = [item for item in items if any(item.get_closest_marker(kind) for kind in others)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]


# --- the two kinds ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SqliteFiles:
    """Makes SQLite databases as files; a prepared one is copied from its model."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)
    models: dict[PrepareDatabase, Path] = field(default_factory=dict)
    kept: dict[Callable[..., Any], Any] = field(default_factory=dict)
    """What `once` made."""

    def make(self, prepared_by: PrepareDatabase | None, copy_of: str | None = None) -> str:
        path = self.folder / f"{next(self.numbers)}.sqlite"
        if copy_of:
            shutil.copyfile(_whole_file(copy_of), path)
        elif prepared_by:
            shutil.copyfile(self._model(prepared_by), path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        path = sqlalchemy.make_url(url).database or ""
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(path + suffix).unlink(missing_ok=True)

    def _model(self, prepared_by: PrepareDatabase) -> Path:
        if prepared_by not in self.models:
            path = self.folder / f"model-{len(self.models)}.sqlite"
            prepared_by(f"sqlite:///{path}")
            self.models[prepared_by] = _whole_file(f"sqlite:///{path}")
        return self.models[prepared_by]


@dataclass(frozen=True, slots=True)
class PostgresDatabases:
    """Makes databases on a PostgreSQL server; a prepared one is copied from its template database."""

    server: sqlalchemy.Engine
    """Connects to its maintenance database; one connection is kept for all that is made and dropped."""
    prefix: str
    numbers: Iterator[int] = field(default_factory=itertools.count)
    models: dict[PrepareDatabase, str] = field(default_factory=dict)
    kept: dict[Callable[..., Any], Any] = field(default_factory=dict)
    """What `once` made."""
    names: set[str] = field(default_factory=set)
    """All databases that are there."""

    def make(self, prepared_by: PrepareDatabase | None, copy_of: str | None = None) -> str:
        if copy_of:
            return self._create(template=sqlalchemy.make_url(copy_of).database or "")
        return self._create(template=self._model(prepared_by) if prepared_by else "template0")

    def drop(self, url: str) -> None:
        self._drop(sqlalchemy.make_url(url).database or "")

    def drop_all(self) -> None:
        """Drop what is left: models, and what stays for a whole worker."""
        for name in list(self.names):
            self._drop(name)

    def _drop(self, name: str) -> None:
        self._say(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.names.discard(name)

    def _model(self, prepared_by: PrepareDatabase) -> str:
        if prepared_by not in self.models:
            url = self._create(template="template0")
            prepared_by(url)
            self.models[prepared_by] = sqlalchemy.make_url(url).database or ""
        return self.models[prepared_by]

    def _create(self, template: str) -> str:
        name = f"{self.prefix}_{next(self.numbers)}"
        # Copying files is quicker than writing a small database through the log.
        self._say(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        self.names.add(name)
        url = self.server.url.set(database=name)
        return url.render_as_string(hide_password=False)

    def _say(self, statement: str) -> None:
        with self.server.connect() as connection:
            connection.exec_driver_sql(statement)


def _whole_file(url: str) -> Path:
    """Put what the write-ahead log holds into the file itself, so that the file alone is the database."""
    engine = sqlalchemy.create_engine(url, poolclass=NullPool)
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    return Path(engine.url.database or "")


def stored_bytes(url: str) -> bytes:
    """Give every octet in a database's files, deleted rows too; PostgreSQL's own log is not among them.

    It sees what somebody sees who takes the files, and asks PostgreSQL as its superuser for them.
    """
    where = sqlalchemy.make_url(url)
    if where.get_backend_name() == "sqlite":
        path = Path(where.database or "")
        return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
    engine = sqlalchemy.create_engine(
        where, poolclass=NullPool, execution_options={"isolation_level": "AUTOCOMMIT"}
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")  # what is in its memory is on its way to the files
        files = connection.exec_driver_sql(
            "SELECT pg_read_binary_file(pg_relation_filepath(oid), true) FROM pg_class"
            " WHERE relkind IN ('r', 't', 'i') AND relfilenode <> 0 AND oid >= 16384"
        ).scalars()
        return b"".join(bytes(each) for each in files if each)


# --- fixtures ---------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Give the URL of a PostgreSQL server's maintenance database, where new databases may be created."""
    if given := os.environ.get("ACCORD_TEST_POSTGRES_URL"):
        url = sqlalchemy.make_url(given)
        yield url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return
    with postgresql.running() as server:
        yield server.url()


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    """Name the kind of database that this run of the test is for."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def postgres_databases(postgres_url: str) -> Iterator[PostgresDatabases]:
    server = sqlalchemy.create_engine(
        postgres_url, pool_pre_ping=True, execution_options={"isolation_level": "AUTOCOMMIT"}
    )
    databases = PostgresDatabases(server, prefix=f"accord_test_{os.getpid()}")
    yield databases
    databases.drop_all()
    server.dispose()


@dataclass(slots=True)
class Databases:
    """Makes databases of one kind, and drops them when those who asked for them are done."""

    kind: str
    request: pytest.FixtureRequest
    sqlite_files: SqliteFiles
    made: list[tuple[SqliteFiles | PostgresDatabases, str]] = field(default_factory=list)

    def __call__(
        self,
        kind: str | None = None,
        *,
        prepared_by: PrepareDatabase | None = None,
        copy_of: str | None = None,
    ) -> str:
        """As MakeDatabase says."""
        maker = self._maker(kind or self.kind)
        url = maker.make(prepared_by, copy_of)
        self.made.append((maker, url))
        return url

    def once(self, prepare: Callable[[MakeDatabase, Path], Kept]) -> Kept:
        """As MakeDatabase says."""
        kept = self._maker(self.kind).kept
        if prepare not in kept:
            folder = self.sqlite_files.folder / f"kept-{next(self.sqlite_files.numbers)}"
            folder.mkdir()
            # Its own list of what was made: none of it is dropped when this test ends.
            kept[prepare] = prepare(Databases(self.kind, self.request, self.sqlite_files), folder)
        found: Kept = kept[prepare]
        return found

    def drop(self) -> None:
        for maker, url in self.made:
            maker.drop(url)

    def _maker(self, kind: str) -> SqliteFiles | PostgresDatabases:
        if kind == "sqlite":
            return self.sqlite_files
        started: PostgresDatabases = self.request.getfixturevalue("postgres_databases")  # only when needed
        return started


@contextmanager
def _making(
    database_kind: str, request: pytest.FixtureRequest, sqlite_files: SqliteFiles
) -> Iterator[MakeDatabase]:
    databases = Databases(database_kind, request, sqlite_files)
    yield databases
    databases.drop()


@pytest.fixture
def make_database(
    database_kind: str, request: pytest.FixtureRequest, sqlite_files: SqliteFiles
) -> Iterator[MakeDatabase]:
    """Give a function that makes fresh databases; they are dropped when the test ends."""
    with _making(database_kind, request, sqlite_files) as make:
        yield make


@pytest.fixture(scope="module")
def make_database_for_module(
    database_kind: str, request: pytest.FixtureRequest, sqlite_files: SqliteFiles
) -> Iterator[MakeDatabase]:
    """Give the same for what the tests of one file share; dropped when the last of them ends."""
    with _making(database_kind, request, sqlite_files) as make:
        yield make


@pytest.fixture(scope="module")
def make_sqlite_for_module(
    request: pytest.FixtureRequest, sqlite_files: SqliteFiles
) -> Iterator[MakeDatabase]:
    """Give the same on SQLite alone, for pages in a browser: what they show is no matter of the database."""
    with _making("sqlite", request, sqlite_files) as make:
        yield make


@pytest.fixture
def database_url(make_database: MakeDatabase) -> str:
    """Give the URL of one fresh, empty database."""
    return make_database()


@pytest.fixture
def coordinator_url(make_database: MakeDatabase) -> str:
    """Give the URL of a fresh database with the coordinator's tables."""
    return make_database(prepared_by=coordinators_tables)


@pytest.fixture
def connector_url(make_database: MakeDatabase) -> str:
    """Give the URL of a fresh database with a connector's tables."""
    return make_database(prepared_by=connectors_tables)
