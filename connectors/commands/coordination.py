"""What is shared in a case, from a terminal: `note`, `message`, `document`, `outcome`, for agency and portal
alike.

Words come from a file or the standard input, never from the command line, which other accounts can see.
"""

from __future__ import annotations

import base64
import getpass
import mimetypes
from pathlib import Path
from typing import Any, Final, TextIO

import click

from connectors.commands import output
from connectors.commands.invocation import Invocation, json_option, pass_invocation
from connectors.commands.writing import reaching
from schemas.messages.coordination_v1 import MESSAGE_KINDS, NOTE_KINDS, OUTCOMES
from schemas.messages.envelope_schema import ATTACHMENT_BYTES

_COLUMNS: Final = ("Statement", "By", "At", "State")
_WORDS = click.argument("words", type=click.File(encoding="utf-8"), default="-", metavar="[FILE]")
_CASE = click.argument("case_id", metavar="CASE")


def text_of(file: TextIO) -> str:
    """Read somebody's words; line ends are those of the protocol, whatever the machine writes."""
    return file.read().replace("\r\n", "\n").strip()


def add_to(group: click.Group) -> None:
    """Put these commands below another."""
    for command in (note, message, document, outcome):
        group.add_command(command)


@click.command()
@_CASE
@_WORDS
@click.option(
    "--kind", type=click.Choice(NOTE_KINDS), help="safe_contact, by the citizen: how they are reached safely."
)
@reaching
@json_option
@pass_invocation
def note(
    invocation: Invocation, case_id: str, words: TextIO, *, kind: str | None, reach: dict[str, Any]
) -> None:
    """Leave a note in CASE, with the words of FILE or of the standard input."""
    _post(invocation, case_id, "notes", {"text": text_of(words), **_given({"kind": kind}), **reach}, "Noted.")


@click.command()
@_CASE
@_WORDS
@click.option(
    "--kind", type=click.Choice(MESSAGE_KINDS), help="A question and a complaint wait for an answer."
)
@click.option("--subject", help="What it is about, in a few words.")
@click.option("--answers", help="The message (its statement) that this answers.")
@reaching
@json_option
@pass_invocation
def message(
    invocation: Invocation,
    case_id: str,
    words: TextIO,
    *,
    kind: str | None,
    subject: str | None,
    answers: str | None,
    reach: dict[str, Any],
) -> None:
    """Write to those in CASE, with the words of FILE or of the standard input."""
    said = {"kind": kind, "subject": subject, "answers": answers}
    _post(invocation, case_id, "messages", {"text": text_of(words), **_given(said), **reach}, "Sent.")


@click.command()
@_CASE
@_WORDS
@click.option("--result", type=click.Choice(OUTCOMES), required=True, help="Whether help arrived.")
@click.option("--answers", help="The outcome (its statement) of the other side that this answers.")
@click.option("--agrees/--disagrees", "agrees", default=None, help="Whether we agree with it.")
@reaching
@json_option
@pass_invocation
def outcome(
    invocation: Invocation,
    case_id: str,
    words: TextIO,
    *,
    result: str,
    answers: str | None,
    agrees: bool | None,
    reach: dict[str, Any],
) -> None:
    """Say whether help arrived in CASE; FILE or the standard input may say more, or be empty."""
    said = {"text": text_of(words) or None, "answers": answers, "agrees": agrees}
    _post(invocation, case_id, "outcomes", {"outcome": result, **_given(said), **reach}, "Said.")


@click.group()
def document() -> None:
    """Documents of a case: files that only their readers can open."""


@document.command("add")
@_CASE
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--title", help="What it is. Without it: the file's name.")
@reaching
@json_option
@pass_invocation
def add_document(
    invocation: Invocation, case_id: str, file: Path, *, title: str | None, reach: dict[str, Any]
) -> None:
    """Seal FILE (25 MiB at most) and share it in CASE."""
    _check_size(file)
    body = {
        "title": title or file.name,
        "name": file.name,
        "media_type": mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        "data": base64.b64encode(file.read_bytes()).decode("ascii"),
    }
    _post(invocation, case_id, "documents", {**body, **reach}, "Added.")


def _check_size(file: Path) -> None:
    """Say at once what the connector would only say once it has the whole file."""
    size = file.stat().st_size
    if not 0 < size <= ATTACHMENT_BYTES:
        fault = "is empty" if size == 0 else "has more than 25 MiB"
        raise click.UsageError(f"{file} {fault}; name another file.")


@document.command("list")
@_CASE
@json_option
@pass_invocation
def list_documents(invocation: Invocation, case_id: str) -> None:
    """List the documents of CASE, without what is in them."""
    found = invocation.running().get(f"/v1/cases/{case_id}/documents")
    rows = [(one["id"], one["issuer"], one["at"], one["state"]) for one in found["statements"]]
    invocation.show(
        found, lambda: output.table("Documents", _COLUMNS, rows, empty="There are no documents yet.")
    )


@document.command("get")
@click.argument("statement")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.option("--reason", default="case_work", show_default=True, help="A code for why. The citizen is told.")
@click.option("--role", default="operator", show_default=True, help="The role in which you look.")
@click.option("--by", help="Your pseudonym. Without it: your account's name.")
@json_option
@pass_invocation
def get_document(
    invocation: Invocation, statement: str, target: Path, *, reason: str, role: str, by: str | None
) -> None:
    """Write the document STATEMENT to FILE. That you looked is told to the citizen before."""
    if target.exists():
        raise click.UsageError(f"{target} exists already; name a new file.")
    body = {"actor": {"pseudonym": by or getpass.getuser(), "role": role}, "reason": {"code": reason}}
    size = invocation.running().download(f"/v1/documents/{statement}/read", body, target)
    found = {"path": str(target), "bytes": size}
    invocation.show(found, lambda: output.say(f"Written to {target}."))


def _post(invocation: Invocation, case: str, what: str, body: dict[str, Any], done: str) -> None:
    _say_how_they_are_reached(invocation, case)
    found = invocation.running().post(f"/v1/cases/{case}/{what}", body)
    invocation.show(found, lambda: output.say(done))


def _say_how_they_are_reached(invocation: Invocation, case: str) -> None:
    """Show whoever writes from an agency what the citizen asks for; beside the output that programs read."""
    found = invocation.running().get(f"/v1/cases/{case}")
    asked = found["safe_contact"]
    own = {one["id"] for one in found["statements"] if one["mine"]}
    if asked is not None and asked["statement"] not in own:
        output.errors().print(f"The person asks: {asked['text']}", markup=False)


def _given(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}
