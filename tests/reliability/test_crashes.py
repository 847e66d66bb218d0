"""Every promise holds although a process dies at any statement, commit or HTTP boundary.

ACCORD_SWEEP=all dies at every single event; the usual run spreads its deaths evenly over each turn.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MakeDatabase
from tests.prepared import connectors_tables, coordinators_tables

ROOT = Path(__file__).parents[2]
POINTS = {
    "source": 80,
    "asker": 50,
    "reader": 50,
    "decider": 55,
    "eraser": 20,
    "passer": 24,
    "looker": 12,
    "middle": 25,
}
"""316 deaths: 291 of connectors, 25 of the coordinator."""
SPARSER = 4
"""On PostgreSQL the same turns are died through at every fourth of these points, for the time it takes."""
ALL = 10_000
MEMBERS = (connectors_tables,) * 3


@pytest.mark.parametrize("victim", POINTS)
def test_nothing_is_lost_or_done_twice_when_a_process_is_killed(
    victim: str, database_kind: str, make_database: MakeDatabase
):
    points = POINTS[victim] // (1 if database_kind == "sqlite" else SPARSER)
    if os.environ.get("ACCORD_SWEEP") == "all":
        points = ALL
    databases = [make_database(prepared_by=each) for each in (coordinators_tables, *MEMBERS)]
    command = [sys.executable, "-m", "tests.reliability.sweep", victim, str(points), *databases]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=3600)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["broken"] == []
    assert found["deaths"] >= found["points"] * 0.9
