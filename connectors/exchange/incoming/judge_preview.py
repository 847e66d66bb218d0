"""Records that the citizen sees first, as each of the three sees them: portal, source, and whoever asked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from connectors.exchange.connector import Connector
from connectors.exchange.incoming.arrival import Opened
from connectors.exchange.incoming.keep import keep
from connectors.exchange.store import cases, consents, previews, statements
from schemas.errors import NotPassedOn, NotYourTurn, StatementMismatch, UnknownRequest, WrongTransition
from schemas.messages.envelope import Message
from schemas.messages.fields import CITIZEN
from schemas.statement import Statement


def citizens_copy(connector: Connector, connection: Connection, opened: Opened) -> None:
    """Keep the citizen's copy of a release: theirs alone, a first look, or what they have passed on."""
    loaded = opened.message
    if loaded.to == (CITIZEN,):
        keep(connector, connection, opened, None)
        _wait_for_a_word(connector, connection, opened)
    elif _is_seen_first(connection, loaded):
        _went_on(connection, opened)
    else:
        keep(connector, connection, opened, None)


def _wait_for_a_word(connector: Connector, connection: Connection, opened: Opened) -> None:
    """Note that the citizen decides, if this answers somebody else's request by a consent with preview."""
    loaded, asserted = opened.message, opened.statement
    request = statements.of_message(connection, loaded.re) if loaded.re else None
    if request is None or request.mine or request.consent is None or asserted is None:
        return
    if not _has_preview(connection, request.consent):
        return
    preview = previews.Preview(
        release=loaded.id,
        statement=asserted.id,
        request=request.message,
        case=request.case,
        category=loaded.categories[0],
        source=loaded.sender,
        recipient=request.sender,
        consent=request.consent,
    )
    previews.waits(connection, preview, connector.clock())
    previews.in_place_of(connection, preview)


def _went_on(connection: Connection, opened: Opened) -> None:
    """See that what went on is exactly what the citizen passed on; raise NotPassedOn or StatementMismatch.

    The coordinator sees only that something went on, and the one who asked not even what was shown before.
    """
    loaded, asserted = opened.message, opened.statement
    given = previews.passed_for(connection, loaded.re or "", loaded.categories[0], loaded.sender)
    for row in given:
        if asserted is not None and row.statement == asserted.id:
            _check_same(connection, row, asserted)
            previews.move(connection, row.release, "sent", since=("passed",), sent_as=loaded.id)
            authority = loaded.authority
            previews.goes_on(
                connection,
                row,
                message=loaded.id,
                log_index=opened.arrival.index,
                basis="consent",
                consent=authority.id if authority else None,
                agreement=loaded.agreement,
                purpose=loaded.purpose,
            )
            return
    if given:
        raise StatementMismatch("Another record went on than the citizen has seen.", message=loaded.id)
    raise NotPassedOn(request=loaded.re or "", category=loaded.categories[0])


def _check_same(connection: Connection, row: Row[Any], asserted: Statement) -> None:
    shown = statements.find(connection, row.statement)
    if shown is None or shown.plaintext is None or bytes(shown.plaintext) != asserted.raw:
        raise StatementMismatch("Another record went on than the citizen has seen.", statement=asserted.id)


def _is_seen_first(connection: Connection, loaded: Message) -> bool:
    authority = loaded.authority
    by_consent = authority is not None and authority.basis == "consent"
    return by_consent and authority is not None and _has_preview(connection, authority.id or "")


def _has_preview(connection: Connection, consent: str) -> bool:
    row = consents.find(connection, consent)
    return row is not None and bool(row.document.get("preview", False))


def check_passed_on(connector: Connector, loaded: Message) -> None:
    """Raise NotPassedOn if what we get under such a consent cannot be what the citizen has passed on.

    Who asked does not see the citizen's word, which is between them and the source; they see that it answers
    their own request, for them alone, and that the citizen gets it again with them and can compare.
    """
    if loaded.re is None or set(loaded.to) != {connector.id, CITIZEN}:
        raise NotPassedOn(
            "What the citizen passes on goes to who asked for it alone.", request=loaded.re or ""
        )


def _decided(connector: Connector, connection: Connection, opened: Opened) -> None:
    """Take the citizen's word about a record of ours that waits for it; the way out does what follows.

    1. it comes from the portal that holds the citizen's pinned seat     (somebody else passes it on)
    2. it is about a record of this case that we have shown to them      (any other release)
    3. nothing was decided about it yet                                  (a stop turned into a pass)
    """
    loaded, body = opened.message, opened.message.body or {}
    seat = cases.citizen_seat(connection, loaded.case or "")
    if seat is None or seat.member != loaded.sender:
        raise NotYourTurn("Only the citizen passes a record on.")
    row = previews.find(connection, body["release"])
    if row is None or row.case != loaded.case or row.source != connector.id:
        raise UnknownRequest("No such record waits for the citizen here.", message=body["release"])
    state = "passed" if body["decision"] == "pass" else "stopped"
    if not previews.move(
        connection, row.release, state, since=("waiting",), decided=loaded.id, next_at=0, attempts=0
    ):
        raise WrongTransition("This record does not wait any more.", release=row.release, state=row.state)


RULES = {"record.pass/1": _decided}
