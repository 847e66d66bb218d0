"""A value that proves a step was taken is made by that step alone.

Each step of a flow takes what the step before gives. That proves nothing if any file may make such a value,
so this table says who may; it holds for the shipped code, not for tests.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.codebase import tree


@dataclass(frozen=True, slots=True)
class Proof:
    """A class whose instances prove something, where it is defined, and the only file that makes them."""

    name: str
    defined_in: str
    made_in: str
    proves: str


PROOFS = (
    Proof("Verified", "schemas/signed.py", "schemas/signed.py", "the signature was checked"),
    Proof(
        "Statement", "schemas/statement.py", "schemas/statement.py", "the statement's signature was checked"
    ),
    Proof("Receipt", "schemas/receipt.py", "schemas/receipt.py", "the coordinator signed for the message"),
    Proof("Permit", "coordinator/intake/authorise.py", "coordinator/intake/authorise.py", "it may be done"),
    Proof("Entry", "coordinator/intake/record.py", "coordinator/intake/record.py", "it is recorded"),
    Proof("Delivery", "coordinator/intake/deliver.py", "coordinator/intake/deliver.py", "it has its routes"),
    Proof("Checkpoint", "schemas/log.py", "schemas/log.py", "the log's key signed its size and root"),
)


def _makers(proof: Proof) -> set[str]:
    """Name the files that call the class, by whatever name they imported it."""
    return {str(path) for path in tree.python_files(*tree.PACKAGES) if _calls(path, proof)}


def _calls(path: Path, proof: Proof) -> bool:
    names = _names_for(path, proof)
    if not names:
        return False
    return any(
        isinstance(node, ast.Call) and _called(node.func) in names for node in ast.walk(tree.syntax(path))
    )


def _names_for(path: Path, proof: Proof) -> set[str]:
    """Find what the class is called in a file: its name there, an alias, or module.Name."""
    home = tree.module_name(Path(proof.defined_in))
    package, _, module = home.rpartition(".")
    names = {proof.name} if str(path) == proof.defined_in else set()
    for node in ast.walk(tree.syntax(path)):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                # Also when another module of ours hands the class on.
                if (
                    alias.name == proof.name
                    and (node.module or "").partition(".")[0] == home.partition(".")[0]
                ):
                    names.add(alias.asname or alias.name)
                if node.module == package and alias.name == module:
                    names.add(f"{alias.asname or alias.name}.{proof.name}")
        elif isinstance(node, ast.Import):
            names |= {
                f"{alias.asname or alias.name}.{proof.name}" for alias in node.names if alias.name == home
            }
    return names


def _called(function: ast.expr) -> str:
    return ast.unparse(function)


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.name)
def test_only_the_step_itself_makes_its_proof(proof: Proof):
    assert _makers(proof) == {proof.made_in}, f"only {proof.made_in} may say that {proof.proves}"


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.name)
def test_a_proof_cannot_be_changed_after_it_was_made(proof: Proof):
    found = [
        node
        for node in tree.syntax(Path(proof.defined_in)).body
        if isinstance(node, ast.ClassDef) and node.name == proof.name
    ]
    assert len(found) == 1, f"{proof.defined_in} does not define {proof.name}"
    decorators = " ".join(ast.unparse(decorator) for decorator in found[0].decorator_list)
    assert "frozen=True" in decorators, f"{proof.name} is not a frozen dataclass"
    assert "slots=True" in decorators, f"{proof.name} has no slots, so anything could be written to it"
