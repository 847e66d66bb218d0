"""What `ops/test` says in the end: which tests failed, by name, and nothing that was logged or compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops import checks
from ops.checks import Check

TESTS = """
import logging

def test_that_holds():
    print("words on the way")

def test_that_does_not():
    logging.getLogger("server").error("thousands of lines")
    assert {said!r} == "another"

def test_that_cannot_begin(nothing_of_this_name):
    pass
"""
SAID = "words of somebody"


def said(capfd: pytest.CaptureFixture[str], folder: Path, tests: str) -> tuple[list[str], str]:
    """Run tests as `ops/test` does; gives the lines from the table on, and everything before."""
    (folder / "test_sample.py").write_text(tests)
    alone = ("-c", "/dev/null", "--rootdir", str(folder), "-p", "no:cacheprovider", "-n", "0", str(folder))
    result = checks.run(Check("sample", "two that fail", (*checks.PYTEST, *alone), counts_tests=True))
    checks.print_table([result], 1.0)
    before, _, table = capfd.readouterr().out.partition("\ncheck ")
    return table.splitlines(), before


def test_each_test_that_failed_is_named_and_what_it_said_is_not_repeated(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
):
    table, before = said(capfd, tmp_path, TESTS.format(said=SAID))
    assert [line for line in table if line.startswith("failed in")] == [
        "failed in sample: test_sample.py::test_that_does_not",
        "failed in sample: test_sample.py::test_that_cannot_begin",
    ]
    assert table[-1] == "1 passed, 2 failed, 0 skipped"
    assert SAID not in "".join(table)
    assert SAID in before, "where and why it failed is said once"
    assert "thousands of lines" not in before


def test_of_tests_that_pass_nothing_is_printed_but_that_they_do(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
):
    table, before = said(capfd, tmp_path, "def test_that_holds():\n    print('words on the way')\n")
    assert table[-1] == "1 passed, 0 failed, 0 skipped"
    assert "words on the way" not in before
    assert len(before.splitlines()) < 10
