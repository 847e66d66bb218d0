"""A portal, a citizen, a case with an organisation in it, and one where none takes part yet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.exchange.acts import cases
from connectors.portal.store import accounts
from schemas.messages.envelope import Authority
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT, HOUSING
from tests.flow.portal.life import Life
from tests.flow.portal.visits import Visit


@pytest.fixture
def life(tmp_path: Path, make_database: MakeDatabase):
    made = Life(tmp_path, make_database)
    yield made
    made.world.close()


@pytest.fixture
def citizen(life: Life) -> str:
    return life.person()


@pytest.fixture
def visit(life: Life, citizen: str) -> Visit:
    return life.visit(citizen)


@pytest.fixture
def case(life: Life, citizen: str) -> str:
    """A case with debt advice in it."""
    return life.case_of(citizen)


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
