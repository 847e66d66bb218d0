"""The options of every command that shares something: to whom, by what right, about what."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])
_OPTIONS = (
    click.option("--to", multiple=True, help="Who gets it, an organisation or citizen. Repeat the option."),
    click.option("--consent", help="The consent by which another agency gets it."),
    click.option("--clause", help="Or the agreement's clause."),
    click.option("--agreement", "agreement_ref", help="The agreement (id@version) of consent or clause."),
    click.option("--purpose", help="The purpose, a code of the agreement."),
    click.option("--about", help="The statement that it is about."),
)


def reaching(command: _F) -> Callable[..., Any]:
    """Add the options; the command gets what they say as `reach`, in the words of the local API."""

    @functools.wraps(command)
    def with_reach(*arguments: Any, **options: Any) -> Any:
        to, consent = options.pop("to"), options.pop("consent")
        clause, about = options.pop("clause"), options.pop("about")
        agreement, purpose = options.pop("agreement_ref"), options.pop("purpose")
        if consent and clause:
            raise click.UsageError("Name --consent or --clause, not both.")
        said: dict[str, Any] = {"to": list(to), "agreement": agreement, "purpose": purpose, "about": about}
        if consent:
            said["authority"] = {"basis": "consent", "consent": consent}
        if clause:
            said["authority"] = {"basis": "statute", "clause": clause}
        return command(*arguments, reach={name: value for name, value in said.items() if value}, **options)

    found: Callable[..., Any] = with_reach
    for option in reversed(_OPTIONS):
        found = option(found)
    return found
