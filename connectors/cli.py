"""The command `accord`: connector, portal and evidence here, further groups from the entry points
`accord.commands`.

Each group's commands are in `connectors/commands/`, one file for each subject.

Exit codes: 0 done, 1 refused or something is wrong, 2 wrong use, 3 something cannot be reached, 4 wrong
settings.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, entry_points, version
from typing import Any

import click

from connectors.commands import output
from connectors.commands.invocation import Invocation
from connectors.commands.lazy import LazyGroup
from schemas.errors import Refusal

GROUP = "accord.commands"


_OURS = {
    "connector": "connectors.commands.connector:connector",
    "portal": "connectors.commands.portal:portal",
    "evidence": "connectors.commands.evidence:evidence",
}


class Accord(LazyGroup):
    """The root group; a further group is loaded only when it is called or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List our own commands and those that were installed beside us."""
        return sorted({*super().list_commands(ctx), *(point.name for point in entry_points(group=GROUP))})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command, ours first: an installed one cannot take our name."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        for point in entry_points(group=GROUP, name=cmd_name):
            loaded = point.load()
            return loaded if isinstance(loaded, click.Command) else None
        return None

    def invoke(self, ctx: click.Context) -> Any:
        """Run, and turn a refusal into words and an exit code."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            invocation = ctx.find_object(Invocation)
            wanted = invocation.json if invocation else False
            ctx.exit(output.refused(refusal, json_wanted=wanted))


def _version() -> str:
    try:
        return version("accord-exchange")
    except PackageNotFoundError:
        return "0"


@click.group(
    "accord",
    cls=Accord,
    places=_OURS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(_version(), prog_name="accord")
@click.pass_context
def main(context: click.Context) -> None:
    """Exchange case records with the citizen's consent.

    Exit codes: 0 done, 1 refused or something is wrong, 2 wrong use, 3 something cannot be reached (the
    connector, the coordinator, a source system), 4 the settings are wrong.
    """
    context.ensure_object(Invocation)
