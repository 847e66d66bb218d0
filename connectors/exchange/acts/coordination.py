"""Saying something in a case: notes, plans, referrals, appointments, documents, messages; for agency and
citizen alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.exchange.acts.attachments import Attached, keep_for
from connectors.exchange.acts.cases import everyone_else
from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import CITIZEN, Letter, seal_and_sign
from connectors.exchange.spool import post
from connectors.exchange.store import cases, statements
from schemas.errors import UnknownType
from schemas.messages.envelope import Attachment, Authority
from schemas.messages.table import TYPES


def share(
    connector: Connector,
    case: str,
    kind: str,
    content: Mapping[str, Any],
    *,
    to: Sequence[str] | None = None,
    authority: Authority | None = None,
    agreement: str | None = None,
    purpose: str | None = None,
    categories: Sequence[str] = ("coordination",),
    attachments: Sequence[Attached] = (),
    re: str | None = None,
) -> str:
    """Say something of a sealed type; without `to`, to everyone to whom our seat alone lets us speak."""
    rule = TYPES.get(kind)
    if rule is None or not rule.sealed:
        raise UnknownType("Nothing sealed is of this type.", type=kind)
    now = connector.clock()
    with connector.database.reading() as connection:
        cases.require(connection, case)
        readers = (
            list(to) if to is not None else _by_seat(connector, everyone_else(connector, connection, case))
        )
    letter = Letter(
        type=kind,
        schema=next(iter(rule.statement_schemas)),
        content=content,
        case=case,
        to=tuple(readers),
        authority=authority or Authority("seat"),
        agreement=agreement,
        purpose=purpose,
        categories=tuple(categories),
        re=re,
        attachments=tuple(Attachment(each.sha256, each.size) for each in attachments),
    )
    signed, kept = seal_and_sign(connector, letter, now)
    with connector.database.writing() as connection:
        statements.put(connection, kept)
        keep_for(connection, signed.id, attachments, now)
        return post(connection, signed, now)


def _by_seat(connector: Connector, everyone: Sequence[str]) -> list[str]:
    """The citizen speaks to all by their seat, an agency to the citizen; agencies need a basis."""
    return list(everyone) if connector.acts_for_citizens else [CITIZEN]
