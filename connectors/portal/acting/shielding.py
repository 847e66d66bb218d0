"""How somebody is safely reached is not shown to one who decides together with others, unless they wrote it.

One holder may be hiding from the other, or the person from both (consent research §3, rule g). Takes a case
that the visitor may see; gives it without those words, so that no page and no copy has them. It cannot hide
notes, records or messages: for these staff keep the whole case from a holder (`mandates.shield`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from connectors.cases.view import Case, SafeContact
from connectors.exchange.store import statements
from connectors.exchange.stored import read_payload
from connectors.portal import accounts
from connectors.portal.accounts import Visitor
from connectors.portal.acting import rules as mandate_rules
from connectors.portal.store import deeds, mandates

SAID: Final = "contact.say"


def case(connection: Connection, visitor: Visitor, found: Case, instead: str, now: datetime) -> Case:
    """Give the case, with `instead` in the place of words that the visitor must not see."""
    said = found.safe_contact
    if said is None or not _is_hidden(connection, visitor, found.id, said.text, now):
        return found
    return replace(found, safe_contact=SafeContact("", instead, said.at, said.readers))


def is_in(found: Case) -> bool:
    """Say whether words are hidden in a case that went through `case`."""
    return found.safe_contact is not None and not found.safe_contact.statement


def _is_hidden(connection: Connection, visitor: Visitor, case_id: str, text: str, now: datetime) -> bool:
    if visitor.mandate is None or not visitor.mandate.joint:
        return False
    rows = deeds.of_act(connection, visitor.principal, SAID, case_id)
    same = [row for row in rows if _text(connection, row.about) == text]
    return not any(row.by_account == visitor.account or _is_gone(connection, row, now) for row in same)


def _is_gone(connection: Connection, row: Row[Any], now: datetime) -> bool:
    """Say whether who wrote it acts no more in this case: their words then bind and protect nobody."""
    mandate = None if row.mandate is None else mandates.find(connection, row.mandate)
    return mandate is None or not (
        mandate_rules.in_force(accounts.standing_of(mandate), now)
        and mandate_rules.reaches(mandate, row.case)
    )


def _text(connection: Connection, message: str | None) -> str | None:
    row = None if message is None else statements.of_message(connection, message)
    if row is None or row.plaintext is None:
        return None
    text = read_payload(row.plaintext)["content"].get("text")
    return None if text is None else str(text)
