"""What every command starts from: the settings, the database, and two ways to print.

A wrong setting ends the command with exit code 2 and words that say what to do; no command prints a trace.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from coordinator.config import Config, ConfigError, load
from coordinator.database.engine import UnsafeDatabase, open_database
from coordinator.database.version import NotMigrated, check_version

Command = TypeVar("Command", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
"""The option of every command that shows something."""


class Wrong(click.ClickException):
    """The command cannot do this; exit code 2 for settings, 1 for what was looked at."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click says ClassVar, and reads the instance


@dataclass(frozen=True, slots=True)
class Context:
    """The file that was named, and the environment that may replace its keys."""

    file: Path
    environment: Mapping[str, str]

    def config(self) -> Config:
        """Load the settings, or end with what is wrong with them."""
        try:
            return load(self.file, self.environment)
        except ConfigError as error:
            raise Wrong(str(error)) from error

    @contextmanager
    def database(self) -> Iterator[Engine]:
        """Open the database at its newest version, or end with what is wrong with it."""
        engine = opened(self.config())
        try:
            check_version(engine)
            yield engine
        except NotMigrated as error:
            raise Wrong(str(error)) from error
        except SQLAlchemyError as error:
            _unreachable(error)
        finally:
            engine.dispose()


def opened(config: Config) -> Engine:
    """Open the database, whatever its version."""
    try:
        return open_database(config.database_url, pool_size=1)
    except UnsafeDatabase as error:
        raise Wrong(str(error)) from error
    except SQLAlchemyError as error:
        _unreachable(error)


def _unreachable(error: SQLAlchemyError) -> NoReturn:
    raise Wrong(
        f"The database cannot be used ({type(error).__name__}). Check database_url, and that it runs."
    ) from error


def show_rows(rows: Sequence[Mapping[str, Any]], *, columns: Sequence[str], as_json: bool) -> None:
    """Print rows as a table for people, or as JSON for programs."""
    if as_json:
        show_json({"rows": [dict(row) for row in rows], "count": len(rows)})
        return
    table = Table(*columns, box=None, header_style="bold")
    for row in rows:
        table.add_row(*("" if row[column] is None else str(row[column]) for column in columns))
    Console().print(table if rows else "None.")


def show_facts(facts: Mapping[str, Any], *, as_json: bool) -> None:
    """Print names and values."""
    if as_json:
        show_json(facts)
        return
    table = Table(show_header=False, box=None)
    for name, value in facts.items():
        table.add_row(f"[bold]{name}[/bold]", "" if value is None else str(value))
    Console().print(table)


def show_json(value: Mapping[str, Any]) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
