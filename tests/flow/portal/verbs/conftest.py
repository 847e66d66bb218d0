"""A case in which no organisation takes part yet, beside those of tests/flow/portal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.exchange.acts import cases
from connectors.portal.store import accounts
from schemas.messages.envelope import Authority
from tests.flow.exchange.world import DEBT, HOUSING
from tests.flow.portal.life import Life


@pytest.fixture
def alone(life: Life, citizen: str) -> str:
    """A case of somebody who came alone; housing is invited, and a person there decides."""
    for member in (HOUSING, DEBT):
        life.portal.directory.member(member)  # as when somebody arrives: known before it hears of anybody
        life.world.members[member] = replace(life.world.members[member], auto_join=False)
    sign_in = cases.SignIn(acr="substantial", auth_time=life.now())
    made = cases.open_case_for_citizen(life.portal, sign_in)
    cases.invite_agency(life.portal, made, HOUSING, Authority("seat"))
    with life.portal.database.writing() as connection:
        accounts.own(connection, citizen, made, life.now())
    life.world.settle()
    return made
