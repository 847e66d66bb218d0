"""Finds conditions of a rule that can never be true, which Cedar's own validation lets pass.

`context.match == Basis::"consent"` and `context has houur` are well-typed for Cedar and always false: a
forbid that is misspelt in this way would forbid nothing. Takes a rule's JSON form, gives what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ENTITY_TYPES: Mapping[str, str] = {
    "principal": "Member",
    "resource": "Category",
    "action": "Action",
    "context.basis": "Basis",
    "context.match": "Match",
    "context.proof": "Proof",
    "context.requester_kind": "MemberKind",
}
OPTIONAL = frozenset({"hour"})
"""What a question may lack: all that `context has …` can ask about."""


def never_true(rule: Any) -> Iterator[str]:
    """Give each such condition, wherever it is in the rule."""
    if isinstance(rule, list):
        for part in rule:
            yield from never_true(part)
    elif isinstance(rule, dict):
        for operator, sides in rule.items():
            if isinstance(sides, dict):
                yield from _fault(operator, sides)
            yield from never_true(sides)


def _fault(operator: str, sides: Mapping[str, Any]) -> Iterator[str]:
    left = _type(sides.get("left"))
    if operator in ("==", "!=", "in"):
        for other in _members(sides.get("right")):
            right = _type(other)
            if left and right and left != right:
                yield f"{left} and {right} are never the same"
    elif operator == "is" and left and left != sides.get("entity_type"):
        yield f"{left} is never {sides.get('entity_type')}"
    elif operator == "has":
        name = _name(sides.get("left"))
        if name != "context" or sides.get("attr") not in OPTIONAL:
            yield f"`{name} has {sides.get('attr')}` asks for what is always or never there"


def _members(node: Any) -> list[Any]:
    return list(node["Set"]) if isinstance(node, dict) and "Set" in node else [node]


def _type(node: Any) -> str | None:
    """Give the entity type of a literal or of what the question holds, where it is known."""
    if isinstance(node, dict) and isinstance(node.get("Value"), dict):
        found = node["Value"].get("__entity", {}).get("type")
        return str(found) if found else None
    return ENTITY_TYPES.get(_name(node))


def _name(node: Any) -> str:
    if isinstance(node, dict) and "Var" in node:
        return str(node["Var"])
    if isinstance(node, dict) and "." in node:
        return f"{_name(node['.']['left'])}.{node['.']['attr']}"
    return ""
