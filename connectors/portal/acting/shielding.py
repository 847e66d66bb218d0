"""How somebody is safely reached is not shown to one who decides together with others, unless they wrote it.

One holder may be hiding from the other, or the person from both (as in rule 4A.15 of the Australian Consumer
Data Right). Takes a case that the visitor may see; gives it without those words, so that no page and no copy
has them. It cannot hide notes, records or messages: for these staff keep the whole case from a holder
(`mandates.shield`).
"""

from __future__ import annotations

from collections.abc import Mapping
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
from schemas.messages.coordination_v1 import NOTE, SAFE_CONTACT

SAID: Final = "contact.say"


def case(connection: Connection, visitor: Visitor, found: Case, instead: str, now: datetime) -> Case:
    """Give the case without words that the visitor must not see: with `instead`, or none in their place.

    None where whoever wrote them acts no more in this case, so that the visitor may write their own.
    """
    said = found.safe_contact
    if said is None or not _is_joint(visitor) or said.text in _own_words(connection, visitor, found.id):
        return found
    if not _binds(connection, visitor, found.id, said.text, now):
        return replace(found, safe_contact=None)
    return replace(found, safe_contact=SafeContact("", instead, said.at, said.readers))


def is_in(found: Case) -> bool:
    """Say whether a case that went through `case` has words that the visitor neither sees nor changes."""
    return found.safe_contact is not None and not found.safe_contact.statement


def is_in_proof(connection: Connection, visitor: Visitor, case_id: str) -> bool:
    """Say whether the proof of a case, with its contents, has such words, of now or of before."""
    if not _is_joint(visitor):
        return False
    said = (_content(row) for row in statements.ours_of_type(connection, case_id, NOTE))
    texts = {str(each["text"]) for each in said if each.get("kind") == SAFE_CONTACT}
    return not texts <= _own_words(connection, visitor, case_id)


def _is_joint(visitor: Visitor) -> bool:
    return visitor.mandate is not None and bool(visitor.mandate.joint)


def _own_words(connection: Connection, visitor: Visitor, case_id: str) -> set[str]:
    rows = deeds.of_act(connection, visitor.principal, SAID, case_id)
    found = {_text(connection, row.about) for row in rows if row.by_account == visitor.account}
    return {each for each in found if each is not None}


def _binds(connection: Connection, visitor: Visitor, case_id: str, text: str, now: datetime) -> bool:
    """Say whether these are the words of the person, or of somebody who acts here still."""
    rows = deeds.of_act(connection, visitor.principal, SAID, case_id)
    same = [row for row in rows if _text(connection, row.about) == text]
    return not same or any(not _is_gone(connection, row, now) for row in same)


def _is_gone(connection: Connection, row: Row[Any], now: datetime) -> bool:
    mandate = None if row.mandate is None else mandates.find(connection, row.mandate)
    return mandate is None or not (
        mandate_rules.in_force(accounts.standing_of(mandate), now)
        and mandate_rules.reaches(mandate, row.case)
    )


def _text(connection: Connection, message: str | None) -> str | None:
    row = None if message is None else statements.of_message(connection, message)
    text = None if row is None else _content(row).get("text")
    return None if text is None else str(text)


def _content(row: Row[Any]) -> Mapping[str, Any]:
    """Give what a statement says; nothing where it was erased."""
    if row.plaintext is None:
        return {}
    content: Mapping[str, Any] = read_payload(row.plaintext)["content"]
    return content
