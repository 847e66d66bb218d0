"""The passkeys of an account and what each counts for in the account's cases: adding, confirming, removing.

A new passkey has to be vouched for in each case that was joined before: by an earlier passkey, or by an
organisation that compares a number face to face. Whoever has none, or loses all, can do everything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Row

from connectors.exchange.acts import seat_keys
from connectors.exchange.acts.seat_keys import SeatKeysDraft, SeatPasskeysView
from connectors.portal import accounts
from connectors.portal.arriving import as_seat_takes_it
from connectors.portal.errors import NotYours
from connectors.portal.portal import Portal
from connectors.portal.registering import Made, Site
from connectors.portal.store import passkeys
from connectors.portal.visiting import Visitor
from schemas.errors import NoSeat, Refusal
from schemas.passkey import passkey_kid

State = Literal["counts", "waits", "ended", "not_told"]
_FREE_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class InCase:
    """What a passkey is in one case: `number` is what is compared while it waits."""

    case: str
    state: State
    number: str | None = None
    earlier: tuple[str, ...] = ()
    """Credentials of the visitor's that count there already, and can vouch for this one."""


def site(made: Portal, language: str) -> Site:
    """Give where passkeys of this portal are made."""
    return Site(made.settings.domain, made.origin, made.brand.called(language))


def own(made: Portal, visitor: Visitor) -> Sequence[Row[Any]]:
    """List the visitor's passkeys."""
    with made.connector.database.reading() as connection:
        return passkeys.in_use(connection, visitor.account)


def one(made: Portal, visitor: Visitor, credential: str) -> Row[Any]:
    """Give one of the visitor's passkeys; raise NotYours."""
    with made.connector.database.reading() as connection:
        row = passkeys.find(connection, visitor.account, credential)
    if row is None or visitor.mandate is not None:
        raise NotYours
    return row


def add(made: Portal, visitor: Visitor, key: Made, name: str) -> None:
    """Write a new passkey down, and bring it into the cases where nothing but time is needed.

    Where an earlier passkey counts, the visitor is asked to confirm with it; where none does, it waits for an
    organisation, or counts at once in a case that they opened alone. Raises KeyTaken, NotYours. A case that
    takes no more of them keeps it from no other case: its page says where it is not known.
    """
    where = site(made, "en")
    with made.connector.database.writing() as connection:
        accounts.add_passkey(
            connection,
            visitor,
            key.credential,
            jwk=key.jwk,
            name=name[:_FREE_NAME],
            rp_id=where.rp_id,
            origins=[where.origin],
            sign_count=key.sign_count,
            now=made.now(),
        )
    for each in in_cases(made, visitor, key.credential):
        if each.state == "not_told" and not each.earlier:
            with suppress(Refusal):
                bring(made, visitor, key.credential, each.case)


def in_cases(made: Portal, visitor: Visitor, credential: str) -> list[InCase]:
    """Say what a passkey of the visitor's counts for in each case in which they have a seat."""
    one(made, visitor, credential)
    return everywhere(made, visitor).get(credential, [])


def everywhere(made: Portal, visitor: Visitor) -> dict[str, list[InCase]]:
    """Say the same of each of the visitor's passkeys, by its credential; each case is read once."""
    rows, views = own(made, visitor), _views(made, visitor)
    mine = {row.credential for row in rows}
    return {
        row.credential: [_in_case(case, view, passkey_kid(row.jwk), mine) for case, view in views.items()]
        for row in rows
    }


def _views(made: Portal, visitor: Visitor) -> dict[str, SeatPasskeysView]:
    with made.connector.database.reading() as connection:
        cases = [row.case for row in accounts.visible_cases(connection, visitor, made.now())]
    found = {}
    for case in cases:
        with suppress(NoSeat):
            found[case] = seat_keys.passkeys_in(made.connector, case)
    return found


def _in_case(case: str, view: SeatPasskeysView, kid: str, mine: set[str]) -> InCase:
    for state, keys in (("counts", view.in_force), ("waits", view.waiting), ("ended", view.ended)):
        for key in keys:
            if key.kid == kid:
                return InCase(case, state, key.number)  # type: ignore[arg-type]  # one of the three above
    return InCase(
        case, "not_told", None, tuple(key.credential for key in view.in_force if key.credential in mine)
    )


def draft(made: Portal, visitor: Visitor, credential: str, case: str) -> SeatKeysDraft:
    """Draft bringing a passkey into a case: its challenge is what an earlier passkey confirms."""
    row = _ours(made, visitor, credential, case)
    return seat_keys.seat_keys_draft(made.connector, case, [as_seat_takes_it(row)])


def bring(
    made: Portal,
    visitor: Visitor,
    credential: str,
    case: str,
    *,
    proof: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> None:
    """Bring a passkey into a case: with an earlier one's confirmation it counts at once, else it waits."""
    row = _ours(made, visitor, credential, case)
    seat_keys.add_passkeys(made.connector, case, [as_seat_takes_it(row)], proof=proof, at=at)


def _ours(made: Portal, visitor: Visitor, credential: str, case: str) -> Row[Any]:
    with made.connector.database.reading() as connection:
        accounts.may(connection, visitor, case, "contribute", made.now())
    return one(made, visitor, credential)


def rename(made: Portal, visitor: Visitor, credential: str, name: str) -> None:
    """Give a passkey another name."""
    one(made, visitor, credential)
    with made.connector.database.writing() as connection:
        passkeys.rename(connection, visitor.account, credential, name[:_FREE_NAME])


def remove(made: Portal, visitor: Visitor, credential: str) -> None:
    """Take a passkey out of use here and in every case; what it confirmed before stays confirmed."""
    row = one(made, visitor, credential)
    kid = passkey_kid(row.jwk)
    for each in in_cases(made, visitor, credential):
        if each.state in {"counts", "waits"}:
            seat_keys.end_passkeys(made.connector, each.case, [kid])
    with made.connector.database.writing() as connection:
        passkeys.remove(connection, visitor.account, credential, made.now())
