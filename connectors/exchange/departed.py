"""A portal that has left the register: its citizens' consents end here too, because nobody can withdraw them.

Takes members as they were last proven, and goes by the member's own signed `member.leave` alone: what the
coordinator says about a member ends nothing. Erasing what rests on the consents is `keeping`'s business.
"""

from __future__ import annotations

from sqlalchemy import select

from connectors.exchange.connector import Connector
from connectors.exchange.directory import LEAVE
from connectors.exchange.store import cases, consents
from connectors.exchange.store.tables import members, seats
from connectors.exchange.stored import read_payload

_HELD_BY_DEPARTED = (
    select(seats.c.case, seats.c.member, members.c.chain)
    .join(members, members.c.id == seats.c.member)
    .where(seats.c.kind == "citizen", seats.c.status == "active", members.c.status == "left")
)


def end_seats_of_departed(connector: Connector) -> None:
    """End the citizens' seats of portals that have left, with the consents of their cases."""
    if connector.acts_for_citizens:
        return
    with connector.database.reading() as connection:
        found = connection.execute(_HELD_BY_DEPARTED).all()
    ended = [row for row in found if read_payload(row.chain[-1].encode())["type"] == LEAVE]
    if not ended:
        return
    with connector.database.writing() as connection:
        for row in ended:
            cases.end_seat(connection, row.case, row.member)
            consents.end_all(connection, row.case, None, connector.clock())
