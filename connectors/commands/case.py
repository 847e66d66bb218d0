"""`accord connector case`: open, invite, look at cases."""

from __future__ import annotations

import click

from connectors.commands import coordination, output
from connectors.commands.invocation import Invocation, json_option, pass_invocation
from connectors.commands.seat_keys import attest_keys


@click.group()
def case() -> None:
    """Cases: circles of seats around one person, named by a random id."""


case.add_command(attest_keys)


@case.command("list")
@json_option
@pass_invocation
def list_command(invocation: Invocation) -> None:
    """List the cases, newest first."""
    found = invocation.running().get("/v1/cases")
    rows = [(one["id"], one["status"], one["opened_by"], one["opened_at"]) for one in found["cases"]]
    columns = ("Case", "Status", "Opened by", "On")
    invocation.show(found, lambda: output.table("Cases", columns, rows, empty="There are no cases yet."))


@case.command("open")
@click.option(
    "--language",
    type=click.Choice(["en", "fr"]),
    default="en",
    show_default=True,
    help="The person's language.",
)
@json_option
@pass_invocation
def open_command(invocation: Invocation, language: str) -> None:
    """Open a case and print its id."""
    found = invocation.running().post("/v1/cases", {"language": language})
    invocation.show(found, lambda: output.say(found["case"]))


@case.command("show")
@click.argument("case_id", metavar="CASE")
@json_option
@pass_invocation
def show(invocation: Invocation, case_id: str) -> None:
    """Show who sits in CASE and what was said, without contents."""
    found = invocation.running().get(f"/v1/cases/{case_id}")

    def people() -> None:
        output.facts(f"Case {case_id}", {name: found[name] for name in ("status", "opened_by", "opened_at")})
        if found["safe_contact"] is not None:
            output.say(f"How the person may safely be reached: {found['safe_contact']['text']}")
        seats = [(one["kind"], one["member"], one["status"], one["attested_by"]) for one in found["seats"]]
        output.table("Seats", ("Kind", "Member", "Status", "Attested by"), seats, empty="No seats.")
        said = [
            (one["id"], one["type"], one["issuer"], one["at"], one["state"]) for one in found["statements"]
        ]
        output.table("Said", ("Statement", "Type", "By", "At", "State"), said, empty="Nothing was said yet.")

    invocation.show(found, people)


@case.command("invite")
@click.argument("case_id", metavar="CASE")
@click.option(
    "--portal", help="Invite the citizen through this portal; prints a code to hand over in person."
)
@click.option("--agency", help="Or invite this agency.")
@click.option("--consent", help="The consent that carries the agency's invitation.")
@click.option("--clause", help="Or the agreement's clause that does.")
@click.option("--agreement", "agreement_ref", help="The agreement (id@version) of the clause.")
@json_option
@pass_invocation
def invite(
    invocation: Invocation,
    case_id: str,
    *,
    portal: str | None,
    agency: str | None,
    consent: str | None,
    clause: str | None,
    agreement_ref: str | None,
) -> None:
    """Invite the citizen, or another agency, into CASE."""
    if (portal is None) is (agency is None):
        raise click.UsageError("Name --portal for the citizen, or --agency.")
    invitee: dict[str, str | None] = {"kind": "citizen", "portal": portal}
    if agency is not None:
        invitee = {
            "kind": "agency",
            "member": agency,
            "consent": consent,
            "clause": clause,
            "agreement": agreement_ref,
        }
    said = {name: value for name, value in invitee.items() if value is not None}
    found = invocation.running().post(f"/v1/cases/{case_id}/invitations", {"invitee": said})

    def people() -> None:
        output.facts("Invited", found)
        if "code" in found:
            output.say("Hand the code over in person. It is shown only now.")

    invocation.show(found, people)


@case.command("close")
@click.argument("case_id", metavar="CASE")
@click.option("--outcome", help="A code of how it ended.")
@click.option("--reason", help="Why; everyone in the case reads it.")
@json_option
@pass_invocation
def close(invocation: Invocation, case_id: str, outcome: str | None, reason: str | None) -> None:
    """Close CASE for everybody."""
    body = {name: value for name, value in (("outcome", outcome), ("reason", reason)) if value}
    found = invocation.running().post(f"/v1/cases/{case_id}/close", body)
    invocation.show(found, lambda: output.say("Closed."))


coordination.add_to(case)
