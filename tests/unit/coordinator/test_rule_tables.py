"""Every type has a rule, and no rule is for a type that does not exist."""

from __future__ import annotations

from coordinator.intake.effects.table import EFFECTS
from coordinator.intake.rules.table import RULES
from coordinator.register.needs import BODIES
from schemas.messages.table import TYPES


def test_every_type_has_a_rule() -> None:
    assert set(RULES) == set(TYPES)


def test_effects_and_needs_are_of_types_that_exist() -> None:
    assert set(EFFECTS) <= set(TYPES)
    assert set(BODIES) <= set(TYPES)
