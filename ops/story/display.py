"""How the story is told in a terminal: a panel a step, with what was sent, who can read it, and decisions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

from rich.console import Console
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text


@dataclass(slots=True)
class Step:
    """What one step shows, filled while it runs."""

    number: int
    title: str
    why: str
    sent: list[tuple[str, str, str, str]] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)

    def message(self, sender: str, to: str, what: str, readable: str) -> None:
        """Note a message: from whom, to whom, its type, and who can read it."""
        self.sent.append((sender, to, what, readable))

    def decision(self, words: str) -> None:
        """Note what somebody decided, and why."""
        self.decided.append(words)

    def content(self, name: str, value: str) -> None:
        """Note something that a party saw."""
        self.shown.append((name, value))

    def check(self, holds: bool, words: str) -> None:  # noqa: FBT001 - read as step.check(a == b, "…")
        """Note a check that held; a check that does not hold ends the story."""
        if not holds:
            raise CheckFailed(f"Step {self.number}, {self.title}: this does not hold: {words}")
        self.checks.append(words)


class CheckFailed(Exception):
    """A check of the story does not hold."""


class Display:
    """Shows steps as they end, above a bar of progress."""

    def __init__(self, console: Console, steps: int) -> None:
        self.console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task("Starting", total=steps)
        self._number = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @contextmanager
    def step(self, title: str, why: str) -> Iterator[Step]:
        """Run one step: shown when its checks have held."""
        self._number += 1
        self._progress.update(self._task, description=title)
        step = Step(self._number, title, why)
        yield step
        self.console.print(panel(step))
        self._progress.advance(self._task)


def panel(step: Step) -> Panel:
    """Draw one step."""
    grid = Table.grid(padding=(0, 0))
    grid.add_column()
    grid.add_row(Text(step.why, style="italic"))
    if step.sent:
        grid.add_row(_messages(step))
    for words in step.decided:
        grid.add_row(Text.assemble(("decided  ", "bold yellow"), words))
    if step.shown:
        grid.add_row(_contents(step))
    for words in step.checks:
        grid.add_row(Text.assemble(("✓ ", "bold green"), words))
    return Panel(grid, title=f"[bold]{step.number}  {step.title}", title_align="left", border_style="blue")


def _messages(step: Step) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("from", "to", "message", "who can read it"):
        table.add_column(heading, overflow="fold")
    for row in step.sent:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _contents(step: Step) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in step.shown:
        table.add_row(Text(name), Text(value))
    return table
