"""`accord connector emergency`: break the glass, and review it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from connectors.commands import output
from connectors.commands.invocation import Invocation, json_option, pass_invocation
from schemas import instant


@click.group()
def emergency() -> None:
    """Break-glass: opening records without a decision of the citizen, for some hours, seen by everyone."""


@emergency.command("open")
@click.argument("case_id", metavar="CASE")
@click.option("--agreement", required=True, help="The agreement (id@version) that allows it.")
@click.option("--reason", required=True, help="A code for the danger.")
@click.option(
    "--category", "categories", multiple=True, required=True, help="What is opened. Repeat the option."
)
@click.option("--hours", type=click.IntRange(1, 24), required=True, help="For how long, 24 at most.")
@click.option("--opened-by", help="The pseudonym of the person who opens it, who then does not review it.")
@click.option("--second-person", help="The pseudonym of the second person who agrees.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_invocation
def open_command(
    invocation: Invocation,
    case_id: str,
    *,
    agreement: str,
    reason: str,
    categories: tuple[str, ...],
    hours: int,
    opened_by: str | None,
    second_person: str | None,
    yes: bool,
) -> None:
    """Open CASE in an emergency. The citizen is told at once, and the agencies of the case too."""
    if not yes:
        click.confirm("The citizen is told at once. Open it?", abort=True, err=True)
    body: dict[str, Any] = {
        "agreement": agreement,
        "reason": reason,
        "categories": list(categories),
        "until": instant.format(instant.now() + timedelta(hours=hours) - timedelta(minutes=1)),
    }
    persons = {"opened_by": opened_by, "second_person": second_person}
    body |= {role: person for role, person in persons.items() if person}
    found = invocation.running().post(f"/v1/cases/{case_id}/emergencies", body)
    invocation.show(found, lambda: output.say(f"Open. Requests name the emergency {found['message']}."))


@emergency.command("review")
@click.argument("emergency_id", metavar="EMERGENCY")
@click.option("--justified/--unjustified", "justified", required=True, help="What the review says.")
@click.option("--reviewer", required=True, help="The reviewer's pseudonym: not the person who opened it.")
@json_option
@pass_invocation
def review(invocation: Invocation, emergency_id: str, *, justified: bool, reviewer: str) -> None:
    """Say whether EMERGENCY was justified; due within 72 hours."""
    body = {"outcome": "justified" if justified else "unjustified", "reviewer": reviewer}
    found = invocation.running().post(f"/v1/emergencies/{emergency_id}/review", body)
    invocation.show(found, lambda: output.say("Reviewed."))
