"""What a check of an evidence file can find, and the report of all of it.

Every finding names the check, the entry of the file, the message, and what it means for the reader.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Literal

from schemas.errors import Refusal

CHECKS: Final = {
    1: "The file is whole: every line in its place, linked to the one before.",
    2: "The coordinator's keys in the file are the ones that you trust.",
    3: "The log's checkpoint is signed by the log's key.",
    4: "Earlier checkpoints are beginnings of the same log.",
    5: "Every message has the coordinator's receipt for exactly its bytes.",
    6: "Every message, also an erased one, stands in the log at its place.",
    7: "The order is the log's; no message is there twice.",
    8: "Every message is signed by a key of its sender that was in force.",
    9: "Every message has the form of its type.",
    10: "Agreements are signed by all their parties.",
    11: "Seats rest on an invitation, and the citizen's keys were attested.",
    12: "Consents come from the citizen's portal, with the proof they claim.",
    13: "Every release rests on a consent, a clause or an emergency in force at its place in the order.",
    14: "Opened statements are their issuer's own, and belong to the message they are shown with.",
    15: "After a withdrawal, every recipient has confirmed the erasure.",
    16: "The file is sealed by the member that made it.",
}
(FORM, TRUST, CHECKPOINT, CONSISTENCY, RECEIPT, INCLUSION, ORDER, SIGNATURE) = range(1, 9)
(SCHEMA, AGREEMENT, SEAT, CONSENT, BASIS, CONTENTS, ERASURE, SEAL) = range(9, 17)

Severity = Literal["broken", "missing", "note"]
"""broken: the file does not prove what it says. missing: something should have happened and has not yet.
note: what the reader should know."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or worth knowing, with its place."""

    check: int
    code: str
    meaning: str
    entry: int | None = None
    message: str | None = None
    severity: Severity = "broken"

    def shown(self) -> dict[str, Any]:
        """Give the finding as JSON."""
        return {
            "check": self.check,
            "code": self.code,
            "severity": self.severity,
            "entry": self.entry,
            "message": self.message,
            "meaning": self.meaning,
        }


@dataclass(slots=True)
class Findings:
    """Collects findings while the file is read."""

    found: list[Finding] = field(default_factory=list)
    entry: int | None = None
    message: str | None = None

    def add(
        self,
        check: int,
        code: str,
        meaning: str,
        *,
        severity: Severity = "broken",
        entry: int | None = None,
        message: str | None = None,
    ) -> None:
        """Note a finding, at the entry that is being read unless another is named."""
        at = self.entry if entry is None else entry
        about = self.message if entry is None and message is None else message
        self.found.append(Finding(check, code, meaning, at, about, severity))

    def checking(self, check: int) -> Checking:
        """Turn a refusal inside the block into a finding, and go on: one damage must not hide another."""
        return Checking(self, check)


@dataclass(frozen=True, slots=True)
class Checking:
    """A block whose refusals become findings of one check."""

    findings: Findings
    check: int

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        """Swallow a refusal, after noting it; let everything else through."""
        if not isinstance(error, Refusal):
            return False
        self.findings.add(self.check, error.code, error.detail)
        return True


@dataclass(frozen=True, slots=True)
class Report:
    """What the file says and whether it holds."""

    case: str
    by: str
    made_at: str
    origin: str
    log_size: int
    counts: dict[str, int]
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing is broken; what is merely missing or worth a note does not count."""
        return not any(finding.severity == "broken" for finding in self.findings)

    def shown(self) -> dict[str, Any]:
        """Give the report as JSON."""
        return {
            "holds": self.holds,
            "case": self.case,
            "by": self.by,
            "made_at": self.made_at,
            "origin": self.origin,
            "log_size": self.log_size,
            "counts": dict(self.counts),
            "checks": [
                {
                    "check": number,
                    "says": says,
                    "holds": not any(
                        finding.check == number and finding.severity == "broken" for finding in self.findings
                    ),
                }
                for number, says in CHECKS.items()
            ],
            "findings": [finding.shown() for finding in self.findings],
        }
