"""`accord connector agreement`: propose, sign, retire and list agreements."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import click

from connectors.commands import output
from connectors.commands.invocation import Invocation, json_option, pass_invocation
from schemas.errors import Malformed


@click.group()
def agreement() -> None:
    """Agreements between members: who may give which fields to whom, for what, on which basis."""


@agreement.command("list")
@json_option
@pass_invocation
def list_command(invocation: Invocation) -> None:
    """List the agreements known here."""
    found = invocation.running().get("/v1/agreements")
    rows = [
        (one["ref"], one["status"], one["signed_by_us"], one["parties"], one["valid_until"])
        for one in found["agreements"]
    ]
    columns = ("Agreement", "Status", "Signed by us", "Parties", "Until")
    empty = "No agreement is known here yet: propose one, or wait for a proposal."
    invocation.show(found, lambda: output.table("Agreements", columns, rows, empty=empty))


@agreement.command("show")
@click.argument("ref")
@pass_invocation
def show(invocation: Invocation, ref: str) -> None:
    """Print the document of REF (id@version) as JSON."""
    output.as_json(invocation.running().get(f"/v1/agreements/{ref}"))


@agreement.command("propose")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@json_option
@pass_invocation
def propose(invocation: Invocation, file: Path) -> None:
    """Propose the agreement in FILE (.toml or .json) to all its parties, and sign it."""
    found = invocation.running().post("/v1/agreements", {"agreement": read_document(file)})
    invocation.show(found, lambda: output.say(f"Proposed and signed: {found['agreement']}."))


@agreement.command("sign")
@click.argument("ref")
@click.option("--yes", is_flag=True, help="Do not ask: the document was read before.")
@json_option
@pass_invocation
def sign(invocation: Invocation, ref: str, *, yes: bool) -> None:
    """Sign REF (id@version), proposed by another party."""
    if not yes:
        click.confirm(f"Has someone who may bind this organisation read {ref}?", abort=True, err=True)
    found = invocation.running().post(f"/v1/agreements/{ref}/sign")
    invocation.show(found, lambda: output.say(f"Signed {ref}."))


@agreement.command("retire")
@click.argument("ref")
@click.option("--reason", required=True, help="Why; all parties read it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_invocation
def retire(invocation: Invocation, ref: str, reason: str, *, yes: bool) -> None:
    """End REF: what rests on it stops at once."""
    if not yes:
        click.confirm(f"Everything that rests on {ref} stops at once. Retire it?", abort=True, err=True)
    found = invocation.running().post(f"/v1/agreements/{ref}/retire", {"reason": reason})
    invocation.show(found, lambda: output.say(f"Retired {ref}."))


def read_document(file: Path) -> dict[str, Any]:
    """Read a TOML or JSON document; raise Malformed that names the file."""
    try:
        text = file.read_text("utf-8")
        found = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError) as error:
        raise Malformed(f"{file} cannot be read: {error}", remedy="Write TOML (.toml) or JSON.") from error
    if not isinstance(found, dict):
        raise Malformed(f"{file} holds no object.")
    return found
