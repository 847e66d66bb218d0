"""Lets e-mail wait for those who want it; what it is about stays out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from connectors.portal.acting.rules import held_back, reaches
from connectors.portal.store import accounts, mails, mandates

KINDS: Final = (
    "receipt",
    "waits",
    "ending",
    "passkey_added",
    "delegate_acted",
    "emergency",
    "ended",
)
"""A receipt; something waits; permissions end soon; a new passkey; a delegate acted; an emergency; a
permission whose time is over."""
_Kept = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cause:
    """What an e-mail is about, so that it is sent only if its reader may then still be told."""

    case: str | None = None
    """In which case it is; staff may keep that from somebody who acts for its person."""
    mandate: str | None = None
    """By what it was done; staff may hold that back from the person. None if they did it themselves."""

    def as_kept(self) -> dict[str, str]:
        """Give what is written down of it."""
        both = {"case": self.case, "mandate": self.mandate}
        return {name: each for name, each in both.items() if each is not None}


def tell(
    connection: Connection,
    account: str,
    kind: str,
    now: datetime,
    facts: Mapping[str, int] | None = None,
    *,
    about: Sequence[Cause] = (),
) -> str | None:
    """Queue an e-mail if the account's holder wants any; gives its id, None when none is sent.

    One that says the same and was not sent yet is enough: nobody needs it twice. It is then about both.
    Without `about` it may always be told.
    """
    if kind not in KINDS:
        raise ValueError(f"There is no e-mail of this kind: {kind}")
    row = accounts.find(connection, account)
    if row is None or not row.email or not row.email_wanted:
        return None
    causes, facts = [each.as_kept() for each in about], facts or {}
    before = mails.waiting(connection, account, kind)
    if before is not None:
        mails.is_about(connection, before.id, facts, _together(before, causes, facts))
        return None
    return mails.queue(
        connection, account=account, kind=kind, language=row.language, facts=facts, about=causes, now=now
    )


def _together(before: Row[Any], causes: Sequence[_Kept], facts: Mapping[str, int]) -> Sequence[_Kept]:
    """Give what an e-mail is about after more came to it; one that counts is counted anew."""
    if facts:
        return causes
    if not before.about or not causes:
        return []
    return [*before.about, *(each for each in causes if each not in before.about)]


def to_tell(connection: Connection, mail: Row[Any], now: datetime) -> Mapping[str, int] | None:
    """Give the facts of an e-mail as its reader may know them now; None if they may know nothing of it."""
    if not mail.about:
        return dict(mail.facts)
    told = [each for each in mail.about if _may_hear(connection, mail.account, Cause(**each), now)]
    if not told:
        return None
    return {"count": len(told)} if mail.facts else {}


def _may_hear(connection: Connection, reader: str, cause: Cause, now: datetime) -> bool:
    if cause.case is not None:
        owner = accounts.owner_of(connection, cause.case)
        if owner is None or (
            reader != owner and reader not in _delegates(connection, owner, cause.case, now)
        ):
            return False
    by = None if cause.mandate is None else mandates.find(connection, cause.mandate)
    return by is None or by.principal != reader or not held_back(by.safeguarding, now)


def readers(connection: Connection, account: str, case: str, now: datetime) -> Sequence[str]:
    """Give who hears of a case: its citizen, or for a ward without a sign-in whoever may see the case."""
    row = accounts.find(connection, account)
    if row is None:
        return []
    if row.kind == "person":
        return [account]
    return sorted(_delegates(connection, account, case, now))


def _delegates(connection: Connection, account: str, case: str, now: datetime) -> set[str]:
    return {str(each.delegate) for each in mandates.in_force(connection, account, now) if reaches(each, case)}
