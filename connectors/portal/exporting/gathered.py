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
from connectors.exchange.store import members
from connectors.portal import accounts
from connectors.portal.accounts import Visitor
from connectors.portal.acting import cards as acting_cards
from connectors.portal.acting import mandates
from connectors.portal.exporting.plain import plain
from connectors.portal.store import accounts as stored
from connectors.portal.store import notices, passkeys, receipts
from schemas import instant

CASE_FORMAT: Final = "accord.case-copy/1"
ACCOUNT_FORMAT: Final = "accord.account-copy/1"


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
    labels = {row.case: row.label for row in stored.cases_of(connection, visitor.principal)}
    names = {member: name for member, name, _kind in members.names(connection)}
    given: dict[str, list[Row[Any]]] = {case.id: [] for case in cases}
    for row in receipts.of_account(connection, visitor.principal):
        given.setdefault(row.case, []).append(row)
    deeds = _deeds(connection, visitor, now)
    return [
        OneCase(
            case=case,
            label=labels.get(case.id),
            names=names,
            laws=laws[case.id],
            receipts=[row.document for row in given[case.id]],
            notices=_notices(connection, case, given[case.id]),
            deeds=[each for each in deeds if each["case"] == case.id],
        )
        for case in cases
    ]


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


def _deeds(connection: Connection, visitor: Visitor, now: datetime) -> list[dict[str, Any]]:
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


def account_document(
    connection: Connection, visitor: Visitor, cases: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """Give what is not of one case as JSON; `cases` are folders by case. A delegate gets the list alone."""
    whole: dict[str, Any] = {
        "format": ACCOUNT_FORMAT,
        "made_at": instant.format(now),
        "cases": [{"case": case, "folder": folder} for case, folder in cases.items()],
    }
    row = stored.find(connection, visitor.account)
    if visitor.mandate is not None or row is None:
        return whole
    return whole | {
        "account": {
            "name": row.name,
            "email": row.email,
            "email_wanted": row.email_wanted,
            "language": row.language,
            "created_at": instant.format(instant.from_ms(row.created_at)),
            "signs_in_at": row.issuer,
        },
        "passkeys": [
            {"name": each.name, "created_at": instant.format(instant.from_ms(each.created_at))}
            for each in passkeys.in_use(connection, visitor.account)
        ],
        "acts_for_you": plain(acting_cards.for_me(connection, visitor, now)),
        "you_act_for": plain(acting_cards.by_me(connection, visitor.account, now)),
        "done_for_you": _deeds(connection, visitor, now),
    }
