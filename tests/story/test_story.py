"""The whole story with real processes, as `ops/demo --once` plays it: on the sample, and on brought files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("ACCORD_SHARED_DATA", ROOT.parent / "shared" / "data"))
BROUGHT = SHARED / "carnet-de-bord"
PATIENCE_S = 300

pytestmark = pytest.mark.only_on(
    "sqlite", reason="the demo needs nothing but Python, and looks into its coordinator's database file"
)


def play(*options: str) -> subprocess.CompletedProcess[str]:
    """Tell the story in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "ops.story", "--once", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_the_story_ends_well_and_a_kept_folder_is_taken_up_again(tmp_path: Path) -> None:
    first = play("--keep", str(tmp_path / "kept"))
    assert first.returncode == 0, first.stdout[-3000:] + first.stderr[-3000:]
    assert "The story ended well" in first.stdout
    assert "The citizen opens the pages" in first.stdout
    again = play("--keep", str(tmp_path / "kept"))
    assert again.returncode == 0, again.stdout[-3000:] + again.stderr[-3000:]


@pytest.mark.skipif(not BROUGHT.exists(), reason="the files of the real system are not on this machine")
def test_the_story_can_be_told_on_brought_files_and_faulty_rows_are_named_by_line_and_field() -> None:
    told = play("--from", str(BROUGHT))
    assert told.returncode == 0, told.stdout[-3000:] + told.stderr[-3000:]
    assert "import_beneficiaires_buggy.csv" in told.stdout
    assert "Date de naissance*" in told.stdout


def test_files_of_an_unknown_shape_are_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("a;b\n1;2\n", "utf-8")
    told = play("--from", str(tmp_path))
    assert told.returncode == 2
    assert "ops/docs/systems.md" in told.stdout
