"""Agreements between members: the document that never changes, its state, and who has signed.

Loads rows by reference, gives frozen values, writes changed ones back. A document was checked when it was
proposed; it is read once and kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from coordinator.database.one_of import Lookup, one_of
from coordinator.database.tables import agreement_signatures, agreements
from coordinator.register.kept import Kept
from schemas.agreement import Agreement
from schemas.agreement import load_agreement as read_agreement
from schemas.errors import AgreementNotInForce
from schemas.instant import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class KnownAgreement:
    """An agreement and the state it is in; `document` is there only until it has been stored."""

    ref: str
    id: str
    version: int
    status: str
    sha256: bytes
    proposed_by: str
    proposal: str
    valid_from: datetime
    valid_until: datetime
    terms: Agreement
    document: str | None = None

    def check_in_force(self, now: datetime) -> None:
        """Raise AgreementNotInForce unless all have signed it and its time has begun and not passed."""
        if self.status != "in_force":
            raise AgreementNotInForce(
                f"The agreement is {self.status}.", agreement=self.ref, state=self.status
            )
        if now < self.valid_from:
            raise AgreementNotInForce("The agreement begins later.", agreement=self.ref, state="not_yet")
        if now >= self.valid_until:
            raise AgreementNotInForce("The agreement has ended.", agreement=self.ref, state="ended")


@dataclass(frozen=True, slots=True)
class Signature:
    """A party's consent to an agreement, given by a message."""

    ref: str
    member: str
    message: str


_STATE = (
    agreements.c.ref,
    agreements.c.id,
    agreements.c.version,
    agreements.c.status,
    agreements.c.sha256,
    agreements.c.proposed_by,
    agreements.c.proposal,
    agreements.c.valid_from,
    agreements.c.valid_until,
)
BY_REF = Lookup(select(*_STATE).where(one_of(agreements.c.ref, "refs")))
_BY_ID = Lookup(select(*_STATE).where(one_of(agreements.c.id, "ids")))
_DOCUMENTS = Lookup(select(agreements.c.ref, agreements.c.document).where(one_of(agreements.c.ref, "refs")))
_SIGNED = Lookup(select(agreement_signatures).where(one_of(agreement_signatures.c.ref, "refs")))
_NEW = insert(agreements)
_CHANGED = update(agreements).where(agreements.c.ref == bindparam("which")).values(status=bindparam("status"))
_SIGN = insert(agreement_signatures)

_kept: Kept[Agreement] = Kept(4096)


def load_agreements(connection: Connection, refs: Iterable[str]) -> dict[str, KnownAgreement]:
    """Give the agreements of these references that exist."""
    return _complete(connection, BY_REF.all(connection, refs))


def load_versions(connection: Connection, ids: Iterable[str]) -> dict[str, KnownAgreement]:
    """Give all versions of these agreements, by reference."""
    return _complete(connection, _BY_ID.all(connection, ids))


def load_signatures(connection: Connection, refs: Iterable[str]) -> dict[tuple[str, str], Signature]:
    """Give the signatures under these agreements: (reference, member) → signature."""
    rows = _SIGNED.all(connection, refs)
    return {(row.ref, row.member): Signature(row.ref, row.member, row.message) for row in rows}


def save_agreements(connection: Connection, changed: Iterable[KnownAgreement]) -> None:
    """Store new agreements, and the state of those whose state changed."""
    listed = list(changed)
    new = [_row(agreement) for agreement in listed if agreement.document is not None]
    old = [{"which": each.ref, "status": each.status} for each in listed if each.document is None]
    if new:
        connection.execute(_NEW, new)
    if old:
        connection.execute(_CHANGED, old)


def save_signatures(connection: Connection, new: Iterable[Signature]) -> None:
    """Store new signatures."""
    rows = [{"ref": each.ref, "member": each.member, "message": each.message} for each in new]
    if rows:
        connection.execute(_SIGN, rows)


def _complete(connection: Connection, rows: Sequence[Any]) -> dict[str, KnownAgreement]:
    """Add the documents: from memory, or from the database for those not seen before."""
    known = {row.ref: _kept.get(bytes(row.sha256)) for row in rows}
    missing = [ref for ref, terms in known.items() if terms is None]
    if missing:
        digests = {row.ref: bytes(row.sha256) for row in rows}
        for found in _DOCUMENTS.all(connection, missing):
            read = read_agreement(json.loads(found.document))
            known[found.ref] = read
            _kept.put(digests[found.ref], read)
    return {row.ref: _agreement(row, terms) for row in rows if (terms := known[row.ref]) is not None}


def _agreement(row: Any, terms: Agreement) -> KnownAgreement:
    return KnownAgreement(
        ref=row.ref,
        id=row.id,
        version=row.version,
        status=row.status,
        sha256=bytes(row.sha256),
        proposed_by=row.proposed_by,
        proposal=row.proposal,
        valid_from=from_ms(row.valid_from),
        valid_until=from_ms(row.valid_until),
        terms=terms,
    )


def _row(agreement: KnownAgreement) -> dict[str, Any]:
    return {
        "ref": agreement.ref,
        "id": agreement.id,
        "version": agreement.version,
        "status": agreement.status,
        "document": agreement.document,
        "sha256": agreement.sha256,
        "proposed_by": agreement.proposed_by,
        "proposal": agreement.proposal,
        "valid_from": to_ms(agreement.valid_from),
        "valid_until": to_ms(agreement.valid_until),
    }
