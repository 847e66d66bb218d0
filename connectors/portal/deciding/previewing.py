"""What the citizen says of a record that they see first: pass it on, or not; each leaves a receipt.

Passing on lets data flow, so that two who decide together must both say it; stopping needs one. Takes the
release by its id, checks again that the visitor may, and calls the exchange.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row

from connectors.exchange.acts.previews import pass_on
from connectors.exchange.errors import AlreadyDecided
from connectors.exchange.parsed import consent_of
from connectors.exchange.store import consents, previews
from connectors.portal import accounts
from connectors.portal.acting import joint, mandates
from connectors.portal.acting.rules import NEEDED
from connectors.portal.deciding import closing, decide
from connectors.portal.errors import NotYours
from connectors.portal.portal import Portal
from connectors.portal.visiting import Visitor
from schemas.consent import check_granted
from schemas.errors import ConsentNotInForce

Word = Literal["pass", "stop"]
ACTS: Final[Mapping[Word, str]] = MappingProxyType({"pass": "record.pass", "stop": "record.stop"})
BECOMES: Final[Mapping[Word, frozenset[str]]] = MappingProxyType(
    {"pass": frozenset({"passed", "sent"}), "stop": frozenset({"stopped", "declined"})}
)
"""The states in which a record is after each word: said, and done by who gives it."""
_DONE: Final[Mapping[Word, str]] = MappingProxyType({"pass": "passed", "stop": "stopped"})


def preview(portal: Portal, visitor: Visitor, release: str, power: str) -> Row[Any]:
    """Give a preview in one of the visitor's cases; raise as `accounts.may` does."""
    with portal.connector.database.reading() as connection:
        row = previews.find(connection, release)
        if row is None:
            raise NotYours
        accounts.may(connection, visitor, row.case, power, portal.now())
    return row


def check_in_force(portal: Portal, connection: Connection, row: Row[Any]) -> Row[Any]:
    """Give the permission of a preview; raise ConsentNotInForce while nothing can go on by it."""
    found = consents.find(connection, row.consent)
    if found is None:
        raise NotYours
    check_granted(found.id, found.status)
    if portal.now() >= consent_of(found).valid_until:
        raise ConsentNotInForce("The consent has expired.", consent=found.id, state="expired")
    return found


def say(portal: Portal, visitor: Visitor, release: str, word: Word) -> str | None:
    """Bring the word; gives the receipt, None where another holder must say the same before it goes on."""
    row = preview(portal, visitor, release, NEEDED[ACTS[word]])
    if row.state != "waiting":
        raise AlreadyDecided("This was decided before.", release=release, state=row.state)
    with portal.connector.database.reading() as connection:
        closing.check_open(connection, row.case)  # the coordinator takes neither word in a closed case
    if word == "pass" and not _both_pass(portal, visitor, row):
        return None
    with decide.sending(portal, release):
        message = pass_on(portal.connector, release, word)
    with portal.connector.database.reading() as connection:
        found = consents.find(connection, row.consent)
    if found is None:
        raise NotYours
    terms = about_this_record(found.document, row)
    return decide.given(
        portal, visitor, _DONE[word], terms, message, consent=row.consent, about=row.statement
    )


def _both_pass(portal: Portal, visitor: Visitor, row: Row[Any]) -> bool:
    now = portal.now()
    with portal.connector.database.writing() as connection:
        check_in_force(portal, connection, row)
        if not joint.needed(connection, visitor, row.case, now):
            return True
        standing = joint.agree_on(connection, visitor, joint.passing(row), now)
        if not standing.both_agree and standing.is_new:
            mandates.did(connection, visitor, "record.pass.agree", now, case=row.case)
        return standing.both_agree


def about_this_record(document: Mapping[str, Any], row: Row[Any]) -> dict[str, Any]:
    """Give a permission's document as far as it is about this record: its data, from whom, for whom."""
    return {
        **document,
        "data": [each for each in document["data"] if each["category"] == row.category],
        "sources": [row.source],
        "recipients": [row.recipient],
    }
