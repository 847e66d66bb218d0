"""A case is opened once."""

from __future__ import annotations

from schemas.errors import CaseExists
from tests.factories import World


def test_opening_a_case_that_exists_is_refused(world: World) -> None:
    raw = world.message("case.open/1", world.debts, body={"language": "en"})
    assert isinstance(world.refused(raw), CaseExists)
