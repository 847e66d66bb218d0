"""J17: what is secret is compared in constant time, or not compared at all but looked up by its hash.

A test of times would say more about the machine than about the code, so this reads the code: every
comparison in which a secret could take part is either `hmac.compare_digest` or on the list below with the
reason why nothing can be learned from it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.codebase import tree

SECRET = re.compile(
    r"(?:^|_)(token|secret|password|code|proof|tag|mac|hmac|commitment|challenge|nonce)(?:$|_)"
)

PUBLIC = {
    ("connectors/exchange/acts/cases.py", "commitment"): "hashes of 100-bit codes, which their members show",
    ("connectors/portal/arriving.py", "commitment"): "hashes of 100-bit codes, which their members show",
    ("connectors/portal/store/accounts.py", "code_hash"): "looked up by the hash of what was shown",
    ("connectors/portal/store/mandates.py", "code_hash"): "looked up by the hash of what was shown",
    ("coordinator/log/integrator.py", "code"): "the codes of refusals",
}
"""File and name: why the comparison may take as long as it likes."""

_NOT_SECRET = frozenset({"status_code", "error_code", "exit_code", "reason_code"})


def _names(node: ast.AST) -> set[str]:
    """Give the names of the values that take part in a comparison."""
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, ast.Attribute):
        return {node.attr}
    if isinstance(node, ast.Subscript) and ast.unparse(node).endswith("['purpose']['code']"):
        return {"purpose"}  # the agreed word for what data is for, which everybody may read
    if isinstance(node, ast.Subscript):
        return _names(node.slice) | _names(node.value)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return {
            arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        }
    return set()


def _literal(node: ast.AST) -> bool:
    """A comparison with a value that stands in the code has no secret on that side."""
    if isinstance(node, (ast.Tuple, ast.Set, ast.List)):
        return all(_literal(each) for each in node.elts)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


def _comparisons(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree.syntax(path)):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        if not all(isinstance(op, (ast.Eq, ast.NotEq)) for op in node.ops) or any(map(_literal, sides)):
            continue
        for name in set().union(*map(_names, sides)):
            if SECRET.search(name) and name not in _NOT_SECRET:
                yield name, node.lineno


FILES = tree.python_files("schemas", "coordinator", "connectors")


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_secret_is_compared_sign_by_sign(path: Path):
    found = [(name, line) for name, line in _comparisons(path) if (path.as_posix(), name) not in PUBLIC]
    assert found == [], f"{path} compares {found}; use hmac.compare_digest, or say why it may leak time"


def test_what_is_on_the_list_is_still_there():
    for place, name in PUBLIC:
        assert name in {found for found, _ in _comparisons(Path(place))}, (
            f"{place} compares no {name} any more"
        )


def test_this_test_sees_what_it_looks_for():
    bad = ["token == shown", "self.code != given['code']", "row.get('proof') == expected", "tag == b"]
    good = [
        "problem.code == 'x'",
        "len(proof) == 3",
        "hmac.compare_digest(tag, b)",
        "code.member == sign.member",
        "row.terms['purpose']['code'] == wanted['purpose']['code']",
    ]

    def hits(source: str) -> bool:
        node = ast.parse(source, mode="eval").body
        if not isinstance(node, ast.Compare):
            return False
        sides = [node.left, *node.comparators]
        return not any(map(_literal, sides)) and any(
            SECRET.search(name) for side in sides for name in _names(side)
        )

    assert [source for source in bad if not hits(source)] == []
    assert [source for source in good if hits(source)] == []


@pytest.mark.parametrize(
    "place",
    [
        "schemas/messages/joining.py",  # the proof that a citizen's keys were bound with the code
        "schemas/consent_proof.py",  # the challenge and the origin of a passkey
        "coordinator/intake/rules/member.py",  # the proof that an enrolment knows its code
        "coordinator/intake/challenge.py",  # the tag of an enrolment's challenge
        "connectors/api/authentication.py",  # the token of the local API
    ],
)
def test_the_places_that_hold_a_secret_compare_it_in_constant_time(place: str):
    called = {
        ast.unparse(node.func) for node in ast.walk(tree.syntax(Path(place))) if isinstance(node, ast.Call)
    }
    assert "hmac.compare_digest" in called
