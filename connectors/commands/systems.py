"""`accord connector systems` and `policy`: look at the agency's own systems and rules; nothing is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from connectors.api.systems import line, tried
from connectors.commands import output
from connectors.commands.invocation import Invocation, json_option, pass_invocation
from connectors.policy.examples import run_examples
from connectors.policy.policy import Policy
from connectors.policy.question import ReleaseQuestion
from connectors.systems.faults import UnknownSystem
from connectors.systems.registry import open_system, open_systems
from connectors.systems.source import Source
from connectors.systems.try_out import try_out
from schemas import instant


@click.group()
def systems() -> None:
    """The systems that hold the agency's records, as connector.toml maps them."""


@systems.command("list")
@json_option
@pass_invocation
def list_command(invocation: Invocation) -> None:
    """List the systems and the categories that they hold."""
    config = invocation.config()
    found = [line(source) for source in open_systems(config.systems, config.folder).values()]
    rows = [
        (one["name"], one["kind"], one["place"], one["identify_with"], one["categories"]) for one in found
    ]
    columns = ("System", "Kind", "Place", "Finds people by", "Categories")
    empty = "connector.toml names no system yet: add [systems.NAME] with a mapping."
    invocation.show(found, lambda: output.table("Systems", columns, rows, empty=empty))


@systems.command("try")
@click.argument("name")
@click.option(
    "--find", "identify", multiple=True, help="attribute=value of a person to look for; without it, anyone."
)
@click.option("--requester", help="Also ask the policy, as if this member asked.")
@click.option("--agreement", default="", help="The agreement that the request would name.")
@click.option("--purpose", default="", help="The purpose that the request would name.")
@json_option
@click.pass_context
def try_command(
    context: click.Context,
    name: str,
    *,
    identify: tuple[str, ...],
    requester: str | None,
    agreement: str,
    purpose: str,
) -> None:
    """Print one person's mapped records from NAME, their schema errors, and the fields that policy would
    drop.

    What is printed is personal data of a real person. Ends with 1 when something is wrong.
    """
    invocation = context.ensure_object(Invocation)
    config = invocation.config()
    question = _question(config.member.id, requester, agreement, purpose) if requester else None
    run = try_out(
        _source(invocation, name),
        identify=_attributes(identify),
        policy=Policy.load(config.policy.folder) if question else None,
        question=question,
    )
    found = tried(run)
    invocation.show(found, lambda: _print(found))
    context.exit(output.DONE if run.passed else output.REFUSED)


@systems.command("import")
@click.argument("name")
@json_option
@pass_invocation
def import_command(invocation: Invocation, name: str) -> None:
    """Take in what has arrived in the drop folder of NAME, and say what was rejected and where the report
    is.
    """
    arrivals = _source(invocation, name).refresh(instant.now())
    found = [
        {
            "name": one.name,
            "taken": one.taken,
            "rejected": one.rejected,
            "refused": one.refused,
            "report": one.report,
        }
        for one in arrivals
    ]
    columns = ("File", "Taken", "Rejected", "Refused because", "Report")
    rows = [tuple(one.values()) for one in found]
    invocation.show(found, lambda: output.table("Taken in", columns, rows, empty="Nothing has arrived."))


def _source(invocation: Invocation, name: str) -> Source:
    config = invocation.config()
    if name not in config.systems:
        raise UnknownSystem(
            f"connector.toml has no [systems.{name}].",
            remedy="See: accord connector systems list",
            system=name,
        )
    return open_system(name, config.systems[name], config.folder)


def _attributes(given: tuple[str, ...]) -> dict[str, str] | None:
    pairs = [each.partition("=") for each in given]
    if any(not sign for _, sign, _ in pairs):
        raise click.UsageError("Write --find attribute=value, for example --find family_name=Diallo.")
    return {name: value for name, _, value in pairs} or None


def _question(agency: str, requester: str, agreement: str, purpose: str) -> ReleaseQuestion:
    return ReleaseQuestion(
        agency=agency,
        requester=requester,
        requester_kind="public",
        purpose=purpose,
        category="",
        fields=frozenset(),
        basis="consent",
        proof="portal",
        acr="",
        match="exact_one",
        special=False,
        first_time=False,
        agreement=agreement,
    )


def _print(found: dict[str, Any]) -> None:
    if not found["person_found"]:
        output.say("Nobody was found.")
    for one in found["categories"]:
        title = f"{one['category']} ({one['schema']})"
        output.table(
            title, ("Field", "Value"), (one["record"] or {}).items(), empty=f"{title}: nothing is held."
        )
        for fault in one["faults"]:
            output.say(f"  wrong: {fault}")
        if one["fields_dropped"]:
            output.say(f"  policy drops: {', '.join(one['fields_dropped'])}")


@click.group()
def policy() -> None:
    """The agency's own release rules."""


@policy.command("test")
@click.option(
    "--examples",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Example decisions (TOML). Without it: decisions.toml in the policy's folder.",
)
@json_option
@click.pass_context
def test_command(context: click.Context, examples: Path | None) -> None:
    """Check the rules against the schema and run the example decisions. Ends with 1 when one differs."""
    invocation = context.ensure_object(Invocation)
    folder = invocation.config().policy.folder
    rules = Policy.load(folder)
    results = run_examples(examples or folder / "decisions.toml", rules)
    found = [
        {"name": r.name, "expected": r.expected, "outcome": r.outcome, "rule": r.rule, "passed": r.passed}
        for r in results
    ]
    rows = [("ok" if r.passed else "differs", r.name, r.expected, r.outcome, r.rule) for r in results]
    columns = ("", "Example", "Expected", "Decided", "By rule")
    title = f"{len(rules.rules)} rules, {len(results)} examples"
    invocation.show(found, lambda: output.table(title, columns, rows, empty="There are no examples."))
    context.exit(output.DONE if all(r.passed for r in results) else output.REFUSED)
