"""THE CHECK: trust → log → each entry in order (receipt, inclusion, signature, form, what follows) → seal.

Takes a file and the coordinator's keys (or their fingerprints) from the reader, gives a report in which every
damage is named. Asks nobody, opens nothing else. What it cannot show: that the maker left nothing out which
nobody else in the file refers to.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.errors import EvidenceUnreadable
from connectors.evidence.line import FORMAT, LINE_LIMIT, SEAL_TYP, Line
from connectors.evidence.verify import findings as checks
from connectors.evidence.verify.contents import check_contents
from connectors.evidence.verify.findings import Findings, Report
from connectors.evidence.verify.fold import Fold
from connectors.evidence.verify.form import lines
from connectors.evidence.verify.history import History
from connectors.evidence.verify.trust import Trust
from connectors.exchange.pinned import PinnedKeys
from schemas import log, message, receipt
from schemas.errors import LogMismatch, Refusal, Unverified
from schemas.log import Checkpoint
from schemas.messages import envelope
from schemas.messages.envelope import Message
from schemas.messages.fields import UUID7
from schemas.receipt import Receipt
from schemas.signed import verify_typed
from schemas.wire import parse, split_compact, unb64u


def verify(path: Path, trust: Trust) -> Report:
    """Check a file from beginning to end; raise EvidenceUnreadable or KeysNotTrusted when it cannot be
    begun.
    """
    return checked(path, trust)[0]


def checked(path: Path, trust: Trust) -> tuple[Report, History]:
    """Check as `verify` does; gives also whose key is whose by the end of the file."""
    findings = Findings()
    walk = lines(path, findings)
    head = next(walk, None)
    if head is None or head.kind != "head":
        raise EvidenceUnreadable(
            "The file does not begin with the head of an evidence file.",
            remedy=f"Its first line says {FORMAT}. If it was changed, ask its maker for the file again.",
            entry=0,
        )
    reader = _Reader.of(head, trust.check(head.data["keys"]), findings)
    for line in walk:
        reader.take(line)
    reader.finish()
    return reader.report(), reader.fold.history


@dataclass(slots=True)
class _Reader:
    """Goes through the lines once; what follows from the messages is in the fold."""

    head: Line
    pinned: PinnedKeys
    findings: Findings
    checkpoint: Checkpoint | None
    fold: Fold
    counts: Counter[str] = field(default_factory=Counter)
    last_index: int = -1

    @classmethod
    def of(cls, head: Line, pinned: PinnedKeys, findings: Findings) -> _Reader:
        """Check the head's checkpoint and begin."""
        checkpoint = None
        with findings.checking(checks.CHECKPOINT):
            checkpoint = log.verify_checkpoint(head.data["checkpoint"], pinned.origin, pinned.log)
        return cls(head, pinned, findings, checkpoint, Fold(head.data["case"], pinned, findings))

    def take(self, line: Line) -> None:
        """Check one line by its kind."""
        self.counts[line.kind] += 1
        step = {
            "checkpoint": self._earlier,
            "message": self._message,
            "erased": self._erased,
            "signed": self._signed,
            "contents": self._contents,
            "end": self._end,
        }.get(line.kind)
        if step is not None:
            step(line)

    def finish(self) -> None:
        """Say what is missing once everything was read."""
        self.fold.finish()

    def report(self) -> Report:
        """Give everything that was found."""
        data = self.head.data
        return Report(
            case=data["case"],
            by=data["by"],
            made_at=data["made_at"],
            origin=self.pinned.origin,
            log_size=self.checkpoint.size if self.checkpoint else 0,
            counts={**self.counts, **self.fold.counts()},
            findings=tuple(self.findings.found),
        )

    # --- the kinds of lines ------------------------------------------------------------------------

    def _earlier(self, line: Line) -> None:
        with self.findings.checking(checks.CONSISTENCY):
            before = log.verify_checkpoint(line.data["note"], self.pinned.origin, self.pinned.log)
            now = self._log()
            proof = _hashes(line.data["consistency"])
            log.verify_consistency(before.size, before.root, now.size, now.root, proof)

    def _message(self, line: Line) -> None:
        """Check one message: 1 receipt, 2 place, 3 order, 4 signature, 5 form, 6 what follows from it."""
        raw = line.data["message"].encode()
        self.findings.message = _claimed_id(raw)
        promised = self._receipt(line, raw)
        if promised is not None:
            self._place(line, promised.commitment)
        self._order(line)
        loaded = self._read(raw)
        if loaded is not None and promised is not None:
            self.fold.take(loaded, line.data["receipt"], promised.admitted_at, line.entry)

    def _erased(self, line: Line) -> None:
        self._place(line, bytes.fromhex(line.data["commitment"]))
        self._order(line)

    def _signed(self, line: Line) -> None:
        """Keep a message without a place: its signature is checked when its agreement is asked for."""
        raw = line.data["message"].encode()
        self.findings.message = _claimed_id(raw)
        self.findings.add(
            checks.INCLUSION,
            "no_place",
            "The maker of the file does not know where in the log this message stands.",
            severity="note",
        )
        self.fold.agreements.take_later(lambda: envelope.load(message.verify(raw, self.fold.history.key_for)))

    def _contents(self, line: Line) -> None:
        about = line.data["message"]
        self.findings.message = about
        with self.findings.checking(checks.CONTENTS):
            check_contents(line.data["statement"], self.fold.sealed.get(about), self.fold.history)

    def _end(self, line: Line) -> None:
        """Check the maker's signature over the number of lines and the last link."""
        data = self.head.data
        with self.findings.checking(checks.SEAL):
            named = {"from": data["by"]}
            sealed = verify_typed(
                line.data["seal"].encode(), lambda kid, _: self.fold.history.key_for(kid, named), typ=SEAL_TYP
            )
            expected: dict[str, Any] = {name: data[name] for name in ("format", "case", "by", "made_at")}
            expected |= {"entries": line.entry, "last": line.previous}
            if dict(sealed.payload) != expected:
                raise Unverified("The seal was made for another file.")

    # --- the parts of a message --------------------------------------------------------------------

    def _receipt(self, line: Line, raw: bytes) -> Receipt | None:
        with self.findings.checking(checks.RECEIPT):
            unverified = _claims(raw)
            return receipt.check(
                line.data["receipt"].encode(),
                self.pinned.key_for,
                id=str(unverified.get("id")),
                sha256=hashlib.sha256(raw).digest(),
            )
        return None

    def _place(self, line: Line, commitment: bytes) -> None:
        with self.findings.checking(checks.INCLUSION):
            now = self._log()
            leaf = log.leaf_hash(commitment)
            proof = _hashes(line.data["inclusion"])
            log.verify_inclusion(leaf, line.data["index"], now.size, proof, now.root)

    def _order(self, line: Line) -> None:
        index = line.data["index"]
        if index == self.last_index:
            self.findings.add(checks.ORDER, "index_twice", f"Place {index} of the log is there twice.")
        elif index < self.last_index:
            self.findings.add(
                checks.ORDER,
                "order_changed",
                f"Place {index} of the log stands after place {self.last_index}.",
            )
        self.last_index = max(self.last_index, index)

    def _read(self, raw: bytes) -> Message | None:
        """Check signature and form; a key in force is a matter of the fold, which knows when it was
        admitted.
        """
        try:
            verified = message.verify(raw, self.fold.history.key_for)
        except Refusal as refusal:
            self.findings.add(checks.SIGNATURE, refusal.code, refusal.detail)
            return None
        with self.findings.checking(checks.SCHEMA):
            return envelope.load(verified)
        return None

    def _log(self) -> Checkpoint:
        if self.checkpoint is None:
            raise LogMismatch("There is no checkpoint that could be relied on.")
        return self.checkpoint


def _hashes(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def _claims(raw: bytes) -> dict[str, Any]:
    """Read what the bytes say about themselves; raise Malformed. Nothing of it is believed."""
    return parse(unb64u(split_compact(raw, 3, limit=LINE_LIMIT)[1]))


def _claimed_id(raw: bytes) -> str | None:
    """Give the id that a message claims, to name it in findings."""
    try:
        claimed = _claims(raw).get("id")
    except Refusal:
        return None
    return claimed if isinstance(claimed, str) and UUID7.fullmatch(claimed) else None
