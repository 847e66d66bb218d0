"""`accord connector keys`: our own keys, and changing them without a gap."""

from __future__ import annotations

from typing import Any

import click

from connectors.commands import output
from connectors.commands.invocation import Invocation, json_option, pass_invocation
from connectors.exchange.keyring import KeyEntry, Keyring

_COLUMNS = ("Key", "Use", "From", "Until", "Ended", "Announced")


@click.group()
def keys() -> None:
    """Our own keys."""


@keys.command("show")
@json_option
@pass_invocation
def show(invocation: Invocation) -> None:
    """Show the fingerprints of our keys and when they are in force; works without a running connector."""
    entries = Keyring(invocation.config().storage.keys).entries
    found = [_plain(entry) for entry in entries]
    invocation.show(found, lambda: _print(found))


@keys.command("rotate")
@json_option
@pass_invocation
def rotate(invocation: Invocation) -> None:
    """Make a new pair of keys and announce them. The old ones go on until the coordinator has taken the
    new.
    """
    found = invocation.running().post("/v1/keys/rotate")["keys"]
    invocation.show(found, lambda: _print(found))


@keys.command("end")
@click.argument("kid")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_invocation
def end(invocation: Invocation, kid: str, *, yes: bool) -> None:
    """End the key KID now, because it was rotated or somebody else may know it."""
    if not yes:
        click.confirm(f"End the key {kid} for good?", abort=True)
    invocation.running().post(f"/v1/keys/{kid}/end")
    output.say("Ended.")


def _plain(entry: KeyEntry) -> dict[str, Any]:
    names = ("kid", "use", "valid_from", "valid_until", "ended_at", "announced")
    return {name: getattr(entry, name) for name in names}


def _print(found: list[dict[str, Any]]) -> None:
    names = ("kid", "use", "valid_from", "valid_until", "ended_at", "announced")
    output.table(
        "Keys", _COLUMNS, [[one[name] for name in names] for one in found], empty="There are no keys."
    )
