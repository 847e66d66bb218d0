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
WIDTH = 150
COLUMNS = (
    "what",
    "clients",
    "messages/s",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "CPU µs",
    "value",
    "ratio",
    "to reach",
    "reached",
)
_LEFT = frozenset({"what", "to reach", "reached"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: what was measured, what came out, what it should be. Times in milliseconds."""

    what: str
    clients: int | None = None
    rate: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
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
    """Print the table, without the columns that nobody filled, then notes."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    table = Table(title=title, title_justify="left", header_style="bold")
    cells = [_cells(row) for row in rows]
    used = [name for name in COLUMNS if any(each[name] for each in cells)]
    for name in used:
        table.add_column(name, justify="left" if name in _LEFT else "right", no_wrap=name != "what")
    for row, each in zip(rows, cells, strict=True):
        table.add_row(*(each[name] for name in used), style=None if row.reached is None else "bold")
    console.print(table)
    for note in [*notes, *_about_machine(rows)]:
        console.print(f"  {note}", highlight=False)


def write(file: Path, bench: str, rows: Sequence[Row], notes: Sequence[str]) -> None:
    """Write the same as JSON."""
    document = {
        "bench": bench,
        "rows": [asdict(row) for row in rows],
        "notes": [*notes, *_about_machine(rows)],
    }
    file.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _cells(row: Row) -> dict[str, str]:
    verdict = "" if row.reached is None else "yes" if row.reached else "NO"
    return {
        "what": row.what,
        "clients": _number(row.clients),
        "messages/s": _number(row.rate),
        "p50 ms": _number(row.p50_ms, ".1f"),
        "p95 ms": _number(row.p95_ms, ".1f"),
        "p99 ms": _number(row.p99_ms, ".1f"),
        "CPU µs": _number(row.cpu_us),
        "value": row.value,
        "ratio": "" if row.ratio is None else f"{row.ratio:.2f} × {row.ratio_to}",
        "to reach": row.wanted,
        "reached": f"{verdict}{' (noisy)' if row.noisy else ''}".strip(),
    }


def _number(value: float | None, form: str = ",.0f") -> str:
    return "" if value is None else format(value, form)


def _about_machine(rows: Sequence[Row]) -> list[str]:
    noisy = sum(row.noisy for row in rows)
    speed = f"one Ed25519 verification of 2 KiB takes {machine.verification_us():.0f} µs here now"
    shared = f"{machine.processors()} processors shared by clients, servers and database"
    found = [f"{shared}; Python {platform.python_version()}; {speed}."]
    if noisy:
        found.append(
            f"NOISY: {noisy} of {len(rows)} rows began while others held over {machine.NOISY:.0%} of the"
        )
        found.append("processors; their times and rates are too low, their ratios and CPU less so.")
    return found
