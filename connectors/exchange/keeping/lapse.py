"""What waits in vain: previews whose consent, case or time is over, questions not answered in time."""

from __future__ import annotations

from datetime import datetime

from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.passing import STOPPED, No, decline
from connectors.exchange.store import cases, consents, previews
from schemas.consent_life import ANSWER_WITHIN


def expire_requests(connector: Connector, now: datetime) -> None:
    """Close the requests for consent that were not answered in time; the coordinator refuses late answers."""
    with connector.database.reading() as connection:
        over = consents.unanswered(connection, now - ANSWER_WITHIN)
    if over:
        with connector.database.writing() as connection:
            for request in over:
                consents.answered(connection, request, "expired", None)


def lapse_previews(connector: Connector, now: datetime) -> None:
    """Erase what was kept for passing it on and cannot go on any more.

    Who asked is told only when the person simply did not answer, and hears then what a stop says too: the
    end of a consent or of the case they know by themselves.
    """
    with connector.database.reading() as connection:
        nothing = not previews.over(connection, connector.id)
    if nothing:
        return
    with connector.database.writing() as connection:
        closing = cases.closing(connection)  # our own word, which may still be refused
        for row in previews.over(connection, connector.id):
            if row.case in closing and row.consent_status in consents.LIVE:
                continue
            if not previews.move(connection, row.release, "lapsed", since=("waiting", "passed")):
                continue
            previews.wipe(connection, row, "lapsed")
            if row.consent_status in consents.LIVE and row.case_status == "open":
                decline(connector, connection, row, No(STOPPED), now)
