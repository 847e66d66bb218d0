"""What somebody reads at the terminal who does a thing of a case for the first time, and does it wrongly."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from connectors.exchange.acts import records as record_acts
from connectors.exchange.store import statements
from tests.flow.api.test_commands import Terminal
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World


@pytest.fixture
def released(world: World) -> tuple[str, str]:
    """A case with one record; gives both."""
    case = world.case()
    consent = world.consent(case)
    world.invite_source(case, consent)
    world.request(case, consent)
    world.settle()
    return case, said(world, DEBT, case, "record.release/1")


def said(world: World, member: str, case: str, kind: str) -> str:
    with world.members[member].database.reading() as connection:
        (found,) = [row.id for row in statements.of_case(connection, case) if row.type == kind]
    return str(found)


def test_a_refusal_of_the_connector_itself_has_its_own_code(world: World):
    debt = Terminal(world, DEBT, "charity")
    result = debt.run("case", "note", str(uuid4()), given="Hello")
    assert result.exit_code == 1
    assert "Refused (not_here): This connector takes no part in such a case." in result.output
    assert "unknown_code" not in result.output


@pytest.mark.parametrize(("size", "says"), [(0, "is empty"), (25 * 1024 * 1024 + 1, "has more than 25 MiB")])
def test_a_file_that_cannot_be_added_is_refused_before_it_is_read(
    world: World, tmp_path: Path, size: int, says: str
):
    file = tmp_path / "letter.pdf"
    file.write_bytes(b"x" * size)
    result = Terminal(world, DEBT, "charity").run("case", "document", "add", str(uuid4()), str(file))
    assert result.exit_code == 2
    assert says in result.output


def test_a_source_reads_what_is_contested_and_settles_it_by_the_commands(
    world: World, tmp_path: Path, released: tuple[str, str]
):
    case, record = released
    housing, debt = Terminal(world, HOUSING, "public"), Terminal(world, DEBT, "charity")
    record_acts.contest(world.members[PORTAL], record, "The rent is 500 [b]now[/b].", ["rent"])
    world.settle()
    contest = said(world, HOUSING, case, "record.contest/1")
    shown = housing.ok("records", "show", contest, "--reason", "case_work")
    assert "The rent is 500 [b]now[/b]." in shown
    assert "contested by the citizen" not in shown  # the record is, the contest is not
    assert "contested by the citizen" in debt.ok("records", "show", record, "--reason", "plan")
    right = tmp_path / "right.toml"
    right.write_text('landlord = "Habitat Nord"\n[rent]\namount = 50000\ncurrency = "EUR"\n')
    wrong = housing.run("records", "correct", record, str(right), "--settles", record)
    assert (wrong.exit_code, "Name the statement by which the citizen contested it." in wrong.output) == (
        1,
        True,
    )
    housing.ok("records", "correct", record, str(right), "--settles", contest)
    world.settle()
    correction = said(world, DEBT, case, "record.correct/1")
    assert "contested by the citizen" not in debt.ok("records", "show", correction, "--reason", "plan")
    assert "contested by the citizen" not in debt.ok("records", "show", record, "--reason", "plan")
