"""Until when the citizen is not told of something, by a clause that allows it: what an agency does then.

Takes messages and emergencies as they are stored here. The coordinator tells the citizen on the day by
itself; what an agency owes is who of its staff has looked meanwhile, which only the agency knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Row

from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import CITIZEN, Letter, seal_and_sign
from connectors.exchange.spool import post
from connectors.exchange.store import access, statements
from schemas import instant
from schemas.errors import Refusal
from schemas.messages.envelope import Authority, Withheld

_log = structlog.get_logger("accord.connector")


def as_its_emergency(connection: Connection, authority: Authority, now: datetime) -> Withheld | None:
    """Leave the citizen out of a request as the notice of its emergency does; None where they are told now.

    Else the request would tell them at once what is held back from them until a date.
    """
    found = access.emergency(connection, authority.id or "") if authority.basis == "emergency" else None
    if found is None or (on := _notice_on(found)) is None or on <= now:
        return None
    return Withheld(found.body["notice"]["ground"], on.astimezone(UTC).date())


def told_on(connection: Connection, envelope: Mapping[str, Any]) -> datetime | None:
    """Give when the citizen is told of a message that leaves them out; None where they got it themselves."""
    withheld = envelope.get("withheld")
    if withheld is None:
        return None
    authority = envelope.get("authority") or {}
    found = access.emergency(connection, authority.get("emergency", ""))
    if found is not None:
        return _notice_on(found) or instant.from_ms(found.at)
    return datetime.combine(date.fromisoformat(withheld["review_on"]), time(), UTC)


def _notice_on(emergency: Row[Any]) -> datetime | None:
    notice = emergency.body["notice"]
    return instant.parse(notice["on"]) if notice["kind"] == "delayed" else None


def tell_of_look(
    connector: Connector,
    statement: Row[Any],
    content: Mapping[str, Any],
    now: datetime,
    *,
    instead_of: str | None = None,
) -> None:
    """Tell the citizen of a look of ours, and write down that we did; raise CitizenNotJoined."""
    letter = Letter(
        type="access.viewed/1",
        schema="access.viewed/1",
        content=content,
        case=statement.case,
        to=(CITIZEN,),
        authority=Authority("seat"),
        re=statement.message,
    )
    signed, kept = seal_and_sign(connector, letter, now)
    with connector.database.writing() as connection:
        if instead_of is not None and not access.forget_view(connection, instead_of):
            return  # another process was first
        write_look(connection, connector.id, statement, content, kept.id)
        statements.put(connection, kept)
        post(connection, signed, now)


def write_look(
    connection: Connection, member: str, statement: Row[Any], content: Mapping[str, Any], id: str
) -> None:
    """Write down a look of ours, under the id of what tells of it, or will."""
    access.viewed(
        connection,
        id,
        case=statement.case,
        viewed=statement.id,
        member=member,
        at=instant.parse(content["at"]),
        actor=content["actor"],
        reason=content["reason"],
        automatic=content["automatic"],
    )


def tell_of_looks(connector: Connector, now: datetime) -> None:
    """Tell citizens of looks at what was held back from them, once the day of that has come.

    One that cannot be told, because the citizen has left, is tried again the next day.
    """
    with connector.database.reading() as connection:
        due = [
            (row, there)
            for row in access.untold_views(connection, connector.id, now)
            if (there := statements.find(connection, row.viewed)) is not None
        ]
    for row, statement in due:
        content = {
            "statement": row.viewed,
            "at": instant.format(instant.from_ms(row.at)),
            "actor": row.actor,
            "reason": row.reason,
            "automatic": row.automatic,
        }
        try:
            tell_of_look(connector, statement, content, now, instead_of=row.id)
        except Refusal as refusal:
            _log.warning("look not told", code=refusal.code)
            with connector.database.writing() as connection:
                access.put_off_view(connection, row.id, now + timedelta(days=1))
