"""The commands of `accord coordinator`: set up, run, invite, look. A command calls what a route calls.

Exit codes: 0 done; 1 something is wrong with what was looked at; 2 the command or the settings are wrong.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from coordinator.commands import inspect, log, register, serving, setup
from coordinator.commands.context import Context
from coordinator.config import FILE_NAME

_FIRST_STEPS = """\b
First steps:
  accord coordinator init /srv/accord
  accord coordinator -c /srv/accord/coordinator.toml run
  accord coordinator -c /srv/accord/coordinator.toml invite city-housing --kind public
"""


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=_FIRST_STEPS)
@click.option(
    "--config",
    "-c",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=FILE_NAME,
    show_default=True,
    envvar="ACCORD_COORDINATOR_CONFIG",
    show_envvar=True,
    help="The file of settings that `init` wrote.",
)
@click.pass_context
def coordinator(context: click.Context, file: Path) -> None:
    """Run the middle: admit, order, record and deliver messages that nobody here can open."""
    context.obj = Context(file, os.environ)


for _command in (
    setup.init,
    setup.migrate,
    setup.config,
    setup.doctor,
    serving.run,
    serving.openapi,
    register.invite,
    register.members,
    register.agreements,
    register.cases,
    log.log,
    inspect.inspect,
):
    coordinator.add_command(_command)
