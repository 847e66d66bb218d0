"""What follows from the messages, one after the other in the order of the log: keys, agreements, seats,
consents.

Each family has its own file; here is who gets which message, and under which check a refusal is noted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from connectors.evidence.verify import findings as checks
from connectors.evidence.verify import history as members
from connectors.evidence.verify.agreements import Agreements
from connectors.evidence.verify.consents import Consents
from connectors.evidence.verify.erasures import ERASED, WITHDRAWN, Erasures
from connectors.evidence.verify.findings import Findings
from connectors.evidence.verify.history import History
from connectors.evidence.verify.releases import EMERGENCIES, RELEASES, WORD, Releases
from connectors.evidence.verify.seats import Seats
from connectors.exchange.directory import LEAVE as MEMBER_LEAVE
from connectors.exchange.pinned import PinnedKeys
from schemas.messages import case_v1
from schemas.messages.envelope import Message


class Fold:
    """Everything that is in force at the place of the log that was reached."""

    def __init__(self, case: str, pinned: PinnedKeys, findings: Findings) -> None:
        """Begin with nothing but the coordinator's keys."""
        self._case = case
        self._findings = findings
        self._seen: set[tuple[str, str]] = set()
        self.history = History(pinned)
        self.agreements = Agreements(lambda member: self.history.member(member).first_kid)
        self.seats = Seats(case)
        self.consents = Consents(self.seats, self.agreements)
        self.releases = Releases(self.seats, self.agreements, self.consents)
        self.erasures = Erasures()
        self.sealed: dict[str, Message] = {}

    def take(self, message: Message, receipt: str, admitted_at: datetime, entry: int) -> None:
        """Take one message whose signature, form and place were checked."""
        self._findings.entry = entry
        if (message.sender, message.id) in self._seen:
            self._findings.add(checks.ORDER, "message_twice", "The log holds this message a second time.")
            return
        self._seen.add((message.sender, message.id))
        with self._findings.checking(checks.SIGNATURE):
            self.history.check_in_force(message, admitted_at)
        if message.case is not None and message.case != self._case:
            self._findings.add(checks.FORM, "other_case", "The message belongs to another case.")
            return
        if message.sealed:
            # The sealed bytes were checked; only the header is needed again.
            message = self.sealed[message.id] = replace(message, raw=b"", sealed=())
        self._follow(message, receipt, admitted_at)

    def finish(self) -> None:
        """Look at what can only be said at the end."""
        self._findings.entry = self._findings.message = None
        with self._findings.checking(checks.AGREEMENT):
            self.agreements.settle()
        for member in sorted(self.seats.on_trust):
            self._findings.add(
                checks.SEAT,
                "seat_on_trust",
                f"The message with which {member} opened the case is not in the file; that it sits in it "
                "rests on the coordinator's word alone, which admitted its invitation.",
                severity="note",
            )
        self.releases.report(self._findings)
        self.erasures.report(self.releases.made, self.consents, self._findings)

    def counts(self) -> dict[str, int]:
        """Count what the file shows."""
        return {
            "members": len(self.history),
            "agreements": len(self.agreements),
            "consents": len(self.consents.held),
            "releases": len(self.releases.made),
        }

    def _follow(self, message: Message, receipt: str, admitted_at: datetime) -> None:
        family = message.type.split(".")[0]
        if message.type in members.TYPES:
            self._check(checks.SIGNATURE, lambda: self.history.take(message, receipt))
            if message.type == MEMBER_LEAVE:
                self._ending_seats(message, lambda: self.seats.end(message.sender))
        elif family == "agreement":
            self._check(checks.AGREEMENT, lambda: self.agreements.take(message))
        elif family == "case":
            self._ending_seats(message, lambda: self.seats.take(message))
        elif family == "consent":
            self._check(checks.CONSENT, lambda: self.consents.take(message, admitted_at))
        elif message.type in EMERGENCIES:
            self._check(checks.SEAT, lambda: self.releases.follow_emergency(message))
        elif message.type == WORD:
            self._check(checks.BASIS, lambda: self.releases.pass_on(message))
        elif message.type in RELEASES:
            self.erasures.released(message)
            self._check(checks.BASIS, lambda: self.releases.take(message, admitted_at))
        elif message.type in {ERASED, WITHDRAWN}:
            self._check(checks.ERASURE, lambda: self.erasures.take(message))

    def _ending_seats(self, message: Message, step: Callable[[], None]) -> None:
        """Follow what may end seats; with the citizen's seat end the consents."""
        sat = self.seats.citizen is not None
        self._check(checks.SEAT, step)
        if sat and self.seats.citizen is None and message.type in {case_v1.LEAVE, MEMBER_LEAVE}:
            self._check(checks.CONSENT, lambda: self.consents.end_all(message.id))

    def _check(self, check: int, step: Callable[[], None]) -> None:
        with self._findings.checking(check):
            step()
