"""`ops/demo`: plays one case from the first handshake to the proof of an erasure, then keeps all running.

Exit code 0 when every check of every step held, 1 when one did not, 2 when what was brought cannot be used.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from ops.story.brought import NotUsable, brought_script
from ops.story.cast import OPENER, sample_script
from ops.story.citizen import SUBJECT
from ops.story.display import CheckFailed, Display
from ops.story.flow import SCENES, play
from ops.story.processes import NotReady
from ops.story.stage import Stage, TookTooLong
from ops.story.telling import Story
from schemas.errors import Refusal


@click.command("ops/demo", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--once", is_flag=True, help="End after the story; exit code 0 only if every check held.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Keep the state in FOLDER, and take it up again the next time.",
)
@click.option(
    "--from",
    "brought",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Play the story with the CSV files of FOLDER as the agencies' records.",
)
def main(*, once: bool, keep: Path | None, brought: Path | None) -> None:
    """Play Accord's story in this terminal, with real processes, keys and databases on this machine."""
    console = Console(width=None if sys.stdout.isatty() else 110)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        script = sample_script() if brought is None else brought_script(brought, console)
    except NotUsable as error:
        console.print(f"[bold red]These files cannot be used.[/]\n{error}", soft_wrap=True, highlight=False)
        sys.exit(2)
    with _folder(keep) as folder:
        stage = Stage(folder, script)
        sys.exit(_tell(stage, console, once=once, kept=keep is not None))


def _tell(stage: Stage, console: Console, *, once: bool, kept: bool) -> int:
    try:
        with Display(console, len(SCENES)) as display:
            play(Story(stage, stage.middle()), display)
        console.print(f"[bold green]The story ended well:[/] {len(SCENES)} steps, every check held.")
        if not once:
            _stay(stage, console, kept=kept)
    except (CheckFailed, TookTooLong, NotReady, Refusal, RuntimeError) as error:
        console.print("[bold red]The story broke off.[/]")
        console.print(str(error), soft_wrap=True, highlight=False, markup=False)
        console.print(f"The processes' logs are in {stage.folder}.", highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("\nStopped.")
        return 130
    finally:
        stage.processes.stop()
    return 0


def _stay(stage: Stage, console: Console, *, kept: bool) -> None:
    table = Table("who", "address", "settings, keys, database", title="Everything keeps running")
    table.add_row("coordinator", stage.url, str(stage.folder / "coordinator"))
    for party in stage.parties.values():
        table.add_row(party.agency.name, party.address, str(party.folder))
    table.add_row("sign-in (sample)", stage.sign_in_url, "–")
    console.print(table)
    console.print(
        "The API of each connector is described at /v1/openapi.json; its token is in its api-token file."
    )
    console.print("State is kept." if kept else "State is removed at the end (--keep FOLDER keeps it).")
    console.print()
    for line in _to_click(stage):
        console.print(line, highlight=False, soft_wrap=True)
    console.print("\nPress Ctrl-C to stop.")
    signal.pause()


def _to_click(stage: Stage) -> Iterator[str]:
    """Say how to be the citizen at the portal, in the order of clicks."""
    asker = stage.script.agency(OPENER).name
    yield f"[bold]Be the citizen:[/] open [bold]{stage.pages_url}[/] in a browser."
    yield "  1. Press “Sign in”, then “Continue to sign in”."
    yield f"  2. Type [bold]{SUBJECT}[/] and press “Authorize”. This sample sign-in asks for no password."
    yield f"  3. Home: open “{asker} asks for your permission”, leave something out, allow it or do not."
    yield "  4. My permissions: the one that ended; who used it, and who has confirmed the deletion."
    yield "  5. Who looked: every look and every release, with role and reason."
    yield "  6. My cases: the case, its timeline, the message to answer, the document to open."
    yield "  “Français” at the top of each page shows all of it in French."


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="accord-demo-") as folder:
        yield Path(folder)


if __name__ == "__main__":
    main()
