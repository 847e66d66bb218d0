"""What becomes of a copy that came in an emergency or by law: no permission says it, so the list does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.policy.policy import Policy
from schemas.messages.envelope import Authority
from tests.conftest import MakeDatabase
from tests.flow.exchange.test_other_bases import EVERYTHING
from tests.flow.exchange.world import HOUSING
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.life import Life
from tests.flow.portal.test_looked_reasons import DANGER, emergency

TIME_OVER = {"days": 180, "minutes": 1}


@pytest.fixture
def life(tmp_path: Path, make_database: MakeDatabase) -> Iterator[Life]:
    made = Life(tmp_path, make_database)
    made.world.agree(**DANGER)
    (tmp_path / "all.cedar").write_text(EVERYTHING)
    housing = made.world.members[HOUSING]
    made.world.members[HOUSING] = replace(housing, policy=Policy.load(tmp_path))
    yield made
    made.close()


@pytest.fixture
def citizen(life: Life) -> str:
    """Somebody about whom debt advice got the tenancy in an emergency."""
    account = life.person()
    case = life.case_of(account)
    life.world.invite_source(case, life.world.consent(case))
    basis = Authority("emergency", emergency(life, case))
    asked = {"agreement": "night-help@1", "purpose": "danger", "categories": {"housing": ["landlord"]}}
    life.world.request(case, "", authority=basis, **asked)
    life.world.settle()
    return account


def page(life: Life, citizen: str) -> str:
    return " ".join(seen(life.visit(citizen).get("/who-looked/?kind=release").text).main.split())


def test_the_list_says_until_when_it_may_be_kept(life: Life, citizen: str) -> None:
    assert "They must delete it by " in page(life, citizen)


def test_who_has_not_said_that_it_is_gone_is_named_from_that_day_on(life: Life, citizen: str) -> None:
    life.world.clock.move(**TIME_OVER)
    assert "Not confirmed yet They had to delete it by " in page(life, citizen)


def test_who_has_said_that_it_is_gone_is_named_with_the_day(life: Life, citizen: str) -> None:
    life.world.clock.move(**TIME_OVER)
    life.world.settle()
    assert "Deleted They confirmed it on " in page(life, citizen)
