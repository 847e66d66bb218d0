"""`accord connector case attest-keys`: passkeys that a citizen has added and that somebody has to compare."""

from __future__ import annotations

import click

from connectors.commands import output
from connectors.commands.invocation import Invocation, json_option, pass_invocation


@click.command("attest-keys")
@click.argument("case_id", metavar="CASE", required=False)
@click.argument("message", metavar="MESSAGE", required=False)
@click.option(
    "--number",
    "numbers",
    multiple=True,
    help="A number that the person reads from their own page, face to face. Repeat the option.",
)
@json_option
@pass_invocation
def attest_keys(
    invocation: Invocation, *, case_id: str | None, message: str | None, numbers: tuple[str, ...]
) -> None:
    """List the passkeys that wait; with CASE, MESSAGE and --number, vouch for those."""
    running = invocation.running()
    if case_id is None:
        found = running.get("/v1/seat-keys/waiting")
        rows = [
            (one["message"], one["case"], ", ".join(key["number"] for key in one["passkeys"]))
            for one in found["waiting"]
        ]
        columns = ("Message", "Case", "Numbers")
        invocation.show(
            found, lambda: output.table("Passkeys to compare", columns, rows, empty="No passkey waits.")
        )
        return
    if message is None or not numbers:
        raise click.UsageError("Name CASE, MESSAGE, and with --number what the person read to you.")
    body = {"message": message, "numbers": list(numbers)}
    found = running.post(f"/v1/cases/{case_id}/seat-keys/attest", body)
    invocation.show(found, lambda: output.say("Attested."))
