"""`run` and `openapi`: serve until told to stop; write the description of what is served."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click

from coordinator.commands.context import Context, Wrong


@click.command()
@click.pass_obj
def run(context: Context) -> None:
    """Serve until SIGTERM; ready when /readyz answers 200.

    SQLite is served by one process, PostgreSQL by `workers`. On SIGTERM requests in hand are finished,
    waiting mailboxes are answered empty, and the program ends within five seconds.
    """
    context.config()
    # A fresh interpreter: this one has imported what gevent must find untouched.
    file = str(context.file.resolve())
    command = [sys.executable, "-m", "coordinator.serve", file]
    os.execv(sys.executable, command)  # noqa: S606 - our own program


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
def openapi(file: Path | None) -> None:
    """Write the OpenAPI description of the coordinator to FILE, or print it.

    The committed one is schemas/published/openapi-coordinator.json.
    """
    text = _description()
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise Wrong(f"{file} cannot be written: {error.strerror}.") from error
    click.echo(f"Wrote {file}.")


def _description() -> str:
    """Describe an application made for nothing else; the description depends on no setting."""
    from coordinator.commands.blank import blank_description  # noqa: PLC0415 - needs the web framework

    with tempfile.TemporaryDirectory() as folder:
        return blank_description(Path(folder))
