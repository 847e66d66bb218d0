"""`accord portal`: what a portal does for the citizens whom it serves, for its staff and for trying things
out.

Citizens use the pages; these commands speak to the same running connector.
"""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click
from marshmallow import ValidationError

from connectors.commands import coordination, output
from connectors.commands.agreement import read_document
from connectors.commands.consent import print_consents
from connectors.commands.invocation import Invocation, config_option, json_option, pass_invocation
from connectors.commands.lazy import LazyGroup
from connectors.commands.serve_pages import serve_pages_until_stopped
from connectors.config_fields import bind as check_bind
from connectors.errors import NotAPortal
from schemas import instant


@click.group(
    cls=LazyGroup,
    places={
        "mandate": "connectors.commands.portal_staff:mandate",
        "ward": "connectors.commands.portal_staff:ward",
    },
)
@config_option
def portal() -> None:
    """Act for citizens, at the portal that serves them."""


@portal.command()
@click.option("--bind", help="Where to listen, like 127.0.0.1:8761. Without it: portal.bind of the settings.")
@click.option(
    "--metrics", help="Where to tell the counters (Prometheus), like 127.0.0.1:9101. Without it: not."
)
@pass_invocation
def serve(invocation: Invocation, bind: str | None, metrics: str | None) -> None:
    """Show the citizens' pages in one more process, beside `accord connector run`, on the same database.

    For more visitors than one process can answer. Nothing is sent or received here; that stays with `run`.
    """
    config = invocation.config()
    if config.portal is None:
        raise NotAPortal(remedy="Write the section [portal] into the settings.")
    serve_pages_until_stopped(config, config.portal, bind or config.portal.bind, _address(metrics))


def _address(written: str | None) -> tuple[str, int] | None:
    """Take an address apart; raise click's own refusal."""
    if written is None:
        return None
    try:
        check_bind(written)
    except ValidationError as error:
        raise click.BadParameter(str(error.messages[0]), param_hint="--metrics") from error
    host, _colon, port = written.rpartition(":")
    return host.strip("[]"), int(port)


@portal.command()
@click.option(
    "--code", prompt="Code", hide_input=True, help="The code that the agency handed over in person."
)
@json_option
@pass_invocation
def join(invocation: Invocation, code: str) -> None:
    """Take the citizen's seat in a case with the code from the agency."""
    found = invocation.running().post("/v1/invitations/join", {"code": code})
    invocation.show(found, lambda: output.say(f"Joined {found['case']}; the agency now attests the keys."))


@portal.command()
@click.argument("case_id", metavar="CASE")
@json_option
@pass_invocation
def requests(invocation: Invocation, case_id: str) -> None:
    """List what agencies ask for in CASE, and what was decided."""
    running = invocation.running()
    found = {
        **running.get(f"/v1/cases/{case_id}/consents"),
        **running.get(f"/v1/cases/{case_id}/consent-requests"),
    }
    invocation.show(found, lambda: print_consents(found))


@portal.command()
@click.argument("request_id", metavar="REQUEST")
@click.option("--leave-out", multiple=True, help="An optional category to leave out. Repeat the option.")
@click.option("--until", help="An earlier end than was asked for, like 2026-12-24T00:00:00.000Z.")
@click.option("--acr", required=True, help="How surely the person had signed in (level of assurance).")
@click.option("--signed-in-at", help="When they had signed in. Without it: now.")
@json_option
@pass_invocation
def grant(
    invocation: Invocation,
    request_id: str,
    *,
    leave_out: tuple[str, ...],
    until: str | None,
    acr: str,
    signed_in_at: str | None,
) -> None:
    """Bring the citizen's yes to REQUEST, or to less of it."""
    now = instant.format(instant.now())
    body = {"shown_at": now, "leave_out": list(leave_out), "acr": acr, "auth_time": signed_in_at or now}
    body |= {"valid_until": until} if until else {}
    found = invocation.running().post(f"/v1/consent-requests/{request_id}/grant", body)
    invocation.show(found, lambda: output.say("Granted."))


@portal.command()
@click.argument("request_id", metavar="REQUEST")
@json_option
@pass_invocation
def refuse(invocation: Invocation, request_id: str) -> None:
    """Bring the citizen's no to REQUEST; no reason is asked for."""
    found = invocation.running().post(f"/v1/consent-requests/{request_id}/refuse")
    invocation.show(found, lambda: output.say("Refused."))


@portal.command()
@click.argument("consent_id", metavar="CONSENT")
@json_option
@pass_invocation
def withdraw(invocation: Invocation, consent_id: str) -> None:
    """Take CONSENT back; no reason is asked for, and it overtakes everything else that waits."""
    _move(invocation, consent_id, "withdraw", "Withdrawn.")


@portal.command()
@click.argument("consent_id", metavar="CONSENT")
@json_option
@pass_invocation
def suspend(invocation: Invocation, consent_id: str) -> None:
    """Pause CONSENT: nothing moves until it is resumed."""
    _move(invocation, consent_id, "suspend", "Paused.")


@portal.command()
@click.argument("consent_id", metavar="CONSENT")
@json_option
@pass_invocation
def resume(invocation: Invocation, consent_id: str) -> None:
    """Let CONSENT go on."""
    _move(invocation, consent_id, "resume", "Goes on.")


@portal.command()
@click.argument("case_id", metavar="CASE")
@json_option
@pass_invocation
def previews(invocation: Invocation, case_id: str) -> None:
    """List the records in CASE that only the citizen has seen, and that wait for their word."""
    found = invocation.running().get(f"/v1/cases/{case_id}/previews")
    columns = ("Release", "Category", "From", "To", "Since")
    rows = [
        (one["release"], one["category"], one["source"], one["recipient"], one["at"])
        for one in found["previews"]
    ]
    invocation.show(found, lambda: output.table("To see first", columns, rows, empty="Nothing waits."))


@portal.command("pass")
@click.argument("release_id", metavar="RELEASE")
@click.option("--stop", is_flag=True, help="Do not pass it on; no reason is asked for.")
@json_option
@pass_invocation
def pass_on(invocation: Invocation, release_id: str, *, stop: bool) -> None:
    """Pass the record of RELEASE on to who asked for it."""
    body = {"decision": "stop" if stop else "pass"}
    found = invocation.running().post(f"/v1/releases/{release_id}/pass", body)
    invocation.show(found, lambda: output.say("Stopped." if stop else "Passed on."))


@portal.command()
@click.argument("request_id", metavar="REQUEST")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@json_option
@pass_invocation
def offer(invocation: Invocation, request_id: str, file: Path) -> None:
    """Offer the narrower terms of FILE (.toml or .json with `terms`) in answer to REQUEST."""
    found = invocation.running().post(f"/v1/consent-requests/{request_id}/offer", read_document(file))
    invocation.show(found, lambda: output.say(f"Offered. The offer is {found['message']}."))


def _move(invocation: Invocation, consent: str, verb: str, words: str) -> None:
    found = invocation.running().post(f"/v1/consents/{consent}/{verb}")
    invocation.show(found, lambda: output.say(words))


@portal.command()
@click.argument("case_id", metavar="CASE")
@click.option("--show", "statement", help="Print this statement.")
@json_option
@pass_invocation
def records(invocation: Invocation, case_id: str, statement: str | None) -> None:
    """List the records of CASE, or print one. The citizen's own reading is told to nobody."""
    running = invocation.running()
    if statement is not None:
        found = running.post(f"/v1/records/{statement}/read")
        invocation.show(
            found, lambda: output.facts(f"{found['schema']} by {found['issuer']}", found["content"])
        )
        return
    listed = running.get(f"/v1/cases/{case_id}")["statements"]
    rows = [(one["id"], one["schema"], one["issuer"], one["at"], one["state"]) for one in listed]
    columns = ("Statement", "Kind", "By", "At", "State")
    invocation.show(listed, lambda: output.table("Records", columns, rows, empty="Nothing was shared yet."))


@portal.command("who-looked")
@click.argument("case_id", metavar="CASE")
@json_option
@pass_invocation
def who_looked(invocation: Invocation, case_id: str) -> None:
    """List who looked at what in CASE, why, and in an emergency by what right."""
    running = invocation.running()
    found = {**running.get(f"/v1/cases/{case_id}/views"), **running.get(f"/v1/cases/{case_id}/emergencies")}
    rows = [
        (one["at"], one["member"], one["actor"].get("role"), one["reason"].get("code"), one["viewed"])
        for one in found["views"]
    ]
    opened = [
        (one["at"], one["member"], one["reason"], one["until"], one["outcome"])
        for one in found["emergencies"]
    ]

    def people() -> None:
        columns = ("When", "Organisation", "Role", "Reason", "What")
        output.table("Who looked", columns, rows, empty="Nobody has reported that they looked.")
        columns = ("When", "Organisation", "Reason", "Until", "Review")
        output.table("Emergencies", columns, opened, empty="No emergency was opened.")

    invocation.show(found, people)


@portal.command()
@click.argument("case_id", metavar="CASE")
@json_option
@pass_invocation
def board(invocation: Invocation, case_id: str) -> None:
    """Show which organisations have confirmed an erasure in CASE, and which have not."""
    found = invocation.running().get(f"/v1/cases/{case_id}/erasures")
    rows = [
        (
            one["member"],
            one["category"],
            one["kind"],
            one["why"],
            one["ended_at"],
            one["confirmed_at"] or "not yet",
            one["kept"],
        )
        for one in found["erasures"]
    ]
    columns = ("Organisation", "What", "Brought by", "Why", "Due since", "Deletion confirmed", "Kept")
    invocation.show(found, lambda: output.table("Erasures", columns, rows, empty="Nothing had to be erased."))


@portal.command()
@click.argument("statement")
@click.argument("words", type=click.File(encoding="utf-8"), default="-", metavar="[FILE]")
@click.option(
    "--field", "fields", multiple=True, required=True, help="A field that is wrong. Repeat the option."
)
@json_option
@pass_invocation
def contest(invocation: Invocation, statement: str, words: TextIO, fields: tuple[str, ...]) -> None:
    """Say what is wrong in STATEMENT, in the words of FILE or of the standard input."""
    body = {"text": coordination.text_of(words), "fields": list(fields)}
    found = invocation.running().post(f"/v1/records/{statement}/contest", body)
    invocation.show(found, lambda: output.say("Contested. The mark stays until the source has answered."))


coordination.add_to(portal)
