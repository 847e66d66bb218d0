"""`accord connector records` and `requests`: ask for records, read them with a reason, answer what others
ask.
"""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

import click

from connectors.commands import output
from connectors.commands.agreement import read_document
from connectors.commands.invocation import Invocation, json_option, pass_invocation


@click.group()
def records() -> None:
    """Records of other agencies: asking for them and reading them."""


@records.command("request")
@click.argument("case_id", metavar="CASE")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@json_option
@pass_invocation
def request(invocation: Invocation, case_id: str, file: Path) -> None:
    """Ask a source for what FILE says (.toml or .json: source, categories, identify, why, authority)."""
    found = invocation.running().post(f"/v1/cases/{case_id}/record-requests", read_document(file))
    invocation.show(found, lambda: output.say(f"Asked. The request is {found['message']}."))


@records.command("show")
@click.argument("statement")
@click.option("--reason", required=True, help="A code for why you look, like case_work. The citizen is told.")
@click.option("--words", help="Why, in words. The citizen reads them.")
@click.option("--role", default="operator", show_default=True, help="The role in which you look.")
@click.option("--by", help="Your pseudonym. Without it: your account's name.")
@json_option
@pass_invocation
def show(
    invocation: Invocation, statement: str, *, reason: str, words: str | None, role: str, by: str | None
) -> None:
    """Print a record. That you looked, and why, is told to the citizen before it is printed."""
    why = {"code": reason, **({"text": words} if words else {})}
    body = {"actor": {"pseudonym": by or getpass.getuser(), "role": role}, "reason": why}
    found = invocation.running().post(f"/v1/records/{statement}/read", body)
    invocation.show(found, lambda: _print(found))


@records.command("correct")
@click.argument("statement")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--settles", help="The statement by which the citizen contested it; this lifts the mark.")
@json_option
@pass_invocation
def correct(invocation: Invocation, statement: str, file: Path, settles: str | None) -> None:
    """Give the record in FILE (.toml or .json) in place of STATEMENT, to everyone who holds a copy of it.

    The citizen alone gets it in a closed case, and where every agency has erased its copy. To say that
    nothing is wrong, give the same record again with --settles.
    """
    body = {"record": read_document(file), **({"settles": settles} if settles else {})}
    found = invocation.running().post(f"/v1/records/{statement}/correct", body)
    copies = len(found["messages"])
    invocation.show(found, lambda: output.say(f"Corrected. Messages on their way: {copies}."))


def _print(found: dict[str, Any]) -> None:
    mark = " – contested by the citizen" if found["contested"] else ""
    output.facts(f"{found['schema']} by {found['issuer']}{mark}", found["content"])


@click.group("requests")
def requests_group() -> None:
    """Requests that others made to us."""


@requests_group.command("list")
@click.option("--state", default="needs_a_person", show_default=True, help="Which ones.")
@json_option
@pass_invocation
def list_requests(invocation: Invocation, state: str) -> None:
    """List the requests that wait for a person."""
    found = invocation.running().get("/v1/requests", state=state)
    rows = [
        (one["id"], one["sender"], one["categories"], one["state"], one["rule"], one["at"])
        for one in found["requests"]
    ]
    columns = ("Request", "By", "Categories", "State", "Rule", "Since")
    invocation.show(
        found, lambda: output.table("Requests", columns, rows, empty="Nothing waits for a person.")
    )


@requests_group.command("show")
@click.argument("request_id", metavar="REQUEST")
@json_option
@pass_invocation
def show_request(invocation: Invocation, request_id: str) -> None:
    """Show whom REQUEST is about beside the candidates in our own systems. Personal data."""
    found = invocation.running().get(f"/v1/requests/{request_id}")

    def people() -> None:
        output.facts(f"Request by {found['sender']}", found["identify"])
        for one in found["candidates"]:
            output.facts(f"Candidate in {one['system']}", one["identity"])
        for each in found["trouble"]:
            output.say(f"Not looked at: {each}")

    invocation.show(found, people)


@requests_group.command("decide")
@click.argument("request_id", metavar="REQUEST")
@click.option("--release/--decline", "yes", required=True, help="What is decided.")
@click.option("--by", required=True, help="The pseudonym of the person who decides.")
@pass_invocation
def decide(invocation: Invocation, request_id: str, *, yes: bool, by: str) -> None:
    """Decide on REQUEST; consent, agreement and policy are checked again before anything goes out."""
    invocation.running().post(f"/v1/requests/{request_id}/decide", {"release": yes, "by": by})
    output.say("Decided.")
