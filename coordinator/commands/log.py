"""`log head`, `log fsck`, `log adopt`: what the log says of itself, and if it leads to what was signed."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click
from rich.console import Console
from rich.progress import Progress

from coordinator.commands.context import Context, Wrong, as_json, show_facts, show_json, show_rows
from coordinator.database.engine import reading
from coordinator.log.checkpoint import newest
from coordinator.log.damage import find_damage
from coordinator.log.guard import HeadGuard, TreeHead
from schemas import instant
from schemas.keys import SigningKey

LOG_KEY = "log.pem"
GUARD = "log.head"


@click.group()
def log() -> None:
    """Look at the transparency log."""


@log.command()
@as_json
@click.pass_obj
def head(context: Context, *, as_json: bool) -> None:
    """Print the newest signed head."""
    config = context.config()
    with context.database() as engine, reading(engine) as connection:
        signed = newest(connection)
    if signed is None:
        raise Wrong("The log has no head yet. Start the coordinator; it founds the log.", 1)
    root = base64.b64encode(signed.root).decode("ascii")
    at = instant.format(instant.from_ms(signed.at))
    show_facts({"origin": config.origin, "size": signed.size, "root": root, "at": at}, as_json=as_json)


@log.command()
@as_json
@click.pass_obj
def fsck(context: Context, *, as_json: bool) -> None:
    """Read the whole log and name every damaged row. Exit code 1 when there is one.

    It changes nothing and may run while the coordinator serves; ten million entries take about a minute.
    """
    config = context.config()
    key = SigningKey.from_pem((config.keys_dir / LOG_KEY).read_bytes()).public
    with context.database() as engine, reading(engine) as connection, _progress(quiet=as_json) as told:
        found = find_damage(
            connection, key=key, origin=config.origin, guard=HeadGuard(config.keys_dir / GUARD), progress=told
        )
    rows = [asdict(damage) for damage in found]
    if as_json:
        show_json({"ok": not rows, "damage": rows})
    elif rows:
        show_rows(rows, columns=["kind", "where", "what"], as_json=False)
    else:
        click.echo("The whole log leads to what was signed.")
    if rows:
        raise click.exceptions.Exit(1)


@log.command()
@click.option("--yes", is_flag=True, help="Do not ask: only when the head was compared with members before.")
@click.pass_obj
def adopt(context: Context, *, yes: bool) -> None:
    """Take the database's newest head as the one that was shown last, when the file that knew it is lost.

    Only with the coordinator stopped, and only after comparing size and root with what members last saw: if
    they saw a larger log, or another root, adopting it signs a second history.
    """
    config = context.config()
    with context.database() as engine, reading(engine) as connection:
        signed = newest(connection)
    if signed is None:
        raise Wrong("The log has no head yet; there is nothing to adopt.", 1)
    root = base64.b64encode(signed.root).decode("ascii")
    show_facts({"origin": config.origin, "size": signed.size, "root": root}, as_json=False)
    if not yes:
        click.confirm("Have members seen no larger log, and at this size the same root?", abort=True)
    HeadGuard(config.keys_dir / GUARD).adopt(TreeHead(signed.size, signed.root))
    click.echo("Adopted. The coordinator may be started.")


# The words of `coordinator.log` when it finds damage ask for `log check`.
log.add_command(fsck, "check")


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Show how far it is, where somebody looks."""
    if quiet:
        yield None
        return
    with Progress(transient=True, console=Console(stderr=True)) as bar:
        task = bar.add_task("Reading entries", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
