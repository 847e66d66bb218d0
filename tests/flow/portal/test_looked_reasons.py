"""Why somebody looked is said in words, in the visitor's language, on the page and in the copy; never by a code."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from connectors.exchange.acts import access, coordination, records
from connectors.exchange.acts.access import Emergency
from connectors.exchange.store import statements
from connectors.exchange.stored import read_payload
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT, HOUSING
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.life import Life
from tests.flow.portal.visits import Visit

DANGER: dict[str, Any] = {
    "id": "night-help",
    "purposes": [{"code": "danger", "text": {"en": "Danger", "fr": "Danger"}, "basis": "emergency"}],
    "flows": [
        {
            "source": HOUSING,
            "recipient": DEBT,
            "purpose": "danger",
            "category": "housing",
            "schema": "housing.tenancy/1",
            "fields": ["landlord"],
        }
    ],
    "emergency": {"categories": ["housing"], "max_hours": 12, "officers": ["officer-1"]},
}
CODES = ("danger-to-life", "danger_to_life", "debt-plan", "case_work", "night_shift", "night shift")


@pytest.fixture
def life(tmp_path: Path, make_database: MakeDatabase) -> Iterator[Life]:
    made = Life(tmp_path, make_database)
    made.world.agree(**DANGER)
    yield made
    made.pages.made.places.close()
    made.world.close()


@pytest.fixture
def case(life: Life) -> str:
    return life.case_of(life.person())


@pytest.fixture
def visit(life: Life, case: str) -> Visit:
    return visit_of(life, case)


def visit_of(life: Life, case: str) -> Visit:
    """Sign the citizen in to whom a case belongs."""
    from connectors.portal.store.tables import account_cases  # noqa: PLC0415

    raise NotImplementedError(account_cases)
