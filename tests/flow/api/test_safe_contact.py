"""An agency learns how the citizen may safely be reached: in the case, and before its commands write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flow.api.kit import Caller
from tests.flow.api.test_commands import Terminal, log_elsewhere
from tests.flow.api.test_story import open_case
from tests.flow.exchange.world import DEBT, PORTAL, World

__all__ = ["log_elsewhere"]
LETTER = "Only by letter to my sister; never call in the evening."
ASKED = f"The person asks: {LETTER}"


@pytest.fixture
def case(world: World, debt: Caller, portal: Caller) -> str:
    return open_case(world, debt, portal)


def said(world: World, portal: Caller, case: str, text: str) -> None:
    portal.post(f"/v1/cases/{case}/notes", {"text": text, "kind": "safe_contact"})
    world.settle()


def test_a_case_says_how_its_citizen_is_reached_without_asking_for_a_reason(
    world: World, debt: Caller, portal: Caller, case: str
):
    assert debt.get(f"/v1/cases/{case}")["safe_contact"] is None
    said(world, portal, case, "Call me.")
    said(world, portal, case, LETTER)
    for caller in (debt, portal):
        found = caller.get(f"/v1/cases/{case}")["safe_contact"]
        assert found["text"] == LETTER
        assert found["statement"] == caller.get(f"/v1/cases/{case}/notes")["statements"][-1]["id"]


def test_an_agency_does_not_say_it(debt: Caller, case: str):
    body = {"text": "Call at any time.", "kind": "safe_contact"}
    assert debt.refused("POST", f"/v1/cases/{case}/notes", body) == (403, "not_your_turn")
    assert debt.refused("POST", f"/v1/cases/{case}/notes", {**body, "kind": "order"}) == (422, "invalid")


def test_every_command_that_writes_to_the_citizen_shows_it_first(world: World, case: str, tmp_path: Path):
    agency, citizen = Terminal(world, DEBT, "charity"), Terminal(world, PORTAL, "portal")
    assert "The person asks" not in agency.run("case", "note", case, given="Before.").stderr
    citizen.ok("note", case, "--kind", "safe_contact", given=LETTER, group="portal")
    world.settle()
    file = tmp_path / "plan.txt"
    file.write_text("The plan.")
    for words in (
        ("note", case),
        ("message", case),
        ("outcome", case, "--result", "got_help"),
        ("document", "add", case, str(file)),
    ):
        result = agency.run("case", *words, given="The plan is ready.")
        assert result.exit_code == 0, result.output
        assert ASKED in result.stderr
        assert LETTER not in result.stdout
    refused = agency.run("case", "message", case, "--to", "city-housing", given="Psst.")
    assert (refused.exit_code, refused.stderr.index(ASKED)) == (1, 0)
    assert LETTER in agency.ok("case", "show", case)
    assert ASKED not in citizen.run("message", case, given="Hello.", group="portal").stderr
