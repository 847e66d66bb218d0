"""`accord connector`: set a connector up, run it, see what it does. Each subject has a file of its own."""

from __future__ import annotations

from typing import Any

import click

from connectors.commands import output
from connectors.commands.invocation import Invocation, config_option, json_option, pass_invocation
from connectors.commands.lazy import LazyGroup

_HERE = "connectors.commands"


@click.group(
    cls=LazyGroup,
    places={
        "init": f"{_HERE}.becoming:init",
        "pin": f"{_HERE}.becoming:pin",
        "enrol": f"{_HERE}.becoming:enrol",
        "run": f"{_HERE}.serving:run",
        "doctor": f"{_HERE}.serving:doctor",
        "openapi": f"{_HERE}.serving:openapi",
        "systems": f"{_HERE}.systems:systems",
        "policy": f"{_HERE}.systems:policy",
        "queue": f"{_HERE}.queue:queue",
        "alarms": f"{_HERE}.queue:alarms",
        "checkpoint": f"{_HERE}.queue:checkpoint",
        "keys": f"{_HERE}.keys:keys",
        "agreement": f"{_HERE}.agreement:agreement",
        "case": f"{_HERE}.case:case",
        "consent": f"{_HERE}.consent:consent",
        "records": f"{_HERE}.records:records",
        "requests": f"{_HERE}.records:requests_group",
        "emergency": f"{_HERE}.emergency:emergency",
    },
)
@config_option
def connector() -> None:
    """Set up and run an organisation's connector.

    In this order: init, pin, enrol --code, doctor, run. Everything below `run` speaks to the connector that
    runs on this machine.
    """


@connector.command()
@json_option
@pass_invocation
def status(invocation: Invocation) -> None:
    """Say how the running connector is doing: threads, queue, mailbox, alarms."""
    found = invocation.running().get("/v1/status")
    invocation.show(found, lambda: output.facts("Status", found))


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
