"""How every command speaks: tables for people, JSON for programs, refusals with what to do, stable exit
codes.

Exit codes: 0 done · 1 refused, or something is wrong · 2 the command was not used as it is meant · 3
something cannot be reached (connector, coordinator, source system) · 4 the settings are wrong.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TextIO

import click
from rich.console import Console
from rich.table import Table

from connectors.errors import ConfigRefused
from schemas.errors import Refusal, Unavailable

DONE: Final = 0
REFUSED: Final = 1
UNREACHABLE: Final = 3
MISCONFIGURED: Final = 4
_PIPE_WIDTH: Final = 220


def console() -> Console:
    """Give a console on the standard output as it is now (tests replace it)."""
    return _console(sys.stdout)


def errors() -> Console:
    """Give a console on the standard error."""
    return _console(sys.stderr)


def _console(file: TextIO) -> Console:
    """Fit a terminal's width; a pipe has none, and gets lines that ids are not broken in."""
    width = None if file.isatty() else _PIPE_WIDTH
    return Console(file=file, highlight=False, soft_wrap=True, width=width)


def say(text: str) -> None:
    """Print one line for people, taking nothing in it for markup."""
    console().print(text, markup=False)


def as_json(document: Any) -> None:
    """Print a document for programs."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False, default=str))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    """Print rows under columns; `empty` says why there are none."""
    listed = [[_cell(value) for value in row] for row in rows]
    if not listed:
        say(empty)
        return
    made = Table(title=title, title_justify="left", header_style="bold", show_lines=False)
    for place, column in enumerate(columns):
        # The first column is what one copies: an id that is broken over lines cannot be.
        made.add_column(column, overflow="fold", no_wrap=place == 0)
    for row in listed:
        made.add_row(*row)
    console().print(made)


def facts(title: str, document: Mapping[str, Any]) -> None:
    """Print one thing's properties."""
    table(title, ("", ""), [(name, value) for name, value in document.items()], empty="Nothing is known.")


def refused(refusal: Refusal, *, json_wanted: bool) -> int:
    """Print a refusal for its reader and give the exit code that stands for it."""
    if json_wanted:
        as_json(refusal.to_problem())
    else:
        out = errors()
        out.print(f"Refused ({refusal.code}): {refusal.detail}", markup=False, style="bold red")
        for name, value in sorted(refusal.facts.items()):
            out.print(f"  {name}: {value}", markup=False)
        if refusal.remedy:
            out.print(f"What to do: {refusal.remedy}", markup=False)
    return exit_code(refusal)


def exit_code(refusal: Refusal) -> int:
    """Give the exit code for a refusal."""
    if isinstance(refusal, ConfigRefused):
        return MISCONFIGURED
    return UNREACHABLE if isinstance(refusal, Unavailable) else REFUSED


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_cell, value)) or "–"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)
    return text.replace("[", r"\[")
