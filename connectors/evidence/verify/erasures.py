"""Check 15: after a consent was withdrawn, covers less by a new decision, or ended with the citizen's seat,
which recipients have confirmed the erasure, and which have not.

A missing confirmation does not make the file wrong; it is named, because somebody should ask for it.
Releases that were taken out of the mailbox before they were collected need none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from connectors.evidence.verify.consents import Consents
from connectors.evidence.verify.findings import ERASURE, Findings
from schemas.consent_succession import Held
from schemas.errors import Unverified
from schemas.messages.envelope import Message
from schemas.messages.fields import CITIZEN

ERASED: Final = "record.erased/1"
WITHDRAWN: Final = "delivery.withdrawn/1"


@dataclass(slots=True)
class Erasures:
    """Who confirmed what, up to one place of the log."""

    confirmed: set[tuple[str, str]] = field(default_factory=set)
    never_collected: set[tuple[str, str | None]] = field(default_factory=set)
    """Release and recipient; without recipient: nobody collected it."""
    _sha256: dict[str, str] = field(default_factory=dict)

    def released(self, message: Message) -> None:
        """Remember the digest of a release, to compare with the one that is said to be erased."""
        self._sha256[message.id] = message.sha256.hex()

    def take(self, message: Message) -> None:
        """Follow a confirmation; raise Unverified when it speaks of other bytes."""
        body = message.body or {}
        if message.type == WITHDRAWN:
            boxes = body.get("mailboxes", [None])
            self.never_collected.update((body["message"], member) for member in boxes)
            return
        for erased in body["messages"]:
            known = self._sha256.get(erased["id"], erased["sha256"])
            if known != erased["sha256"]:
                raise Unverified(
                    "What was erased has another digest than what was released.", about=erased["id"]
                )
            self.confirmed.add((erased["id"], message.sender))

    def report(self, releases: list[Message], consents: Consents, findings: Findings) -> None:
        """Name every release whose consent was taken back and whose erasure a recipient has not confirmed."""
        for message in releases:
            ended_by = _ended_by(message, consents)
            if ended_by is None or (message.id, None) in self.never_collected:
                continue
            done = self.confirmed | self.never_collected
            for recipient in message.to:
                if recipient != CITIZEN and (message.id, recipient) not in done:
                    findings.add(
                        ERASURE,
                        "erasure_missing",
                        f"{recipient} has not confirmed the erasure of release {message.id} after "
                        f"{ended_by} ended its consent.",
                        severity="missing",
                        message=message.id,
                    )


def _ended_by(message: Message, consents: Consents) -> str | None:
    """Give the message after which this release is to be erased: a withdrawal, a new decision that covers
    less, or the citizen's leaving.
    """
    authority = message.authority
    if authority is None or authority.basis != "consent" or authority.id not in consents.held:
        return None
    found = consents.fate(str(authority.id), Held(message.type, message.categories))
    return consents.held[found.last.id].ended_by if found.why is not None else None
