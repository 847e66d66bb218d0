"""Type of message → what it changes; types that are not here change nothing but the mailboxes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from coordinator.intake.effects import access, agreement, case, consent, member, record
from coordinator.intake.effects.effect import Effect

_FAMILIES = (member.EFFECTS, agreement.EFFECTS, case.EFFECTS, consent.EFFECTS, record.EFFECTS, access.EFFECTS)

EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {name: effect for family in _FAMILIES for name, effect in family.items()}
)
