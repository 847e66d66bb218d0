"""Asking for consent, and the citizen's decisions as the portal brings them."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row

from connectors.exchange import agreements
from connectors.exchange.connector import Connector
from connectors.exchange.errors import AlreadyDecided, NotHere
from connectors.exchange.outgoing.compose import CITIZEN, sign_open
from connectors.exchange.parsed import consent_of
from connectors.exchange.seat_keys import passkeys_at
from connectors.exchange.spool import post
from connectors.exchange.store import cases, consents, offers
from schemas import instant
from schemas.consent import (
    Consent,
    check_accepts,
    check_agreed,
    check_answers,
    check_offer,
    load_consent,
    load_terms,
    seat_keys,
    verify_proof,
)
from schemas.consent_life import ANSWER_WITHIN, Event, check_answerable, next_status
from schemas.consent_succession import check_succeeds
from schemas.errors import (
    AgreementDoesNotCover,
    Invalid,
    NoSeat,
    RequestExpired,
    RequestReplaced,
    UnknownConsent,
    WrongTransition,
)
from schemas.instant import from_ms
from schemas.vague_purpose import check_concrete
from schemas.wire import b64u

_NONCE_BYTES = 16
_MOVES = {
    "consent.withdraw/1": ("withdrawn", ("granted", "suspended")),
    "consent.suspend/1": ("suspended", ("granted",)),
    "consent.resume/1": ("granted", ("suspended",)),
}


def ask_consent(
    connector: Connector,
    case: str,
    terms: Mapping[str, Any],
    why: Mapping[str, str],
    *,
    offer: str | None = None,
) -> str:
    """Ask the citizen; gives the id of the request. `terms` may leave out `schema`, `case` and `nonce`.

    With `offer` it asks for what the citizen had offered, in place of the request before. Raises Invalid when
    the reason says nothing, ConsentDoesNotCover when it could not take the place of what it supersedes.
    """
    check_concrete(why)
    whole = {"schema": "consent/1", "case": case, "nonce": b64u(os.urandom(_NONCE_BYTES)), **terms}
    load_terms(whole)
    agreements.ensure(connector, whole["agreement"])
    _check_agreed(connector, whole)
    now = connector.clock()
    body = {"terms": whole, "why": dict(why)}
    signed = sign_open(connector, now, type="consent.request/1", to=[CITIZEN], case=case, re=offer, body=body)
    with connector.database.writing() as connection:
        cases.require(connection, case)
        _check_succeeds(connection, whole)
        consents.asked(
            connection,
            signed.id,
            case=case,
            sender=connector.id,
            terms=whole,
            why=why,
            agreement=whole["agreement"],
            now=now,
        )
        if offer is not None:
            _accept(connection, offer, case, whole, signed.id)
        return post(connection, signed, now)


def _check_agreed(connector: Connector, terms: Mapping[str, Any]) -> None:
    """Raise AgreementDoesNotCover if the purpose is said in other words than those that all have signed.

    And if somebody is named who has not signed: nothing would bind them.
    """
    with connector.database.reading() as connection:
        agreement = agreements.known(connection, terms["agreement"])
    agreement.check_purpose_text(terms["purpose"]["code"], terms["purpose"]["text"])
    outside = {*terms["sources"], *terms["recipients"]} - agreement.members()
    if outside:
        raise AgreementDoesNotCover(
            "It names who is no party of the agreement.",
            agreement=agreement.ref,
            members=", ".join(sorted(outside)),
        )


def _accept(connection: Connection, offer: str, case: str, terms: Mapping[str, Any], request: str) -> None:
    row = offers.find(connection, offer)
    if row is None or row.case != case:
        raise NotHere("There is no such offer here.", offer=offer)
    check_accepts(terms, row.terms)
    if not offers.accept(connection, row, request):
        raise AlreadyDecided("This offer was accepted before.", offer=offer, state=row.state)


def accept_offer(connector: Connector, offer: str) -> str:
    """Ask again for what the citizen has offered, with the first request's reason; gives the new request."""
    with connector.database.reading() as connection:
        row = offers.find(connection, offer)
        first = None if row is None else consents.request(connection, row.request)
    if row is None or first is None or row.asker != connector.id:
        raise NotHere("There is no such offer here.", offer=offer)
    terms = {**row.terms, "nonce": b64u(os.urandom(_NONCE_BYTES))}
    return ask_consent(connector, row.case, terms, first.why, offer=offer)


def offer(connector: Connector, request: str, terms: Mapping[str, Any]) -> str:
    """Offer, as the citizen, narrower terms to who asked; decides nothing. Gives the id of the offer.

    `terms` are the request's, with less in them; `nonce` may be left out.
    """
    whole = {**terms, "nonce": b64u(os.urandom(_NONCE_BYTES))}
    load_terms(whole)
    now = connector.clock()
    with connector.database.writing() as connection:
        row = _open_request(connection, request, now)
        _own_seat(connector, connection, row.case)
        check_offer(whole, row.terms)
        _check_succeeds(connection, whole)
        body = {"terms": whole}
        signed = sign_open(
            connector, now, type="consent.offer/1", to=[row.sender], case=row.case, re=request, body=body
        )
        offers.offered(
            connection,
            signed.id,
            case=row.case,
            request=request,
            asker=row.sender,
            portal=connector.id,
            terms=whole,
            now=now,
        )
        return post(connection, signed, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """How the citizen decided: what was shown when, what they leave out, and until when they allow it."""

    shown_at: datetime
    leave_out: Collection[str] = ()
    valid_until: datetime | None = None
    notice: Mapping[str, str] | None = None
    actor: Mapping[str, str] | None = None
    supersedes: str | None = None
    preview: bool = False
    """The citizen wants to see everything first, although that was not asked of them."""


def draft(connector: Connector, request: str, decision: Decision) -> dict[str, Any]:
    """Make the consent document out of a request, without its proof: what a passkey signs, or the portal
    attests.

    Only less than was asked for can come of it: optional categories left out, an earlier end, a first look.
    """
    now = connector.clock()
    with connector.database.reading() as connection:
        row = _open_request(connection, request, now)
    terms = dict(row.terms)
    notice = {**terms["notice"], **(decision.notice or {}), "shown_at": instant.format(decision.shown_at)}
    until = terms["valid_until"]
    if decision.valid_until is not None:
        until = min(until, instant.format(decision.valid_until))
    return {
        **terms,
        **({"preview": True} if decision.preview else {}),
        "id": str(uuid4()),
        "request": row.id,
        "notice": notice,
        "data": _narrowed(terms["data"], decision.leave_out),
        "valid_from": instant.format(now),
        "valid_until": until,
        "supersedes": decision.supersedes or terms["supersedes"],
        "actor": dict(decision.actor or {"kind": "citizen"}),
        "nonce": b64u(os.urandom(_NONCE_BYTES)),
    }


def _narrowed(data: Sequence[Mapping[str, Any]], leave_out: Collection[str]) -> list[dict[str, Any]]:
    """Leave out `category` or `category.field` where it is optional; Invalid if something needed is named."""
    narrowed = []
    unused = set(leave_out)
    for each in data:
        optional = each["necessity"] == "optional"
        gone = {
            field
            for field in each["fields"]
            if optional and {each["category"], f"{each['category']}.{field}"} & set(leave_out)
        }
        unused -= {f"{each['category']}.{field}" for field in gone} | (
            {each["category"]} if optional else set()
        )
        if len(gone) < len(each["fields"]):
            narrowed.append({**each, "fields": [field for field in each["fields"] if field not in gone]})
    if unused:
        raise Invalid(
            "Only optional data can be left out.", path="leave_out", names=", ".join(sorted(unused))
        )
    return narrowed


def portal_proof(acr: str, auth_time: datetime) -> dict[str, str]:
    """Give the portal's word for a signed-in person."""
    return {"kind": "portal", "acr": acr, "auth_time": instant.format(auth_time)}


def grant(connector: Connector, document: Mapping[str, Any], proof: Sequence[Mapping[str, Any]]) -> str:
    """Bring the citizen's yes: checked here as every agency will check it; gives the id of the message."""
    whole = {**document, "proof": [dict(each) for each in proof]}
    consent = load_consent(whole)
    agreements.ensure(connector, consent.agreement)
    now = connector.clock()
    with connector.database.reading() as connection:
        _check_before_granting(connector, connection, consent, now)
    signed = sign_open(
        connector,
        now,
        about=consent.id,
        type="consent.grant/1",
        to=_told(connector, consent),
        case=consent.case,
        re=consent.request,
        body={"consent": whole},
    )
    with connector.database.writing() as connection:
        if consent.request is not None and not consents.answered(
            connection, consent.request, "granted", signed.id
        ):
            raise AlreadyDecided("This request was answered before.", request=consent.request)
        consents.granted(
            connection,
            whole,
            message=signed.id,
            portal=connector.id,
            valid_until=consent.valid_until,
            index=None,
            proven=True,
            now=now,
        )
        return post(connection, signed, now)


def _check_before_granting(
    connector: Connector, connection: Connection, consent: Consent, now: datetime
) -> None:
    seat = _own_seat(connector, connection, consent.case)
    agreement = agreements.in_force(connector, connection, consent.agreement, now)
    check_agreed(consent, agreement)
    keys = seat_keys(connector.id, passkeys_at(connection, seat, None))
    verify_proof(consent, keys, agreement, sent_by=connector.id, at=now)
    if consent.supersedes is not None:
        old = consents.superseded_by(connection, consent.document)
        if old is None:
            raise UnknownConsent(consent=consent.supersedes)
        next_status(old.status, Event.SUPERSEDE)
        check_succeeds(consent.document, old.document)
    if consent.request is not None:
        check_answers(consent.document, _open_request(connection, consent.request, now).terms)


def _check_succeeds(connection: Connection, terms: Mapping[str, Any]) -> None:
    """Raise ConsentDoesNotCover if these terms could never take the place of what they supersede."""
    old = consents.superseded_by(connection, terms)
    if old is not None:
        check_succeeds(terms, old.document)


def _own_seat(connector: Connector, connection: Connection, case: str) -> Row[Any]:
    seat = cases.seat(connection, case, "citizen", connector.id)
    if seat is None or seat.status == "ended":
        raise NoSeat("No seat of a citizen in this case is held here.", case=case)
    return seat


def _open_request(connection: Connection, request: str, now: datetime) -> Row[Any]:
    row = consents.request(connection, request)
    if row is None:
        raise NotHere("There is no such request for consent.", request=request)
    if row.state == "replaced":
        raise RequestReplaced(request=request, by=str(row.answer))
    if row.state == "expired":
        raise RequestExpired(request=request, days=ANSWER_WITHIN.days)
    if row.state != "open":
        raise AlreadyDecided("This request was answered before.", request=request, state=row.state)
    check_answerable(request, from_ms(row.at), now)
    return row


def _told(connector: Connector, consent: Consent) -> list[str]:
    return sorted(consent.parties() - {connector.id})


def refuse(connector: Connector, request: str) -> str:
    """Bring the citizen's no; it needs no reason and no proof."""
    now = connector.clock()
    with connector.database.writing() as connection:
        row = _open_request(connection, request, now)
        signed = sign_open(
            connector, now, type="consent.refuse/1", to=[row.sender], case=row.case, re=request, body={}
        )
        if not consents.answered(connection, request, "refused", signed.id):
            raise AlreadyDecided("This request was answered before.", request=request)
        return post(connection, signed, now)


def withdraw(connector: Connector, consent: str) -> str:
    """Take a consent back: no reason, no passkey; it overtakes everything else that waits to be sent."""
    return _move(connector, consent, "consent.withdraw/1")


def suspend(connector: Connector, consent: str) -> str:
    """Pause a consent."""
    return _move(connector, consent, "consent.suspend/1")


def resume(connector: Connector, consent: str) -> str:
    """Let a paused consent go on."""
    return _move(connector, consent, "consent.resume/1")


def suspend_all(connector: Connector, case: str) -> list[str]:
    """Pause every consent of a case at once, when somebody else decides from now on (coming of age, say).

    All of it in one transaction: either everything is paused, or nothing is. Gives the ids of the messages.
    """
    with connector.database.writing() as connection:
        cases.require(connection, case)
        live = [row for row in consents.of_case(connection, case) if row.status == "granted"]
        ours = [row.id for row in live if row.portal == connector.id]
        return [_move_in(connector, connection, each, "consent.suspend/1") for each in ours]


def _move(connector: Connector, consent: str, kind: str) -> str:
    with connector.database.writing() as connection:
        return _move_in(connector, connection, consent, kind)


def _move_in(connector: Connector, connection: Connection, consent: str, kind: str) -> str:
    status, since = _MOVES[kind]
    now = connector.clock()
    row = consents.find(connection, consent)
    if row is None or row.portal != connector.id:
        raise NotHere("There is no such consent of a citizen served here.", consent=consent)
    if not consents.set_status(connection, consent, status, row.status_index, now, since=since):
        raise WrongTransition(consent=consent, status=row.status)
    signed = sign_open(
        connector,
        now,
        about=consent,
        type=kind,
        to=_told(connector, consent_of(row)),
        case=row.case,
        body={"consent": consent},
    )
    return post(connection, signed, now)
