"""What a command knows about how it was called: which settings, in which environment, for whom to print."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click
import requests

from connectors import config as settings
from connectors.commands import output
from connectors.commands.running import RunningConnector
from connectors.config import Config

_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(slots=True)
class Invocation:
    """One call of `accord`."""

    path: Path = Path(settings.FILE_NAME)
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    session: requests.Session | None = None
    json: bool = False

    def config(self) -> Config:
        """Read the settings; raise ConfigRefused."""
        return settings.load(self.path, self.environment)

    def running(self) -> RunningConnector:
        """Give the way to the connector that runs with these settings."""
        return RunningConnector(self.config(), self.session)

    def show(self, document: Any, print_it: Callable[[], None]) -> None:
        """Print for programs or for people."""
        if self.json:
            output.as_json(document)
        else:
            print_it()


pass_invocation = click.make_pass_decorator(Invocation, ensure=True)


def config_option(command: _F) -> _F:
    """Add `--config`, which names the settings for everything below."""

    def keep(context: click.Context, _option: click.Parameter, value: Path | None) -> None:
        invocation = context.ensure_object(Invocation)
        if value is not None:
            invocation.path = value

    option = click.option(
        "--config",
        "path",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="ACCORD_CONNECTOR_CONFIG",
        expose_value=False,
        callback=keep,
        help=f"The connector's settings. Without it: {settings.FILE_NAME} in this folder.",
    )
    return option(command)


def json_option(command: _F) -> _F:
    """Add `--json`: print for programs instead of for people."""

    def keep(context: click.Context, _option: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
        invocation = context.ensure_object(Invocation)
        invocation.json = invocation.json or value

    option = click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=keep,
        is_eager=True,
        help="Print JSON for programs.",
    )
    return option(command)
