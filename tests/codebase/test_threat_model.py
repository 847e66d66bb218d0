"""The threat model names tests that exist, leaves no attack of its lists out, and hides nothing open."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.codebase import tree

PAGE = (tree.ROOT / "ops" / "docs" / "threat-model.md").read_text(encoding="utf-8")
ROWS: dict[str, str] = dict(re.findall(r"^\| ([TJPW]\d+) \|(.*)\|$", PAGE, re.MULTILINE))
NAMED = sorted(set(re.findall(r"`(tests/[\w/.]+)`", PAGE)))
ATTACKS = Path("tests/refusals/attacks")

ATTACK_IDS = [f"J{number}" for number in range(1, 18)] + [f"P{number}" for number in range(1, 16)]
"""Attacks on what is said, and on the exchange: none of them may fall out of the lists."""
WEB_IDS = [f"W{number}" for number in range(1, 19)]
LATER = {"W15"}
"""It needs a page for an agency's staff, of which there is none."""


def _tests(path: Path) -> set[str]:
    return {
        node.name
        for node in tree.syntax(path).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("name", NAMED)
def test_every_test_file_that_is_named_exists_and_tests_something(name: str):
    assert Path(name) in tree.files(), f"{name} is gone: what shows that row now?"
    assert _tests(Path(name)), f"{name} holds no test"


@pytest.mark.parametrize("attack", ATTACK_IDS)
def test_every_attack_is_on_the_page_with_what_shows_it(attack: str):
    assert attack in ROWS, f"{attack} has no row"
    _, what, control, shown_by = [cell.strip() for cell in f"{attack}|{ROWS[attack]}".split("|")]
    assert what
    assert control
    assert re.search(r"`tests/[\w/.]+`", shown_by), f"nothing shows that {attack} is refused"


@pytest.mark.parametrize("attack", WEB_IDS)
def test_every_attack_on_the_web_has_a_row_or_a_reason_why_not_yet(attack: str):
    assert (attack in ROWS) is not (attack in LATER)
    if attack in LATER:
        assert re.search(rf"^.*\b{attack}\b.*\(", PAGE, re.MULTILINE), f"{attack} is not even mentioned"
    else:
        assert "`tests/" in ROWS[attack]


def test_every_boundary_has_threat_control_default_and_test():
    boundaries = {name: row.split("|") for name, row in ROWS.items() if name.startswith("T")}
    assert list(boundaries) == [f"T{number}" for number in range(1, len(boundaries) + 1)]
    for name, cells in boundaries.items():
        assert len(cells) == 5, name
        assert all(cell.strip() for cell in cells), name
        assert "`tests/" in cells[4], name


def test_no_row_is_there_twice():
    names = re.findall(r"^\| ([TJPW]\d+) \|", PAGE, re.MULTILINE)
    assert sorted(set(names)) == sorted(names)


def test_every_file_of_attacks_shows_something_on_the_page():
    here = [path for path in tree.files() if path.parent == ATTACKS and path.name.startswith("test_")]
    assert here
    assert [path.as_posix() for path in here if path.as_posix() not in NAMED] == []


def test_what_is_open_is_on_the_page_and_nothing_else():
    """An expected failure among the attacks is an attack that works: readers of the page must know."""
    expected = {
        node.name
        for path in tree.files()
        if path.parent == ATTACKS and path.suffix == ".py"
        for node in tree.syntax(path).body
        if isinstance(node, ast.FunctionDef)
        and any("xfail" in ast.unparse(decorator) for decorator in node.decorator_list)
    }
    _, _, after = PAGE.partition("\n## Open\n")
    section = after.partition("\n## ")[0]
    assert set(re.findall(r"^\| `(test_\w+)` \|", section, re.MULTILINE)) == expected


def test_the_page_says_when_to_look_at_it_again():
    assert "Refresh this page when" in PAGE
    for word in ("route", "message type", "key", "table", "log line", "dependency"):
        assert word in PAGE.partition("Refresh this page when")[2].partition("\n\n")[0]
