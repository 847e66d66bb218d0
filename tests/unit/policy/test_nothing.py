"""A connector without records of its own releases nothing, and carries no engine for rules."""

from __future__ import annotations

import subprocess
import sys

import pytest

from connectors.policy.policy import Policy
from connectors.policy.question import NO_RULE, Deny, ReleaseNothing
from tests.unit.policy.test_policy import QUESTION


def test_what_the_shipped_rules_allow_it_denies() -> None:
    decision, fields = Policy.load().narrow(QUESTION)
    assert not isinstance(decision, Deny)
    assert fields
    assert ReleaseNothing().narrow(QUESTION) == (Deny(NO_RULE), frozenset())


@pytest.mark.parametrize("name", ["cedarpy", "alembic", "psycopg"])
def test_the_process_of_pages_does_not_load(name: str) -> None:
    """Each of these would take several MB of every process that serves citizens."""
    look = (
        "import sys, connectors.commands.opening, connectors.portal.serving;"
        f"sys.exit({name!r} in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", look], check=False)
    assert done.returncode == 0
