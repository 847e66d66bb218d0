"""Coming of age: parents' mandates end, every permission is paused, and the person decides for themselves.

Also how somebody who had no sign-in gets one: staff make a code, the person signs in and enters it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from connectors.exchange.acts import consents as acts
from connectors.exchange.connector import Connector
from connectors.exchange.store import consents
from connectors.portal.accounts import Visitor
from connectors.portal.acting import codes, mandates
from connectors.portal.acting.codes import CODE_LIFE
from connectors.portal.acting.rules import Status
from connectors.portal.errors import NotYours
from connectors.portal.mail import queue
from connectors.portal.mail.queue import Cause
from connectors.portal.store import accounts, deeds, due
from connectors.portal.store import mandates as mandate_rows
from schemas.errors import SamePerson, WrongCode, WrongTransition
from schemas.instant import to_ms

PAUSED: Final = "consent.suspend.of_age"


def come_of_age(connector: Connector, now: datetime) -> int:
    """End what ends at majority and pause what others allowed; gives how many permissions were paused.

    It can stop anywhere and be done again: what was paused already, or decided since, is left alone.
    """
    with connector.database.writing() as connection:
        for row in mandate_rows.of_age(connection, now):
            if row.status != Status.ENDED:
                mandates.end_of_age(connection, row, now)
            accounts.change(connection, row.principal, came_of_age_at=to_ms(now))
    with connector.database.reading() as connection:
        untouched = due.allowed_before_majority(connection)
    return sum(_pause(connector, row, now) for row in untouched)


def _pause(connector: Connector, consent: Row[Any], now: datetime) -> bool:
    try:
        acts.suspend(connector, consent.id)
    except WrongTransition:
        return False  # it ended in the meantime
    with connector.database.writing() as connection:
        deeds.add(
            connection,
            account=consent.account,
            by_kind="clock",
            act=PAUSED,
            case=consent.case,
            about=consent.id,
            now=now,
        )
        queue.tell(connection, consent.account, "waits", now, about=[Cause(consent.case)])
    return True


def to_reconfirm(connection: Connection, account: str) -> Sequence[Row[Any]]:
    """List the permissions that others gave, and that the person has not said yes or no to themselves yet."""
    row = accounts.find(connection, account)
    if row is None or row.came_of_age_at is None:
        return []
    paused = deeds.about(connection, account, PAUSED)
    return [
        each
        for owned in accounts.cases_of(connection, account)
        for each in consents.of_case(connection, owned.case)
        if each.status == "suspended" and (each.id in paused or _by_mandate(each))
    ]


def _by_mandate(consent: Row[Any]) -> bool:
    return bool(consent.document["actor"]["kind"] == "mandate")


# --- a sign-in of one's own -------------------------------------------------------------------------


def offer_sign_in(connection: Connection, ward: str, now: datetime) -> str:
    """Make the code with which a person without a sign-in gets one, as staff; raise NotYours.

    It is shown once; an earlier code is worth nothing any more.
    """
    row = accounts.find(connection, ward)
    if row is None or row.kind != "ward":
        raise NotYours("There is no account without a sign-in of this id.", account=ward)
    code = codes.new_code()
    accounts.offer_link(connection, ward, codes.code_hash("link", code), now + CODE_LIFE)
    return code


def take_over(connection: Connection, visitor: Visitor, code: str, now: datetime) -> str:
    """Let everything of a ward be the visitor's, who came with the code; gives the ward's former id.

    Raises WrongCode for a code that is wrong, used or too old, SamePerson for one who acts for that ward.
    """
    ward = accounts.by_link(connection, codes.code_hash("link", code), now)
    if ward is None or visitor.mandate is not None:
        raise WrongCode(remedy="Check the code, or ask for a new one.")
    if any(row.delegate == visitor.account for row in mandate_rows.given_by(connection, ward.id)):
        raise SamePerson("You act for this person; they sign in themselves.")
    accounts.hand_over(connection, ward.id, visitor.account)
    if ward.came_of_age_at is not None:
        accounts.change(connection, visitor.account, came_of_age_at=ward.came_of_age_at)
    deeds.add(connection, account=visitor.account, by_kind="staff", act="account.link", now=now)
    return str(ward.id)
