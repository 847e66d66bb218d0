"""`init`, `pin`, `enrol`: from nothing to a member."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from connectors import config as settings
from connectors.commands import output, setting_up
from connectors.commands.invocation import Invocation, json_option, pass_invocation
from connectors.commands.setting_up import Answers
from connectors.config import MemberKind


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--id", "member", required=True, help="The id under which this organisation takes part.")
@click.option("--name", required=True, help="The organisation's name, as people read it.")
@click.option(
    "--kind",
    type=click.Choice(get_args(MemberKind)),
    default="public",
    show_default=True,
    help="What kind of member this is.",
)
@click.option(
    "--coordinator", "url", required=True, help="The coordinator's address, like https://accord.example.org."
)
@json_option
@pass_invocation
def init(invocation: Invocation, *, folder: Path, member: str, name: str, kind: str, url: str) -> None:
    """Write a commented connector.toml and a policy to start from into FOLDER; overwrites nothing."""
    written = setting_up.write_settings(folder, Answers(member, kind, name, url))
    settings.load(folder / settings.FILE_NAME, {})
    document = {"written": [str(path) for path in written]}

    def people() -> None:
        output.table("Written", ("File",), [(path,) for path in written], empty="")
        output.say("Next: accord connector pin, then enrol --code CODE")

    invocation.show(document, people)


@click.command()
@click.option(
    "--yes", is_flag=True, help="Pin without asking: only when the fingerprints were compared before."
)
@json_option
@pass_invocation
def pin(invocation: Invocation, *, yes: bool) -> None:
    """Fetch the coordinator's public keys, show their fingerprints, and keep them once you have compared
    them.

    Compare them with what the coordinator's operator tells you over another channel. Everything that this
    connector believes about the coordinator later rests on this step.
    """
    config = invocation.config()
    document = setting_up.fetch_keys(config.coordinator.url, invocation.session)
    shown = setting_up.fingerprints(document)
    invocation.show(shown, lambda: output.facts("Fingerprints of the coordinator's keys", shown))
    if not yes:
        click.confirm("Have you compared them, and are they the same?", abort=True, err=True)
    setting_up.keep_keys(config.coordinator.keys, document)
    if not invocation.json:
        output.say(f"Pinned in {config.coordinator.keys}.")


@click.command()
@click.option(
    "--code", prompt="One-time code", hide_input=True, help="The code from the coordinator's operator."
)
@json_option
@pass_invocation
def enrol(invocation: Invocation, code: str) -> None:
    """Make keys, prove that we hold them, and become a member. Can be repeated when the answer got lost."""
    config = invocation.config()
    keyring = setting_up.enrol(config, code, invocation.session)
    made: dict[str, Any] = {"member": config.member.id}
    made |= {f"key to {entry.use}": entry.kid for entry in keyring.entries}

    def people() -> None:
        output.facts("Enrolled", made)
        output.say("Tell the other parties the fingerprint of your first signing key: agreements name it.")

    invocation.show(made, people)
