"""`accord evidence`: make the file that proves a case, and check one from anybody, offline."""

from __future__ import annotations

from pathlib import Path

import click

from connectors.commands import output
from connectors.commands.invocation import Invocation, config_option, json_option, pass_invocation
from connectors.evidence.verify.copied import CopyReport, is_copy, verify_copy
from connectors.evidence.verify.findings import CHECKS, Report
from connectors.evidence.verify.flow import verify
from connectors.evidence.verify.trust import Trust

_COLOURS = {"broken": "bold red", "missing": "yellow", "note": "cyan"}


@click.group()
def evidence() -> None:
    """Prove what happened in a case, to anybody, without this service.

    `export` writes one file; `verify` checks it offline with nothing but the coordinator's public keys.
    """


@evidence.command("export")
@click.argument("case")
@click.option(
    "--output",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write. Without it: accord-evidence-CASE.jsonl in this folder.",
)
@click.option(
    "--with-contents",
    is_flag=True,
    help="Add the opened statements. The file then holds personal data: keep it like the records themselves.",
)
@config_option
@json_option
@pass_invocation
def export_command(invocation: Invocation, case: str, target: Path | None, *, with_contents: bool) -> None:
    """Write the evidence of CASE: messages, receipts, proofs, consents, keys and agreements, in one file."""
    path = target or Path(f"accord-evidence-{case}.jsonl")
    if with_contents:
        warning = "The file will hold personal data, readable by whoever gets it."
        output.errors().print(warning, style="yellow")
    with output.errors().status("Proving every message against the log …"):
        size = invocation.running().download(
            f"/v1/cases/{case}/evidence", {"with_contents": with_contents}, path
        )
    document = {"path": str(path), "bytes": size, "with_contents": with_contents}
    invocation.show(document, lambda: output.facts("Evidence", document))


@evidence.command("verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--keys",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The coordinator's public keys that you trust: the file that `accord connector pin` writes.",
)
@click.option(
    "--fingerprint",
    "fingerprints",
    multiple=True,
    help="Or the fingerprint of each key that you trust: the coordinator's and its log's. Repeat the option.",
)
@json_option
@click.pass_context
def verify_command(
    context: click.Context, file: Path, keys: Path | None, fingerprints: tuple[str, ...]
) -> None:
    """Check FILE offline and name everything that is wrong. Ends with 0 when it holds, with 1 when not.

    FILE is the evidence of a case, or a whole copy that a citizen took along: the ZIP file, or the folder
    into which it was unpacked. In a copy every file is checked.
    """
    if (keys is None) is not bool(fingerprints):
        raise click.UsageError("Say whom you trust: --keys FILE, or --fingerprint for each key.")
    trust = Trust.of_file(keys) if keys else Trust(frozenset(fingerprints))
    if is_copy(file):
        copy = verify_copy(file, trust)
        context.ensure_object(Invocation).show(copy.shown(), lambda: _print_copy(copy))
        context.exit(output.DONE if copy.holds else output.REFUSED)
    report = verify(file, trust)
    context.ensure_object(Invocation).show(report.shown(), lambda: _print(report))
    context.exit(output.DONE if report.holds else output.REFUSED)


def _print_copy(copy: CopyReport) -> None:
    for report in copy.cases.values():
        _print(report)
    if copy.damage:
        lines = [(each.file, f"{each.meaning} ({each.code})") for each in copy.damage]
        output.table("Files", ("File", "What it means"), lines, empty="")
    output.say(f"The copy {'holds' if copy.holds else 'does NOT hold'}: {copy.files} files.")


def _print(report: Report) -> None:
    wrong = {finding.check for finding in report.findings if finding.severity == "broken"}
    output.table(
        f"Case {report.case}, made by {report.by} at {report.made_at}; log of {report.log_size} entries",
        ("Check", "What is checked", "Holds"),
        [(number, says, number not in wrong) for number, says in CHECKS.items()],
        empty="",
    )
    if report.findings:
        output.table(
            "Findings",
            ("Entry", "Message", "Check", "Weight", "What it means"),
            [(f.entry, f.message, f.check, f.severity, f"{f.meaning} ({f.code})") for f in report.findings],
            empty="",
        )
    said = ", ".join(f"{name}: {count}" for name, count in sorted(report.counts.items()))
    output.say(f"The file {'holds' if report.holds else 'does NOT hold'}: {said}.")
