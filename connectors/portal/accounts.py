"""Whose account, whose case, and who may do what in it: the one place where that is decided.

Every page and act asks here with the visitor and the id that came from outside; what is unknown and what is
somebody else's are refused alike. It checks no session, and not whether a sign-in is fresh.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Row

from connectors.exchange.store import consents, statements
from connectors.portal.acting import rules as mandate_rules
from connectors.portal.acting.rules import Standing
from connectors.portal.errors import MandateNotInForce, NotYours, PowerMissing
from connectors.portal.mail import queue
from connectors.portal.store import accounts, mandates, passkeys, receipts
from schemas.errors import KeyTaken
from schemas.instant import from_ms, to_ms


class Visitor(Protocol):
    """Who is asking: an account that signed in, and the mandate that it acts by, if it does."""

    @property
    def account(self) -> str:
        """Who signed in."""

    @property
    def principal(self) -> str:
        """Whose affairs these are."""

    @property
    def mandate(self) -> Row[Any] | None:
        """The mandate by which they act for another."""


def sign_in(
    connection: Connection,
    *,
    issuer: str,
    subject: str,
    name: str | None,
    language: str,
    now: datetime,
) -> str:
    """Give the account of somebody whom the identity provider confirmed, made at the first time."""
    account = accounts.create(
        connection, kind="person", language=language, now=now, issuer=issuer, subject=subject, name=name
    )
    accounts.change(connection, account, name=name, seen_at=to_ms(now))
    return account


def actor(visitor: Visitor) -> dict[str, str]:
    """Give who decided, as a consent says it: the citizen, or a mandate by its id."""
    return {"kind": "citizen"} if visitor.mandate is None else {"kind": "mandate", "id": visitor.mandate.id}


# --- may they? --------------------------------------------------------------------------------------


def may(connection: Connection, visitor: Visitor, case: str, power: str, now: datetime) -> None:
    """Raise unless the case is the visitor's own, or a mandate in force gives them this power in it.

    NotYours: there is no such case, it is somebody else's, or the mandate is not for it. MandateNotInForce:
    they act for nobody (any more). PowerMissing: they may see the case, but not do this.
    """
    standing = _standing(connection, visitor, now)
    if accounts.owner_of(connection, case) != visitor.principal:
        raise NotYours
    if standing is None:
        return
    if not mandate_rules.reaches(standing, case):
        raise NotYours
    mandate_rules.check_power(standing, power)


def may_act(connection: Connection, visitor: Visitor, case: str, act: str, now: datetime) -> None:
    """Raise as `may` does; `act` is one of `mandate_rules.NEEDED`, which says what power it needs."""
    may(connection, visitor, case, mandate_rules.NEEDED[act], now)


def _standing(connection: Connection, visitor: Visitor, now: datetime) -> Standing | None:
    """Give the mandate as it stands at this moment: one that was ended a second ago permits nothing."""
    if visitor.mandate is None:
        if visitor.principal != visitor.account:
            raise NotYours
        return None
    row = mandates.find(connection, visitor.mandate.id)
    if row is None or row.delegate != visitor.account or row.principal != visitor.principal:
        raise MandateNotInForce
    found = standing_of(row)
    if not mandate_rules.in_force(found, now):
        raise MandateNotInForce
    return found


def standing_of(row: Row[Any]) -> Standing:
    """Read from a mandate's row what decides whether it can be used."""
    return Standing(
        status=row.status,
        valid_from=from_ms(row.valid_from),
        valid_until=from_ms(row.valid_until),
        powers=tuple(row.powers),
        cases=None if row.cases is None else tuple(row.cases),
        of_age_on=None if row.of_age_on is None else from_ms(row.of_age_on),
        shielded=row.shielded,
    )


def visible_cases(connection: Connection, visitor: Visitor, now: datetime) -> Sequence[Row[Any]]:
    """List the cases that the visitor may see, newest first; raise MandateNotInForce."""
    standing = _standing(connection, visitor, now)
    found = accounts.cases_of(connection, visitor.principal)
    return [row for row in found if standing is None or mandate_rules.reaches(standing, row.case)]


def take_case(connection: Connection, visitor: Visitor, case: str, now: datetime) -> None:
    """Write down that a case which was joined just now is the visitor's, or that of whom they act for."""
    standing = _standing(connection, visitor, now)
    if standing is not None:
        mandate_rules.check_power(standing, mandate_rules.NEEDED["case.join"])
        if not mandate_rules.reaches_new_ones(standing):
            raise PowerMissing("You act for this person in some cases only, so not in a new one.")
    accounts.own(connection, visitor.principal, case, now)
    if accounts.owner_of(connection, case) != visitor.principal:
        raise NotYours


def consent(connection: Connection, visitor: Visitor, consent_id: str, power: str, now: datetime) -> Row[Any]:
    """Give a consent in one of the visitor's cases; raise as `may` does."""
    return _thing(connection, visitor, consents.find(connection, consent_id), power, now)


def request(connection: Connection, visitor: Visitor, request_id: str, power: str, now: datetime) -> Row[Any]:
    """Give a request for consent in one of the visitor's cases; raise as `may` does."""
    return _thing(connection, visitor, consents.request(connection, request_id), power, now)


def statement(
    connection: Connection, visitor: Visitor, statement_id: str, power: str, now: datetime
) -> Row[Any]:
    """Give a statement in one of the visitor's cases; raise as `may` does."""
    return _thing(connection, visitor, statements.find(connection, statement_id), power, now)


def receipt(connection: Connection, visitor: Visitor, receipt_id: str, now: datetime) -> Row[Any]:
    """Give a receipt of the visitor's, or of whom they act for; raise as `may` does."""
    found = receipts.find(connection, visitor.principal, receipt_id)
    return _thing(connection, visitor, found, "view", now)


def _thing(
    connection: Connection, visitor: Visitor, row: Row[Any] | None, power: str, now: datetime
) -> Row[Any]:
    if row is None:
        _standing(connection, visitor, now)  # the same refusal first, whether or not there is such a thing
        raise NotYours
    may(connection, visitor, row.case, power, now)
    return row


# --- passkeys ---------------------------------------------------------------------------------------


def signing_keys(connection: Connection, visitor: Visitor) -> Sequence[Row[Any]]:
    """List the passkeys with which the visitor can confirm; none for one who acts for another.

    A representative never signs with the principal's key, and their own is not the citizen's.
    """
    return [] if visitor.mandate is not None else passkeys.in_use(connection, visitor.account)


def add_passkey(
    connection: Connection,
    visitor: Visitor,
    credential: str,
    *,
    jwk: Mapping[str, Any],
    name: str,
    rp_id: str,
    origins: Sequence[str],
    sign_count: int,
    now: datetime,
) -> None:
    """Write a passkey of the visitor's own down, and let the known address hear of it; raise KeyTaken."""
    if visitor.mandate is not None:
        raise NotYours
    new = passkeys.add(
        connection,
        credential,
        account=visitor.account,
        jwk=jwk,
        name=name,
        rp_id=rp_id,
        origins=origins,
        sign_count=sign_count,
        now=now,
    )
    if not new:
        raise KeyTaken("This passkey was added before.", remedy="Use another passkey.")
    queue.tell(connection, visitor.account, "passkey_added", now)
