"""Gathers what is not of one case: the account, its passkeys, sign-ins and e-mails, and who acts for whom.

A delegate gets the list of the cases that they may see, and nothing of the person's account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from connectors.portal.accounts import Visitor
from connectors.portal.acting import cards as acting_cards
from connectors.portal.acting.cards import Card
from connectors.portal.exporting.gathered import deeds_for
from connectors.portal.exporting.plain import plain
from connectors.portal.store import accounts, mails, passkeys, sessions
from schemas import instant

ACCOUNT_FORMAT: Final = "accord.account-copy/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneAccount:
    """One account with everything around it; `row` is None for a delegate, and the lists are empty then."""

    row: Row[Any] | None
    folders: Mapping[str, str]
    """The cases' folders in the copy, by case."""
    passkeys: Sequence[Row[Any]] = ()
    signed_in: Sequence[Row[Any]] = ()
    mails: Sequence[Row[Any]] = ()
    acts_for_you: Sequence[Card] = ()
    you_act_for: Sequence[Card] = ()
    done_for_you: Sequence[Mapping[str, Any]] = ()

    def document(self, made_at: datetime) -> dict[str, Any]:
        """Give it as JSON; README.txt says what each member is."""
        whole: dict[str, Any] = {
            "format": ACCOUNT_FORMAT,
            "made_at": instant.format(made_at),
            "cases": [{"case": case, "folder": folder} for case, folder in self.folders.items()],
        }
        if self.row is None:
            return whole
        return whole | {
            "account": _account(self.row),
            "passkeys": [_passkey(each) for each in self.passkeys],
            "signed_in": [
                {"since": _at(each.created_at), "used_at": _at(each.used_at), "level": each.acr}
                for each in self.signed_in
            ],
            "emails": [
                {"at": _at(each.at), "kind": each.kind, "language": each.language, "state": each.state}
                for each in self.mails
            ],
            "acts_for_you": plain(self.acts_for_you),
            "you_act_for": plain(self.you_act_for),
            "done_for_you": list(self.done_for_you),
        }


def account_of(
    connection: Connection, visitor: Visitor, folders: Mapping[str, str], now: datetime
) -> OneAccount:
    """Gather the visitor's own account; `folders` are those of the cases in the copy."""
    row = accounts.find(connection, visitor.account)
    if visitor.mandate is not None or row is None:
        return OneAccount(row=None, folders=folders)
    return OneAccount(
        row=row,
        folders=folders,
        passkeys=passkeys.of_account(connection, visitor.account),
        signed_in=sessions.of_account(connection, visitor.account, now),
        mails=mails.of_account(connection, visitor.account),
        acts_for_you=acting_cards.for_me(connection, visitor, now),
        you_act_for=acting_cards.by_me(connection, visitor.account, now),
        done_for_you=deeds_for(connection, visitor, now),
    )


def _account(row: Row[Any]) -> dict[str, Any]:
    return {
        "name": row.name,
        "email": row.email,
        "email_wanted": row.email_wanted,
        "language": row.language,
        "created_at": _at(row.created_at),
        "signed_in_last": _at(row.seen_at),
        "came_of_age_at": _at(row.came_of_age_at),
        "signs_in_at": row.issuer,
        "signs_in_as": row.subject,
    }


def _passkey(row: Row[Any]) -> dict[str, Any]:
    return {
        "name": row.name,
        "credential": row.credential,
        "public_key": dict(row.jwk),
        "created_at": _at(row.created_at),
        "used_at": _at(row.used_at),
        "removed_at": _at(row.removed_at),
    }


def _at(ms: int | None) -> str | None:
    return None if ms is None else instant.format(instant.from_ms(ms))
