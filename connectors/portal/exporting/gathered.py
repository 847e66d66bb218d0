"""Gathers what one file is to hold: cases as folded for pages, receipts, the words that were shown, deeds.

Takes the visitor and cases that `accounts` let through; a delegate gets the cases they may
see, and nothing of the person's account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from connectors.cases.view import Case
from connectors.exchange.store import members, offers, previews, statements
from connectors.exchange.stored import read_payload
from connectors.portal import accounts
from connectors.portal.accounts import Visitor
from connectors.portal.acting import held_back, mandates, shielding
from connectors.portal.exporting.plain import plain
from connectors.portal.store import accounts as stored
from connectors.portal.store import first_words, joint_decisions, notices, receipts
from schemas import instant

CASE_FORMAT: Final = "accord.case-copy/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What of a case is in tables of its own beside the case."""

    joined_at: datetime | None
    suggestions: Sequence[Mapping[str, Any]]
    """What the person would have allowed instead."""
    shown_first: Sequence[Mapping[str, Any]]
    """Records that the person saw before anybody else, and what they said."""
    decided_together: Sequence[Mapping[str, Any]]
    """What two who decide have said, without who of them."""
    found_by: Sequence[Mapping[str, Any]]
    """By which data about the person an organisation had them looked up at another, for each question."""
    first_words: Sequence[Mapping[str, Any]]
    """What the person asked for when they came alone, and nobody has read yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneCase:
    """One case with everything around it that its pages show."""

    case: Case
    label: str | None
    names: Mapping[str, str]
    laws: Sequence[Any]
    """By which laws something may be shared without permission."""
    receipts: Sequence[Mapping[str, Any]]
    notices: Sequence[Mapping[str, Any]]
    deeds: Sequence[Mapping[str, Any]]
    around: Around
    no_proof: bool = False
    """Whether the signed proof would tell what is not shown to whoever takes the copy."""

    def document(self, made_at: datetime) -> dict[str, Any]:
        """Give it as JSON; README.txt says what each member is."""
        return {
            "format": CASE_FORMAT,
            "made_at": instant.format(made_at),
            "label": self.label,
            "organisations": dict(self.names),
            "case": plain(self.case),
            "by_law": plain(self.laws),
            "receipts": list(self.receipts),
            "notices": list(self.notices),
            "done_for_you": list(self.deeds),
            "joined_at": plain(self.around.joined_at),
            "suggestions": list(self.around.suggestions),
            "shown_first": list(self.around.shown_first),
            "decided_together": list(self.around.decided_together),
            "found_by": list(self.around.found_by),
            "first_words": list(self.around.first_words),
        }


def gather(
    connection: Connection,
    visitor: Visitor,
    cases: Sequence[Case],
    laws: Mapping[str, Sequence[Any]],
    now: datetime,
) -> list[OneCase]:
    """Gather cases, in the order given; `laws` by case. Raises as `accounts.may` does for each."""
    for case in cases:
        accounts.may(connection, visitor, case.id, "view", now)
    owned = {row.case: row for row in stored.cases_of(connection, visitor.principal)}
    together = joint_decisions.of_account(connection, visitor.principal)
    names = {member: name for member, name, _kind in members.names(connection)}
    given: dict[str, list[Row[Any]]] = {case.id: [] for case in cases}
    for row in receipts.of_account(connection, visitor.principal):
        given.setdefault(row.case, []).append(row)
    held = held_back.from_the(connection, visitor, now)
    deeds = deeds_for(connection, visitor, now)
    return [
        OneCase(
            no_proof=held_back.is_in(case) or shielding.is_in_proof(connection, visitor, case.id),
            case=case,
            label=owned[case.id].label,
            names=names,
            laws=laws[case.id],
            receipts=[held_back.receipt(row.document, held) for row in given[case.id]],
            notices=_notices(connection, case, given[case.id]),
            deeds=[each for each in deeds if each["case"] == case.id],
            around=_around(connection, case, owned[case.id], together),
        )
        for case in cases
    ]


def _around(connection: Connection, case: Case, owned: Row[Any], together: Sequence[Row[Any]]) -> Around:
    first = previews.of_case(connection, case.id)
    decided = {each.id for each in case.consent_requests} | {each.id for each in case.permissions}
    decided |= {row.release for row in first}
    return Around(
        joined_at=instant.from_ms(owned.joined_at),
        suggestions=[
            {"at": _at(row), "to": row.asker, "request": row.request, "state": row.state, "terms": row.terms}
            for row in offers.of_case(connection, case.id)
        ],
        shown_first=[
            {
                "at": _at(row),
                "statement": row.statement,
                "from": row.source,
                "for": row.recipient,
                "category": row.category,
                "state": row.state,
            }
            for row in first
        ],
        decided_together=[
            {"at": _at(row), "about": row.request, "state": row.state, "decision": row.decision}
            for row in together
            if row.request in decided or row.decision.get("case") == case.id
        ],
        found_by=[
            {
                "at": _at(row),
                "request": row.id,
                "identify": read_payload(row.plaintext)["content"].get("identify"),
            }
            for row in statements.of_case(connection, case.id)
            if row.type == "record.request/1" and row.plaintext is not None
        ],
        first_words=[
            {"at": _at(row), "to": row.member, "text": row.text}
            for row in first_words.of_case(connection, case.id)
        ],
    )


def _at(row: Row[Any]) -> str:
    return instant.format(instant.from_ms(row.at))


def _notices(connection: Connection, case: Case, given: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Give the very words that were shown before each decision."""
    shown = [each.document["notice"]["sha256"] for each in case.permissions]
    shown += [row.document["notice"]["sha256"] for row in given]
    rows = [notices.find(connection, digest) for digest in dict.fromkeys(shown)]
    return [
        {
            "sha256": row.sha256,
            "language": row.language,
            "version": row.version,
            "text": bytes(row.text).decode(),
        }
        for row in rows
        if row is not None
    ]


def deeds_for(connection: Connection, visitor: Visitor, now: datetime) -> list[dict[str, Any]]:
    """Give what others did for the visitor, newest first; a delegate is not shown any of it."""
    rows = mandates.shown_deeds(connection, visitor, now)
    people = {each: stored.find(connection, each) for each in {row.by_account for row in rows} if each}
    names = {account: row.name for account, row in people.items() if row is not None}
    return [
        {
            "at": instant.format(instant.from_ms(row.at)),
            "act": row.act,
            "by": row.by_kind,
            "name": names.get(row.by_account),
            "case": row.case,
            "about": row.about,
        }
        for row in rows
    ]
