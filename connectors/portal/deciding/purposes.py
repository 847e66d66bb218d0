"""What something is for, in the reader's language: the agreement says it in each of them.

A receipt's document, as it was given in the words of who asked, comes back with the purpose alone changed;
the document that is kept stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from connectors.exchange.parsed import agreement_of
from connectors.exchange.store import agreements, consents


def in_words(connection: Connection, document: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """Give the document with its purpose in `language`; as it is where its agreement is not known here."""
    purpose = document["purpose"]
    text = text_of(connection, _agreement(connection, document), purpose["code"], language)
    return document if text is None else {**document, "purpose": {**purpose, "text": text}}


def text_of(connection: Connection, agreement: str | None, purpose: str, language: str) -> str | None:
    """Give the text of a purpose by its code; None where no agreement known here has it."""
    row = None if agreement is None else agreements.find(connection, agreement)
    found = None if row is None else agreement_of(row).purposes.get(purpose)
    return None if found is None else found.text[language]


def _agreement(connection: Connection, document: Mapping[str, Any]) -> str | None:
    """Find by what it was decided: a permission, or the request that was refused.

    Receipts of refusals once did not name the request; those are found by the message that answered it.
    """
    consent = None if document["consent"] is None else consents.find(connection, document["consent"])
    if consent is not None:
        return str(consent.agreement)
    refused = consents.request(connection, document.get("request") or "")
    if refused is not None:
        return str(refused.agreement)
    asked = consents.requests_of(connection, document["case"])
    return next((row.agreement for row in asked if row.answer and row.answer == document["message"]), None)
