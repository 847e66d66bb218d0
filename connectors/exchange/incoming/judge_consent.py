"""The citizen's decisions, checked by ourselves: the proof with the seat's pinned keys, the terms by the
agreement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from connectors.exchange import agreements
from connectors.exchange.connector import Connector
from connectors.exchange.incoming.arrival import Opened
from connectors.exchange.incoming.judge_offer import accepted
from connectors.exchange.seat_keys import passkeys_at
from connectors.exchange.store import alarms, cases, consents, inbox
from connectors.exchange.stored import read_payload
from schemas.consent import Consent, check_agreed, load_consent, seat_keys, verify_proof
from schemas.consent_succession import check_succeeds
from schemas.errors import (
    AlreadySaid,
    NotYourTurn,
    Refusal,
    Unavailable,
    UnknownConsent,
    UnknownRequest,
    Unverified,
    WrongRecipients,
    WrongTransition,
)
from schemas.instant import parse

_MOVES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    # It was admitted in time, even if our own clock has ended the consent meanwhile: what rests on it goes.
    "consent.withdraw/1": ("withdrawn", ("granted", "suspended", "expired")),
    "consent.suspend/1": ("suspended", ("granted",)),
    "consent.resume/1": ("granted", ("suspended",)),
}

_ANSWERABLE = ("open", "expired")
"""What the coordinator admitted was in time, even if our own clock has closed the question meanwhile."""


def _granted(connector: Connector, connection: Connection, opened: Opened) -> None:
    """Accept a consent that names us.

    A consent is told to the agencies that it names before they sit in the case, and then the citizen's keys
    are not known here yet: it is kept, permits nothing, and is proven when the seat is known
    (`prove_waiting`).
    """
    loaded = opened.message
    consent = load_consent((loaded.body or {})["consent"])
    if connector.id not in consent.parties():
        raise WrongRecipients("The consent does not name us.", consent=consent.id)
    if consents.find(connection, consent.id) is not None:
        raise AlreadySaid(consent=consent.id)
    seat = cases.citizen_seat(connection, consent.case)
    if seat is not None:
        _check_grant(
            connector,
            connection,
            Grant(consent, loaded.sender, loaded.at, opened.arrival.decided_at, opened.arrival.index),
            seat,
        )
    consents.granted(
        connection,
        consent.document,
        message=loaded.id,
        portal=loaded.sender,
        valid_until=consent.valid_until,
        index=opened.arrival.index,
        proven=seat is not None,
        now=connector.clock(),
    )
    if loaded.re is not None:
        consents.answered(connection, loaded.re, "granted", loaded.id, since=_ANSWERABLE)


@dataclass(frozen=True, slots=True)
class Grant:
    """A consent and the message that brought it."""

    consent: Consent
    sender: str
    said_at: datetime
    decided_at: datetime
    index: int | None


def _check_grant(connector: Connector, connection: Connection, grant: Grant, seat: Row[Any]) -> None:
    """Raise unless the consent is the citizen's own decision and lies within the agreement.

    1. it comes from the portal that holds the citizen's pinned seat    (an invented consent)
    2. the agreement has everything that it names, on this basis        (silently widened)
    3. its proofs hold with the seat's pinned keys                      (a passkey of the middle's own)
       as they were at its place in the log                             (a passkey that has ended)
    4. it leaves out nobody whom the consent before it names            (an end that nobody tells them)
    """
    if seat.member != grant.sender:
        raise NotYourTurn("Only the portal that holds the citizen's seat brings their decisions.")
    agreement = agreements.in_force(connector, connection, grant.consent.agreement, grant.decided_at)
    check_agreed(grant.consent, agreement)
    keys = seat_keys(seat.member, passkeys_at(connection, seat, grant.index))
    verify_proof(grant.consent, keys, agreement, sent_by=grant.sender, at=grant.said_at)
    _check_succeeds(connection, grant.consent.document)


def _check_succeeds(connection: Connection, document: Mapping[str, Any]) -> None:
    """Raise ConsentDoesNotCover unless it may supersede what it names; the old one may not be known here."""
    old = consents.superseded_by(connection, document)
    if old is not None:
        check_succeeds(document, old.document)


def prove_waiting(connector: Connector, connection: Connection, case: str) -> None:
    """Check the consents of a case that arrived before the citizen's seat was known here; end those that
    fail.
    """
    seat = cases.citizen_seat(connection, case)
    if seat is None:
        return
    for row in consents.unproven(connection, case):
        brought = inbox.find(connection, row.grant_message)
        if brought is None or brought.raw is None:
            continue
        said_at = parse(read_payload(brought.raw)["at"])
        grant = Grant(load_consent(row.document), row.portal, said_at, said_at, row.granted_index)
        try:
            _check_grant(connector, connection, grant, seat)
        except Unavailable:
            raise
        except Refusal as refusal:
            now = connector.clock()
            consents.set_status(connection, row.id, "invalidated", None, now)
            if isinstance(refusal, (Unverified, NotYourTurn)):  # somebody else decided in the citizen's name
                alarms.raise_alarm(connection, "consent_unproven", row.id, refusal.detail, now)
        else:
            consents.end_superseded(connection, row.document, row.granted_index, connector.clock())
        consents.proved(connection, row.id)


def _moved(connector: Connector, connection: Connection, opened: Opened) -> None:
    """Withdraw, suspend or resume: by the portal of the consent, from a state in which that can be."""
    loaded = opened.message
    consent = str((loaded.body or {})["consent"])
    row = consents.find(connection, consent)
    if row is None or row.case != loaded.case:
        raise UnknownConsent(consent=consent)
    if row.portal != loaded.sender:
        raise NotYourTurn("Only the portal that brought the consent changes it.", consent=consent)
    status, since = _MOVES[loaded.type]
    now, index = connector.clock(), opened.arrival.index
    if not consents.set_status(connection, consent, status, index, now, since=since):
        raise WrongTransition(consent=consent, status=row.status)


def _refused(_connector: Connector, connection: Connection, opened: Opened) -> None:
    """The citizen said no to our request."""
    request = opened.message.re or ""
    if not consents.answered(connection, request, "refused", opened.message.id, since=_ANSWERABLE):
        raise UnknownRequest(message=request)


def _asked(connector: Connector, connection: Connection, opened: Opened) -> None:
    """An agency asks the citizen; only a portal that holds the seat is asked."""
    loaded = opened.message
    body: Mapping[str, Any] = loaded.body or {}
    if not connector.keyring.holds_seat(loaded.case or ""):
        raise WrongRecipients("No seat of a citizen in this case is held here.")
    terms = body["terms"]
    accepted(connection, loaded, terms)
    _check_succeeds(connection, terms)
    ref = terms["agreement"]
    agreement = agreements.known(connection, ref)
    if loaded.sender not in agreement.members():
        raise NotYourTurn("Only a party of the agreement asks for consent under it.", agreement=ref)
    consents.asked(
        connection,
        loaded.id,
        case=loaded.case or "",
        sender=loaded.sender,
        terms=terms,
        why=body["why"],
        agreement=ref,
        now=opened.arrival.decided_at,  # from then on it can be answered for so many days
    )


RULES = {
    "consent.grant/1": _granted,
    "consent.withdraw/1": _moved,
    "consent.suspend/1": _moved,
    "consent.resume/1": _moved,
    "consent.refuse/1": _refused,
    "consent.request/1": _asked,
}
