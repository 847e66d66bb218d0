"""What is said in a case that does not exist is refused."""

from __future__ import annotations

import uuid

import pytest

from schemas.errors import UnknownCase
from tests.factories import World


def test_a_message_in_no_case_is_refused(world: World) -> None:
    raw = world.message("case.close/1", case=str(uuid.uuid4()), body={})
    assert isinstance(world.refused(raw), UnknownCase)


def test_a_case_is_shown_to_nobody_without_a_seat(world: World) -> None:
    with pytest.raises(UnknownCase):
        world.coordinator.case(world.case, member=world.debts.id)
    with pytest.raises(UnknownCase):
        world.coordinator.consents(world.case, member=world.debts.id)
