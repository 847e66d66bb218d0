"""What a receipt was for, in the reader's language: the agreement says it in each of them.

Takes a receipt's document as it was given, in the words of who asked, and gives it with the purpose alone
changed; the document that is kept stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from connectors.exchange.parsed import agreement_of
from connectors.exchange.store import agreements, consents


def in_words(connection: Connection, document: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """Give the document with its purpose in `language`; as it is where its agreement is not known here."""
    row = agreements.find(connection, _agreement(connection, document) or "")
    purpose = None if row is None else agreement_of(row).purposes.get(document["purpose"]["code"])
    if purpose is None:
        return document
    return {**document, "purpose": {**document["purpose"], "text": purpose.text[language]}}


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
