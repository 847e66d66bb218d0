"""Type of message → its rule. A test holds this table equal to the table of types."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from coordinator.intake.rules import access, agreement, case, consent, coordination, member, record, reject
from coordinator.intake.rules.reason import Rule

_FAMILIES = (
    member.RULES,
    agreement.RULES,
    case.RULES,
    consent.RULES,
    record.RULES,
    coordination.RULES,
    access.RULES,
    reject.RULES,
)

RULES: Mapping[str, Rule] = MappingProxyType(
    {name: rule for family in _FAMILIES for name, rule in family.items()}
)
