"""Receipts: for each decision a document with a fixed content, kept as it was given, and as plain text.

Who, what, what for, until when, how long copies stay, how to take it back, where to complain, a number (CDR
rule 4.18; ISO/IEC TS 27560 receipts). What is in one comes from what was decided on, not from pages.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from connectors.exchange.store import consents, members
from connectors.portal.acting.rules import held_back
from connectors.portal.mail import queue
from connectors.portal.mail.queue import Cause
from connectors.portal.settings import PortalSettings
from connectors.portal.store import mandates, receipts
from schemas import instant

SCHEMA: Final = "accord.receipt/1"
_SIGNS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_NUMBER_SIGNS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What was decided: `document` is the consent's, or the terms of the request that was refused."""

    kind: str
    account: str
    case: str
    document: Mapping[str, Any]
    actor: Mapping[str, str]
    asked: Mapping[str, Any] | None = None
    """The terms that were asked for, where less was given."""
    consent: str | None = None
    message: str | None = None


def decided(
    connection: Connection,
    kind: str,
    account: str,
    document: Mapping[str, Any],
    actor: Mapping[str, str],
    *,
    message: str,
    consent: str | None = None,
) -> Decided:
    """Say what was decided by a message; a yes to less than was asked for says what was asked for."""
    request = consents.request(connection, str(document.get("request")))
    asked = None if request is None or kind != "granted" else request.terms
    less = asked is not None and (
        asked["data"] != document["data"] or asked["valid_until"] != document["valid_until"]
    )
    return Decided(
        kind="narrowed" if less else kind,
        account=account,
        case=document["case"],
        document=document,
        actor=actor,
        asked=asked,
        consent=consent,
        message=message,
    )


def give(connection: Connection, settings: PortalSettings, decided: Decided, now: datetime) -> str:
    """Keep the receipt of a decision, and let those who want e-mail hear that there is one; gives its number.

    Call it in the transaction after the decision was spooled, or whenever it is known that it was.
    """
    number = new_number()
    document = compose(settings, decided, number, _names(connection), now)
    receipts.keep(
        connection,
        number,
        account=decided.account,
        case=decided.case,
        kind=decided.kind,
        document=document,
        now=now,
        consent=decided.consent,
        message=decided.message,
    )
    _tell(connection, decided, now)
    return number


def _tell(connection: Connection, decided: Decided, now: datetime) -> None:
    """Let readers know: of what the clock has ended that it ended, of all else that somebody decided.

    Not the person for whom somebody acted of whom they are not told now: an e-mail would say when.
    """
    by_clock = decided.kind == "expired"
    kind, by = ("ended", None) if by_clock else ("receipt", decided.actor.get("id"))
    row = None if by is None else mandates.find(connection, by)
    quiet = row is not None and held_back(row.safeguarding, now)
    for reader in queue.readers(connection, decided.account, decided.case, now):
        if not (quiet and reader == decided.account):
            queue.tell(connection, reader, kind, now, about=[Cause(decided.case, by)])


def new_number() -> str:
    """Make a receipt's number: 80 bits, in groups of four, to be read out on the telephone."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(_NUMBER_SIGNS))
    return "-".join(signs[start : start + 4] for start in range(0, _NUMBER_SIGNS, 4))


def compose(
    settings: PortalSettings,
    decided: Decided,
    number: str,
    names: Mapping[str, str],
    now: datetime,
) -> dict[str, Any]:
    """Make the document; `names` are those of the members by their ids, and go before those of the terms."""
    terms = decided.document
    named = {**{each["member"]: each["name"] for each in terms["controllers"]}, **names}
    return {
        "schema": SCHEMA,
        "number": number,
        "kind": decided.kind,
        "at": instant.format(now),
        "case": decided.case,
        "consent": decided.consent,
        "request": terms.get("request"),
        "message": decided.message,
        "decided_by": dict(decided.actor),
        "from": _parties(terms["sources"], named),
        "to": _parties(terms["recipients"], named),
        "purpose": dict(terms["purpose"]),
        "data": [_data(each) for each in terms["data"]],
        "left_out": _left_out(decided.asked, terms),
        "fetch": terms["fetch"],
        "frequency": terms["frequency"],
        "valid_from": terms.get("valid_from"),
        "valid_until": terms["valid_until"],
        "data_life_days": terms["data_life"]["days"],
        "on_withdrawal": dict(terms["on_withdrawal"]),
        "withdraw": {
            "portal": settings.public_url,
            "other_channels": list(terms["withdrawal"]["other_channels"]),
            "contact": dict(settings.contact),
        },
        "complaint": {"authority": terms["authority"], "rights_url": terms["rights_url"]},
        "notice": {name: terms["notice"][name] for name in ("language", "version", "sha256")},
        "portal": dict(settings.name),
    }


def _parties(ids: Sequence[str], names: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"member": each, "name": names.get(each, each)} for each in ids]


def _data(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in ("category", "schema", "fields", "necessity")}


def _left_out(asked: Mapping[str, Any] | None, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List what was asked for and not given, by category."""
    if asked is None:
        return []
    kept = {(each["category"], field) for each in given["data"] for field in each["fields"]}
    out = [
        {
            **_data(each),
            "fields": [field for field in each["fields"] if (each["category"], field) not in kept],
        }
        for each in asked["data"]
    ]
    return [each for each in out if each["fields"]]


def _names(connection: Connection) -> dict[str, str]:
    return {member: name for member, name, _kind in members.names(connection)}
