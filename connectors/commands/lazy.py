"""A group of commands that loads each of them only when it is called or listed.

A command that asks the running connector something needs neither a database nor a web framework, and should
answer as fast as a person expects of a command.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Takes `places`: the name of each command, and `module:attribute` where it is."""

    def __init__(self, *arguments: Any, places: Mapping[str, str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._places = dict(places)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List all, loaded or not."""
        return sorted({*super().list_commands(ctx), *self._places})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the command that is called."""
        place = self._places.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = place.partition(":")
        command = getattr(import_module(module), attribute)
        return command if isinstance(command, click.Command) else None
