"""`run`, `doctor`, `openapi`: the connector itself, and what looks it over."""

from __future__ import annotations

import click

from connectors.api.app import specification
from connectors.commands import doctor as examination
from connectors.commands import output, setting_up
from connectors.commands.invocation import Invocation, json_option, pass_invocation
from connectors.commands.run import run_until_stopped


@click.command()
@pass_invocation
def run(invocation: Invocation) -> None:
    """Run the connector: send, receive, keep, and answer the local API, until it is stopped (Ctrl-C,
    SIGTERM).

    It reconnects by itself after any outage. Logs are JSON lines without personal data.
    """
    run_until_stopped(invocation.config())


@click.command()
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


@click.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 description of the local API."""
    click.echo(specification(), nl=False)
