"""What the documents say of the code is so: links lead somewhere, and steps are in the order of the code."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.codebase import tree

DOCUMENTS = tuple(path for path in tree.files() if path.suffix == ".md")
FLOW_PAGE = Path("ops/docs/flow.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_leads_to_a_file(document: Path):
    links = re.findall(r"\]\(([^)\s#]+)[^)]*\)", (tree.ROOT / document).read_text(encoding="utf-8"))
    inside = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in inside if not (tree.ROOT / document.parent / link).exists()] == []


def _steps_on_the_page() -> dict[str, list[str]]:
    """Read the page of the flow: for each flow file, its steps in order."""
    sections = re.split(r"\n(?=\*\*)", (tree.ROOT / FLOW_PAGE).read_text(encoding="utf-8"))
    return {
        file[0]: re.findall(r"\b\d+\. `(\w+)`", section)
        for section in sections
        if (file := re.findall(r"\[`([\w/]+/flow\.py)`\]", section))
    }


def _steps_in_the_code(file: str, steps: list[str]) -> list[str]:
    """Order the steps as a run of the file completes them, following the file's own functions."""
    functions = {
        node.name: node for node in tree.syntax(Path(file)).body if isinstance(node, ast.FunctionDef)
    }
    begun: set[str] = set()
    met: list[str] = []

    def follow(node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):  # arguments come before the call that takes them
            follow(child)
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            enter(called)
            met.extend(step for step in steps if _is_step(called, step) and step not in met)

    def enter(name: str) -> None:
        if name in functions and name not in begun:
            begun.add(name)
            follow(functions[name])

    for name in functions:
        enter(name)
    return met


def _is_step(called: str, step: str) -> bool:
    """`open` may be called `open_statement`, where the bare word is taken."""
    return called == step or called.startswith(f"{step}_")


STEPS = _steps_on_the_page()


def test_the_page_of_the_flow_has_the_three_ways_of_a_record():
    assert {str(Path(file).parent) for file in STEPS} == {
        "connectors/exchange/outgoing",
        "coordinator/intake",
        "connectors/exchange/incoming",
    }


@pytest.mark.parametrize("file", STEPS)
def test_the_steps_on_the_page_are_the_steps_of_the_code_in_the_same_order(file: str):
    assert _steps_in_the_code(file, STEPS[file]) == STEPS[file]


def test_the_intake_has_one_order_on_the_page_and_in_the_import_contract():
    settings = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (intake,) = (each for each in contracts if each.get("containers") == ["coordinator.intake"])
    order = [layer for layer in reversed(intake["layers"]) if layer in STEPS["coordinator/intake/flow.py"]]
    assert order == STEPS["coordinator/intake/flow.py"]
