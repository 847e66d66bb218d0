"""The table of types: every message that can be said, one line each, from the files of their families."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from schemas.messages import (
    access_v1,
    agreement_v1,
    case_v1,
    consent_v1,
    coordination_v1,
    delivery_v1,
    member_v1,
    record_v1,
    reject_v1,
)
from schemas.messages.type_rule import TypeRule

__all__ = ["TYPES", "TypeRule"]

_FAMILIES = (
    member_v1,
    agreement_v1,
    case_v1,
    consent_v1,
    record_v1,
    coordination_v1,
    access_v1,
    reject_v1,
    delivery_v1,
)

TYPES: Mapping[str, TypeRule] = MappingProxyType(
    {rule.name: rule for family in _FAMILIES for rule in family.RULES}
)
"""Name and version → rule. A version that was published never changes; a new one is a new line."""
