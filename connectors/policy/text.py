"""From the text of one .cedar file to its rules, each with its @id and its line.

Cedar's parser names no line and numbers the rules (`policy0`), so the text is cut into single rules first:
an error then has a place, and the audit a name. Whether the rules fit the schema is checked in `policy.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cedarpy

from connectors.policy.faults import PolicyFault

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|;|\s+|[^";/\s]+|.', re.DOTALL)
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One permit or forbid: its @id, where it stands, its source and its JSON form."""

    id: str
    file: str
    line: int
    source: str
    json: dict[str, Any]


def rules_of(path: Path) -> Iterator[Rule]:
    """Give the rules of one file in their order, or raise PolicyFault with file and line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyFault(
            f"{path.name}: the file cannot be read as UTF-8 text.",
            remedy="Check that the file exists, that the connector may read it, and save it as UTF-8.",
            file=path.name,
        ) from error
    for line, source in _cut(text):
        yield _parse(path.name, line, source)


def _cut(text: str) -> Iterator[tuple[int, str]]:
    """Cut at every `;` that is not inside a string or a comment; give the line of each rule's first word."""
    line, start, rule = 1, 0, ""
    for part in _PIECE.findall(text):
        blank = part.isspace() or part.startswith("//")
        if not start and not blank:
            start = line
        if start:
            rule += part
        if part == ";":
            yield start, rule
            start, rule = 0, ""
        line += part.count("\n")
    if start:
        yield start, rule


def _parse(file: str, line: int, source: str) -> Rule:
    try:
        parsed = json.loads(cedarpy.policies_to_json_str(source))
    except ValueError as error:
        raise fault(file, line, f"this is not a Cedar rule: {error}") from error
    if parsed["templates"] or len(parsed["staticPolicies"]) != 1:
        raise fault(file, line, "templates (?principal, ?resource) are not used here")
    (rule,) = parsed["staticPolicies"].values()
    name = rule.get("annotations", {}).get("id") or ""
    if not _ID.fullmatch(name):
        raise fault(file, line, 'the rule needs an @id("…") of lower-case letters, digits and . _ -')
    return Rule(id=name, file=file, line=line, source=source, json=rule)


def fault(file: str, line: int, what: str) -> PolicyFault:
    """Make the error that names the place."""
    return PolicyFault(
        f"{file}, line {line}: {what}.",
        remedy="Correct the rule, then run `accord connector policy test`.",
        file=file,
        line=line,
    )
