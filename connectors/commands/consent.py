"""`accord connector consent`: ask the citizen, and see what they decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from connectors.commands import output
from connectors.commands.agreement import read_document
from connectors.commands.invocation import Invocation, json_option, pass_invocation


@click.group()
def consent() -> None:
    """Consents: what the citizen allows."""


@consent.command("ask")
@click.argument("case_id", metavar="CASE")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@json_option
@pass_invocation
def ask(invocation: Invocation, case_id: str, file: Path) -> None:
    """Ask the citizen of CASE for what FILE says (.toml or .json with `terms` and `why`)."""
    found = invocation.running().post(f"/v1/cases/{case_id}/consent-requests", read_document(file))
    invocation.show(found, lambda: output.say(f"Asked. The request is {found['message']}."))


@consent.command("list")
@click.argument("case_id", metavar="CASE")
@json_option
@pass_invocation
def list_command(invocation: Invocation, case_id: str) -> None:
    """List what the citizen of CASE has decided, and what still waits."""
    running = invocation.running()
    found = {
        **running.get(f"/v1/cases/{case_id}/consents"),
        **running.get(f"/v1/cases/{case_id}/consent-requests"),
    }
    invocation.show(found, lambda: print_consents(found))


@consent.command("offers")
@click.argument("case_id", metavar="CASE")
@json_option
@pass_invocation
def offers(invocation: Invocation, case_id: str) -> None:
    """List what the citizen of CASE would agree to instead of what was asked for."""
    found = invocation.running().get(f"/v1/cases/{case_id}/offers")
    invocation.show(found, lambda: print_offers(found))


@consent.command("accept-offer")
@click.argument("offer_id", metavar="OFFER")
@json_option
@pass_invocation
def accept_offer(invocation: Invocation, offer_id: str) -> None:
    """Ask again for what OFFER says, in place of the request before."""
    found = invocation.running().post(f"/v1/offers/{offer_id}/accept")
    invocation.show(found, lambda: output.say(f"Asked again. The request is {found['message']}."))


def print_offers(found: dict[str, Any]) -> None:
    """Print offers as a table."""
    rows = [
        (one["id"], one["state"], one["request"], _data(one["terms"]), one["terms"]["valid_until"])
        for one in found["offers"]
    ]
    columns = ("Offer", "State", "For the request", "Data", "Until")
    output.table("Offers", columns, rows, empty="Nothing was offered.")


def _data(terms: dict[str, Any]) -> str:
    return "; ".join(f"{each['category']}: {', '.join(each['fields'])}" for each in terms["data"])


def print_consents(found: dict[str, Any]) -> None:
    """Print consents and requests as tables."""
    columns = ("Consent", "Status", "Purpose", "Agreement", "Until")
    rows = [
        (one["id"], one["status"], one["purpose"], one["agreement"], one["valid_until"])
        for one in found["consents"]
    ]
    output.table("Consents", columns, rows, empty="Nothing was decided yet.")
    asked = [
        (one["id"], one["state"], one["sender"], one["agreement"], one["at"]) for one in found["requests"]
    ]
    output.table(
        "Asked", ("Request", "State", "By", "Agreement", "On"), asked, empty="Nothing was asked for."
    )
