"""What a bench found, as one table for people and as JSON for programs; and what it is doing meanwhile."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ops.bench import machine

Tell = Callable[[str], None]
"""Says what is being done now."""
WIDTH = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: what was measured, what came out, what it should be. Times in milliseconds."""

    what: str
    clients: int | None = None
    rate: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    cpu_us: float | None = None
    value: str = ""
    ratio: float | None = None
    ratio_to: str = ""
    wanted: str = ""
    reached: bool | None = None
    noisy: bool = False


@contextmanager
def telling() -> Iterator[Tell]:
    """Give a way to say what is being done; on a terminal in one line that goes, else line by line."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda words: print(f"… {words}", file=sys.stderr, flush=True)
        return
    with console.status("") as status:
        yield status.update


def show(title: str, rows: Sequence[Row], notes: Sequence[str] = ()) -> None:
    """Print the table, then notes."""
    console = Console(width=max(WIDTH, Console().width) if not sys.stdout.isatty() else None)
    table = Table(title=title, title_justify="left", header_style="bold")
    names = ("what", "clients", "messages/s", "p50 ms", "p99 ms", "CPU µs", "ratio", "to reach", "reached")
    for name in names:
        table.add_column(name, justify="left" if name in {"what", "to reach", "reached"} else "right")
    for row in rows:
        table.add_row(*_cells(row), style="bold" if row.reached is not None else None)
    console.print(table)
    for note in [*notes, *_about_machine(rows)]:
        console.print(f"  {note}", highlight=False)


def write(file: Path, bench: str, rows: Sequence[Row], notes: Sequence[str]) -> None:
    """Write the same as JSON."""
    document = {"bench": bench, "rows": [asdict(row) for row in rows], "notes": [*notes, *_about_machine(rows)]}
    file.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _cells(row: Row) -> list[str]:
    verdict = "" if row.reached is None else "yes" if row.reached else "NO"
    return [
        row.what,
        "" if row.clients is None else str(row.clients),
        row.value or ("" if row.rate is None else f"{row.rate:,.0f}"),
        "" if row.p50_ms is None else f"{row.p50_ms:.1f}",
        "" if row.p99_ms is None else f"{row.p99_ms:.1f}",
        "" if row.cpu_us is None else f"{row.cpu_us:,.0f}",
        "" if row.ratio is None else f"{row.ratio:.2f} × {row.ratio_to}".rstrip(" ×"),
        row.wanted,
        f"{verdict}{' (noisy)' if row.noisy else ''}".strip(),
    ]


def _about_machine(rows: Sequence[Row]) -> list[str]:
    noisy = sum(row.noisy for row in rows)
    found = [
        f"{machine.processors()} processors shared by clients, servers and database;"
        f" Python {platform.python_version()}; one Ed25519 verification of 2 KiB takes"
        f" {machine.verification_us():.0f} µs here now."
    ]
    if noisy:
        found.append(
            f"NOISY: in {noisy} of {len(rows)} rows others held more than {machine.NOISY:.0%} of the processors"
            " when the sample began; times and rates are then too low, ratios and CPU less so."
        )
    return found
