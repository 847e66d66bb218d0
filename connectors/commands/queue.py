"""`accord connector queue` and `alarms`: what waits, was refused or was kept aside, and what must be looked
at.
"""

from __future__ import annotations

from typing import Any

import click

from connectors.commands import output
from connectors.commands.invocation import Invocation, json_option, pass_invocation


@click.group()
def queue() -> None:
    """Messages that wait, were refused, or were kept aside."""


@queue.command("list")
@json_option
@pass_invocation
def list_command(invocation: Invocation) -> None:
    """List them, each with the reason and what to do."""
    found = invocation.running().get("/v1/queue")
    invocation.show(found, lambda: _print(found))


def _print(found: dict[str, Any]) -> None:
    for name, title in (("waiting", "Waiting to be sent"), ("failed", "Refused or too late")):
        rows = [
            (one["id"], one["type"], one["attempts"], one["at"], _why(one["problem"])) for one in found[name]
        ]
        output.table(title, ("Message", "Type", "Tries", "Since", "Why"), rows, empty=f"{title}: none.")
    rows = [(one["index"], one["sender"], one["type"], one["state"], one["reason"]) for one in found["aside"]]
    columns = ("Place", "From", "Type", "State", "Reason")
    output.table("Received and not accepted", columns, rows, empty="Received and not accepted: none.")


def _why(problem: dict[str, Any] | None) -> str:
    if not problem:
        return ""
    words = f"{problem.get('code')}: {problem.get('detail', '')}"
    return f"{words} {problem['remedy']}" if problem.get("remedy") else words


@queue.command("retry")
@click.argument("message")
@json_option
@pass_invocation
def retry(invocation: Invocation, message: str) -> None:
    """Try MESSAGE now; one that was refused is signed anew under a new id.

    A number is a place in the log: what was received there and kept aside is judged again.
    """
    if message.isdigit():
        invocation.running().post(f"/v1/queue/aside/{message}/retry")
        invocation.show({"place": int(message)}, lambda: output.say("It holds now, and was taken in."))
        return
    found = invocation.running().post(f"/v1/queue/{message}/retry")
    invocation.show(found, lambda: output.say(f"Waits to be sent as {found['message']}."))


@queue.command("drop")
@click.argument("message")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_invocation
def drop(invocation: Invocation, message: str, *, yes: bool) -> None:
    """Give MESSAGE up: it is never sent. A citizen's decision cannot be given up."""
    if not yes:
        click.confirm(f"Give {message} up for good?", abort=True)
    invocation.running().post(f"/v1/queue/{message}/drop")
    output.say("Given up.")


@queue.command("dismiss")
@click.argument("place", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_invocation
def dismiss(invocation: Invocation, place: int, *, yes: bool) -> None:
    """Take what was received at PLACE and not accepted off the list; it never has an effect."""
    if not yes:
        click.confirm(f"Dismiss what was received at {place}?", abort=True)
    invocation.running().post(f"/v1/queue/aside/{place}/dismiss")
    output.say("Dismissed.")


@click.command()
@json_option
@pass_invocation
def checkpoint(invocation: Invocation) -> None:
    """Print the last signed checkpoint of the log that was seen, to compare with other members."""
    found = invocation.running().get("/v1/checkpoint")
    invocation.show(found, lambda: click.echo(found["note"], nl=False))


@click.group()
def alarms() -> None:
    """What must not happen and did; nothing is released while one is open."""


@alarms.command("list")
@json_option
@pass_invocation
def list_alarms(invocation: Invocation) -> None:
    """List the open alarms."""
    found = invocation.running().get("/v1/alarms")
    rows = [(one["id"], one["kind"], one["about"], one["detail"], one["at"]) for one in found["alarms"]]
    columns = ("Alarm", "Kind", "About", "What happened", "Since")
    invocation.show(found, lambda: output.table("Alarms", columns, rows, empty="No alarm is open."))


@alarms.command("clear")
@click.argument("alarm", type=int)
@click.option("--by", required=True, help="The pseudonym of the person who has looked at it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_invocation
def clear(invocation: Invocation, alarm: int, by: str, *, yes: bool) -> None:
    """Close ALARM after looking; releases go on."""
    if not yes:
        click.confirm("Is its cause understood, and may releases go on?", abort=True)
    invocation.running().post(f"/v1/alarms/{alarm}/clear", {"by": by})
    output.say("Cleared.")
