"""Every check that a change must pass, one after the other, and one table of what came out.

Takes the names of checks (none: all of them), gives exit status 0 only when every one passed. Under the table
stands the name of each test that failed, as pytest takes it; what it said is further up. It runs in the
environment made from ops/locks/test.txt; `ops/test` makes that and comes here.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from ops.postgresql import MEMORY

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent

# Longer than any check takes on two slow cores: what goes on after that hangs, and is ended.
HANGS_AFTER_S = 45 * 60
# At least two, so that tests which disturb each other are found on every machine.
WORKERS = str(max(2, min(8, os.cpu_count() or 2)))
# A worker gets tests in a row, which share what they need; in the end it takes over what another has left.
SPREAD = ("-n", WORKERS, "--dist", "worksteal")
# A failed test shows where and why; what servers logged meanwhile is thousands of lines, and is left out.
PYTEST = (PYTHON, "-m", "pytest", "-q", *SPREAD, "--tb=short", "--show-capture=no")

# Files in memory are on their disk at once; on a real one, the tests wait for their commits half of the time.
MEMORY_NEEDED = 4 * 1024**3


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to run; pytest counts its own tests, everything else counts as one."""

    name: str
    about: str
    command: tuple[str, ...]
    counts_tests: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came out of one check."""

    name: str
    passed: int
    failed: int
    skipped: int
    seconds: float
    names: tuple[str, ...] = ()
    """The tests that failed."""

    @property
    def verdict(self) -> str:
        """Say it in one word."""
        return "failed" if self.failed else "passed"


CHECKS = (
    Check(
        "lint",
        "house style and likely mistakes",
        (str(BIN / "ruff"), "check", "--output-format=concise", "."),
    ),
    Check("format", "layout", (str(BIN / "ruff"), "format", "--check", ".")),
    Check("types", "mypy, strict", (PYTHON, "-m", "mypy")),
    Check("imports", "which part may know which", (str(BIN / "lint-imports"), "--no-logo")),
    Check("tests", "all tests, on SQLite", (*PYTEST, "--database", "sqlite"), counts_tests=True),
    Check(
        "postgresql",
        "the tests that use a database, on PostgreSQL",
        (*PYTEST, "--database", "postgresql", "-m", "postgresql"),
        counts_tests=True,
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for, print the table, give the exit status."""
    started = time.monotonic()
    results = [run(check) for check in _choose(arguments)]
    print_table(results, time.monotonic() - started)
    return 1 if any(result.failed for result in results) else 0


def run(check: Check) -> Result:
    """Run one check with its output going straight to the terminal."""
    print(f"\n=== {check.name}: {check.about}", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="accord-checks-", dir=_memory()) as folder:
        report = Path(folder) / "report.xml"
        command = (*check.command, f"--junit-xml={report}") if check.counts_tests else check.command
        status = _status(command, {**os.environ, "TMPDIR": folder})
        passed, failed, skipped = _counts(report) if check.counts_tests else (int(status == 0), 0, 0)
        names = tuple(_names_of_failed(report)) if check.counts_tests else ()
    if status and not failed:  # it ended before it could count, or found no test at all
        failed = 1
    return Result(check.name, passed, failed, skipped, time.monotonic() - started, names)


def print_table(results: Sequence[Result], seconds: float) -> None:
    """Print one line a check, one for each test that failed, and the sums as the last line."""
    print(f"\n{'check':<12} {'':<8} {'passed':>7} {'failed':>7} {'skipped':>7} {'time':>8}")
    for result in results:
        counts = f"{result.passed:>7} {result.failed:>7} {result.skipped:>7}"
        print(f"{result.name:<12} {result.verdict:<8} {counts} {result.seconds:>6.1f} s")
    print(f"{'together':<12} {'':<8} {'':>7} {'':>7} {'':>7} {seconds:>6.1f} s\n")
    for result in results:
        for name in result.names:
            print(f"failed in {result.name}: {name}")
    passed, failed, skipped = (
        sum(getattr(result, name) for result in results) for name in ("passed", "failed", "skipped")
    )
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)


def _choose(arguments: Sequence[str] | None) -> list[Check]:
    names = [check.name for check in CHECKS]
    listed = "\n".join(f"  {check.name:<12} {check.about}" for check in CHECKS)
    parser = argparse.ArgumentParser(
        prog="ops/test",
        description="Run every check that a change must pass.",
        epilog=f"checks:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("check", nargs="*", choices=[*names, []], help="run only these", metavar="check")
    chosen = parser.parse_args(arguments).check or names
    return [check for check in CHECKS if check.name in chosen]


def _status(command: Sequence[str], settings: Mapping[str, str]) -> int:
    try:
        return subprocess.run(
            command, cwd=ROOT, check=False, timeout=HANGS_AFTER_S, stdin=subprocess.DEVNULL, env=settings
        ).returncode
    except subprocess.TimeoutExpired:
        print(f"ended: it was still going on after {HANGS_AFTER_S // 60} minutes", flush=True)
        return 1


def _counts(report: Path) -> tuple[int, int, int]:
    """Read pytest's own count; a report that is missing counts nothing."""
    if not report.exists():
        return 0, 0, 0
    suites = list(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314 - our own pytest has just written it
    total, failures, errors, skipped = (
        sum(int(suite.get(name, "0")) for suite in suites)
        for name in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    return max(0, total - failed - skipped), failed, skipped


def _names_of_failed(report: Path) -> Iterator[str]:
    """Name each test that failed as pytest takes it, and nothing of what it said."""
    if not report.exists():
        return
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - our own pytest has just written it
        if case.find("failure") is not None or case.find("error") is not None:
            module = case.get("classname", "").replace(".", "/")
            yield f"{module}.py::{case.get('name')}" if module else str(case.get("name"))


def _memory() -> Path | None:
    """Name the folder that is kept in memory where there is room enough, else the usual one."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= MEMORY_NEEDED
    return MEMORY if roomy else None


if __name__ == "__main__":
    sys.exit(main())
