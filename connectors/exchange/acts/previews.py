"""What the citizen sees before anybody else does: what waits for their word, and their word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row

from connectors.exchange.connector import Connector
from connectors.exchange.errors import AlreadyDecided, NotHere
from connectors.exchange.outgoing.compose import sign_open
from connectors.exchange.parsed import consent_of
from connectors.exchange.spool import post
from connectors.exchange.store import cases, consents, previews
from schemas.consent import check_granted
from schemas.errors import ConsentNotInForce

Word = Literal["pass", "stop"]
_STATES: Final = {"pass": "passed", "stop": "stopped"}


def waiting_previews(connector: Connector, case: str) -> Sequence[Row[Any]]:
    """List the records that wait for the citizen's word, oldest first; not those whose consent has ended.

    Each has `release`, `statement`, `request`, `category`, `source`, `recipient`, `consent` and `at`.
    """
    with connector.database.reading() as connection:
        cases.require(connection, case)
        return [
            row
            for row in previews.of_case(connection, case)
            if row.state == "waiting" and _is_live(connection, row.consent)
        ]


def _is_live(connection: Connection, consent: str) -> bool:
    row = consents.find(connection, consent)
    return row is not None and row.status in consents.LIVE


def pass_on(connector: Connector, release: str, decision: Word) -> str:
    """Say, as the citizen, whether a record goes on to who asked; gives the id of the message.

    Raises NotHere, AlreadyDecided, or ConsentNotInForce: a record cannot go on by a consent that is paused or
    over. It can be stopped at any time.
    """
    now = connector.clock()
    with connector.database.writing() as connection:
        row = previews.find(connection, release)
        if row is None or row.source == connector.id:
            raise NotHere("No such record waits for the citizen here.", release=release)
        if decision == "pass":
            _check_in_force(connector, connection, row)
        body = {"release": release, "decision": decision}
        signed = sign_open(
            connector, now, type="record.pass/1", to=[row.source], case=row.case, re=release, body=body
        )
        if not previews.move(connection, release, _STATES[decision], since=("waiting",), decided=signed.id):
            raise AlreadyDecided("This was decided before.", release=release, state=row.state)
        return post(connection, signed, now)


def _check_in_force(connector: Connector, connection: Connection, row: Row[Any]) -> None:
    found = consents.find(connection, row.consent)
    if found is None:
        raise NotHere("The consent is not here any more.", consent=row.consent)
    check_granted(found.id, found.status)
    if connector.clock() >= consent_of(found).valid_until:
        raise ConsentNotInForce("The consent has expired.", consent=found.id, state="expired")
