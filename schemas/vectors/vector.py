"""One vector: an input, the check that it is for, and the verdict expected of every implementation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Vector:
    """`attack` is the number of the attack in the threat model, or empty for a good one."""

    name: str
    check: str
    input: Any
    expect: str = ACCEPTED
    attack: str = ""
    reason: str = ""
    """For a refused proof: which of its parts."""
    context: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Give the vector as it is in the files, without members that say nothing."""
        members = {name: getattr(self, name) for name in ("name", "attack", "check", "input")}
        members |= {"context": self.context, "expect": self.expect, "reason": self.reason}
        return {name: value for name, value in members.items() if value or name == "input"}
