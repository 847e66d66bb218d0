"""Consents of a case: the document that never changes, and the state that does.

Loads rows by id, gives frozen values, writes changed ones back. A document was checked when it was
admitted; it is read once and kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from coordinator.database.one_of import Lookup, one_of
from coordinator.database.tables import consents
from coordinator.register.kept import Kept
from schemas.consent import Consent, load_stored
from schemas.consent_life import what_to_do
from schemas.errors import ConsentNotInForce
from schemas.instant import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class GrantedConsent:
    """A consent and the state it is in; `document` is there only until it has been stored."""

    id: str
    case: str
    status: str
    agreement: str
    purpose: str
    valid_from: datetime
    valid_until: datetime
    granted_by: str
    seq: int
    terms: Consent
    document: str | None = None

    def check_in_force(self, now: datetime) -> None:
        """Raise ConsentNotInForce unless it is granted and its time has begun and not passed."""
        if self.status != "granted":
            detail = f"The consent is {self.status}."
            raise ConsentNotInForce(detail, consent=self.id, state=self.status, **what_to_do(self.status))
        if now < self.valid_from:
            raise ConsentNotInForce("The consent begins later.", consent=self.id, state="not_yet")
        if now >= self.valid_until:
            raise ConsentNotInForce("The consent has expired.", consent=self.id, state="expired")


_STATE = (
    consents.c.id,
    consents.c.case,
    consents.c.status,
    consents.c.agreement,
    consents.c.purpose,
    consents.c.valid_from,
    consents.c.valid_until,
    consents.c.granted_by,
    consents.c.seq,
    consents.c.sha256,
)
BY_ID = Lookup(select(*_STATE).where(one_of(consents.c.id, "ids")))
_BY_CASE = Lookup(select(*_STATE).where(one_of(consents.c.case, "ids")))
_EXPIRED = (
    select(*_STATE)
    .where(consents.c.status.in_(["granted", "suspended"]), consents.c.valid_until <= bindparam("now"))
    .order_by(consents.c.valid_until)
    .limit(bindparam("most"))
)
_DOCUMENTS = Lookup(select(consents.c.id, consents.c.document).where(one_of(consents.c.id, "ids")))
_NEW = insert(consents)
_CHANGED = update(consents).where(consents.c.id == bindparam("which")).values(status=bindparam("status"))

_kept: Kept[Consent] = Kept(4096)


def load_consents(connection: Connection, ids: Iterable[str]) -> dict[str, GrantedConsent]:
    """Give the consents of these ids that exist."""
    return _complete(connection, BY_ID.all(connection, ids))


def load_consents_of(connection: Connection, cases: Iterable[str]) -> dict[str, GrantedConsent]:
    """Give all consents of these cases, whatever their state."""
    return _complete(connection, _BY_CASE.all(connection, cases))


def load_expired(connection: Connection, now: datetime, most: int) -> dict[str, GrantedConsent]:
    """Give consents whose time has passed and whose state does not say so yet."""
    return _complete(connection, connection.execute(_EXPIRED, {"now": to_ms(now), "most": most}).all())


def save_consents(connection: Connection, changed: Iterable[GrantedConsent]) -> None:
    """Store new consents, and the state of those whose state changed."""
    listed = list(changed)
    new = [_row(consent) for consent in listed if consent.document is not None]
    old = [{"which": consent.id, "status": consent.status} for consent in listed if consent.document is None]
    if new:
        connection.execute(_NEW, new)
    if old:
        connection.execute(_CHANGED, old)


def _complete(connection: Connection, rows: Sequence[Any]) -> dict[str, GrantedConsent]:
    """Add the documents: from memory, or from the database for those not seen before."""
    known = {row.id: _kept.get(bytes(row.sha256)) for row in rows}
    missing = [each for each, terms in known.items() if terms is None]
    if missing:
        digests = {row.id: bytes(row.sha256) for row in rows}
        for found in _DOCUMENTS.all(connection, missing):
            read = load_stored(json.loads(found.document))
            known[found.id] = read
            _kept.put(digests[found.id], read)
    return {row.id: _consent(row, terms) for row in rows if (terms := known[row.id]) is not None}


def _consent(row: Any, terms: Consent) -> GrantedConsent:
    return GrantedConsent(
        id=row.id,
        case=row.case,
        status=row.status,
        agreement=row.agreement,
        purpose=row.purpose,
        valid_from=from_ms(row.valid_from),
        valid_until=from_ms(row.valid_until),
        granted_by=row.granted_by,
        seq=row.seq,
        terms=terms,
    )


def _row(consent: GrantedConsent) -> dict[str, Any]:
    return {
        "id": consent.id,
        "case": consent.case,
        "status": consent.status,
        "agreement": consent.agreement,
        "purpose": consent.purpose,
        "document": consent.document,
        "sha256": hashlib.sha256((consent.document or "").encode()).digest(),
        "valid_from": to_ms(consent.valid_from),
        "valid_until": to_ms(consent.valid_until),
        "granted_by": consent.granted_by,
        "seq": consent.seq,
    }
