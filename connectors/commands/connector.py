"""`accord connector`: set a connector up, run it, see what it does. Each subject has a file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from connectors import config as settings
from connectors.api.app import specification
from connectors.commands import doctor as examination
from connectors.commands import output, setting_up
from connectors.commands.agreement import agreement
from connectors.commands.case import case
from connectors.commands.consent import consent
from connectors.commands.emergency import emergency
from connectors.commands.invocation import Invocation, config_option, json_option, pass_invocation
from connectors.commands.keys import keys
from connectors.commands.queue import alarms, queue
from connectors.commands.records import records, requests_group
from connectors.commands.run import run_until_stopped
from connectors.commands.setting_up import Answers
from connectors.commands.systems import policy, systems
from connectors.config import MemberKind


@click.group()
@config_option
def connector() -> None:
    """Set up and run an organisation's connector.

    In this order: init, pin, enrol --code, doctor, run. Everything below `run` speaks to the connector that
    runs on this machine.
    """


@connector.command()
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


@connector.command()
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


@connector.command()
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


@connector.command()
@pass_invocation
def run(invocation: Invocation) -> None:
    """Run the connector: send, receive, keep, and answer the local API, until it is stopped (Ctrl-C,
    SIGTERM).

    It reconnects by itself after any outage. Logs are JSON lines without personal data.
    """
    run_until_stopped(invocation.config())


@connector.command()
@json_option
@click.pass_context
def doctor(context: click.Context) -> None:
    """Check clock, DNS, proxy, TLS, keys, disk, database, coordinator, agreements, systems and policy.

    One line each: ok, warn or fail, what is wrong, and what to do. Ends with 1 when something failed.
    """
    invocation = context.ensure_object(Invocation)
    session = invocation.session or setting_up.session()
    lines = list(examination.examine(examination.Patient(invocation.config(), session)))
    document = [
        {"check": line.name, "verdict": line.verdict, "found": line.found, "remedy": line.remedy}
        for line in lines
    ]
    rows = [(line.verdict, line.name, line.found, line.remedy) for line in lines]
    invocation.show(
        document, lambda: output.table("Doctor", ("", "Check", "Found", "What to do"), rows, empty="")
    )
    context.exit(output.REFUSED if any(line.verdict == "fail" for line in lines) else output.DONE)


@connector.command()
@json_option
@pass_invocation
def status(invocation: Invocation) -> None:
    """Say how the running connector is doing: threads, queue, mailbox, alarms."""
    found = invocation.running().get("/v1/status")
    invocation.show(found, lambda: output.facts("Status", found))


@connector.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 description of the local API."""
    click.echo(specification(), nl=False)


@connector.group("config")
def config_group() -> None:
    """The settings."""


@config_group.command("show")
@json_option
@pass_invocation
def config_show(invocation: Invocation) -> None:
    """Print the settings as they are in force, with the environment, without secrets."""
    shown = invocation.config().shown()
    flat = {f"{section}.{key}": value for section, below in shown.items() for key, value in _pairs(below)}
    invocation.show(shown, lambda: output.facts(f"Settings from {shown['file']}", flat))


def _pairs(below: Any) -> list[tuple[str, Any]]:
    return list(below.items()) if isinstance(below, dict) else [("", below)]


for group in (
    systems,
    policy,
    queue,
    alarms,
    keys,
    agreement,
    case,
    consent,
    records,
    requests_group,
    emergency,
):
    connector.add_command(group)
