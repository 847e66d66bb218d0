"""Who sits in a case: invitations, joining, attesting, leaving, closing.

The one thing decided here that nobody else can decide: whether the keys of a citizen's seat were bound with
the one-time code that this agency handed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from connectors.exchange import joining, seat_keys
from connectors.exchange.connector import Connector
from connectors.exchange.incoming.arrival import Opened
from connectors.exchange.incoming.judge_consent import prove_waiting
from connectors.exchange.newcomers import tell_contests, tell_safe_contact
from connectors.exchange.store import cases, cases_told, consents
from connectors.exchange.store import seat_keys as key_rows
from schemas.errors import (
    CitizenNotJoined,
    NoSeat,
    NotAttested,
    NotYourTurn,
    UnknownCase,
    UnknownInvitation,
    WrongRecipients,
)
from schemas.messages import case_v1


def _body(opened: Opened) -> Mapping[str, Any]:
    return opened.message.body or {}


def _case(opened: Opened) -> str:
    return opened.message.case or ""


def _invited(connector: Connector, connection: Connection, opened: Opened) -> None:
    """Keep an invitation; an agency's is accepted at once where the agency has said so."""
    loaded, invitee = opened.message, _body(opened)["invitee"]
    named = invitee["portal"] if invitee["kind"] == "citizen" else invitee["member"]
    if named != connector.id:
        _note_invited(connector, connection, opened, named)
        return
    now = connector.clock()
    cases.opened(connection, _case(opened), by=loaded.sender, language="en", now=now)
    cases.keep_invitation(
        connection,
        loaded.id,
        case=_case(opened),
        direction="received",
        inviter=loaded.sender,
        invitee=dict(invitee),
        code=None,
        state="open",
        join_id=None,
        at=round(now.timestamp() * 1000),
    )
    inviter = connector.directory.member(loaded.sender)
    if inviter.kind != "portal":
        cases.keep_seat(connection, _case(opened), "agency", loaded.sender, status="active")
    if invitee["kind"] == "agency" and connector.auto_join:
        joining.accept_as_agency(connector, connection, loaded.id, now)


def _note_invited(connector: Connector, connection: Connection, opened: Opened, named: str) -> None:
    """The citizen is told that another agency was invited into their case."""
    if not connector.acts_for_citizens:
        raise WrongRecipients("The invitation is for another member.", member=named)
    rests_on = opened.message.authority.id if opened.message.authority else None
    if cases.seat(connection, _case(opened), "agency", named) is None:
        cases.keep_seat(connection, _case(opened), "agency", named, status="invited", rests_on=rests_on)


def _joined(connector: Connector, connection: Connection, opened: Opened) -> None:
    """An agency has joined, or the citizen brings their keys to the agency that handed over the code."""
    loaded, body = opened.message, _body(opened)
    if "seat" not in body:
        expected = _was_expected(connection, opened)
        cases.keep_seat(connection, _case(opened), "agency", loaded.sender, status="active")
        if connector.acts_for_citizens:
            if expected:
                tell_safe_contact(connector, connection, _case(opened), loaded.sender, connector.clock())
                tell_contests(connector, connection, _case(opened), loaded.sender, connector.clock())
            return
        prove_waiting(connector, connection, _case(opened))
        return
    invitation = cases.invitation(connection, body["invitation"])
    if invitation is None or invitation.direction != "sent" or invitation.case != loaded.case:
        raise UnknownInvitation(invitation=body["invitation"])
    if invitation.invitee.get("portal") != loaded.sender:
        raise NotYourTurn("The invitation names another portal.", invitation=invitation.id)
    joining.attest_if_code_fits(connector, connection, loaded, invitation)
    prove_waiting(connector, connection, _case(opened))


def _was_expected(connection: Connection, opened: Opened) -> bool:
    """Say whether we know of the invitation that an agency has answered: our own, or one we were told of."""
    ours = cases.invitation(connection, _body(opened)["invitation"])
    if ours is not None and ours.direction == "sent":
        return bool(ours.case == opened.message.case and ours.invitee.get("member") == opened.message.sender)
    return cases.seat(connection, _case(opened), "agency", opened.message.sender) is not None


def _attested(connector: Connector, connection: Connection, opened: Opened) -> None:
    """The seat that we hold for the citizen is active now; elsewhere it was fetched and proven before."""
    loaded, body = opened.message, _body(opened)
    if "keys" in body:
        _keys_attested(connector, connection, opened)
        return
    if not connector.acts_for_citizens:
        prove_waiting(connector, connection, _case(opened))
        return
    seat = cases.seat(connection, _case(opened), "citizen", connector.id)
    if seat is None or seat.join_id != body["join"]:
        raise UnknownInvitation("We have not joined so.", join=body["join"])
    if connector.keyring.seat_key(_case(opened)).kid != body["sealing"]:
        raise NotAttested(case=_case(opened))
    cases.keep_seat(
        connection, _case(opened), "citizen", connector.id, status="active", attested_by=loaded.sender
    )
    for invitation in cases.invitations_in(connection, "joined"):
        if invitation.join_id == body["join"]:
            cases.move_invitation(connection, invitation.id, "accepted")


def _keys(connector: Connector, connection: Connection, opened: Opened) -> None:
    """The citizen's seat gets passkeys and loses others, by the portal that holds it.

    What is added counts with an assertion by a passkey in force, or waits until an agency attests it.
    """
    loaded = opened.message
    if connector.acts_for_citizens:
        raise WrongRecipients("The passkeys of a seat are told to agencies.")
    seat = cases.citizen_seat(connection, _case(opened))
    if seat is None:
        raise CitizenNotJoined(case=_case(opened))
    if seat.member != loaded.sender:
        raise NotYourTurn("Only the portal that holds the citizen's seat changes its passkeys.")
    seat_keys.take(connection, seat, loaded, opened.arrival.index, placed=True)


def _keys_attested(connector: Connector, connection: Connection, opened: Opened) -> None:
    """An agency of the case vouches for waiting passkeys.

    That it sits in the case was proven when the seats were fetched for this message; who was not found to sit
    there vouches for nothing. A portal goes by the agencies of which it was told.
    """
    loaded, case = opened.message, _case(opened)
    seat = cases.citizen_seat(connection, case)
    if seat is None:
        raise CitizenNotJoined(case=case)
    if connector.acts_for_citizens:
        _check_sits(connector, connection, opened)
        key_rows.before(connection, case, _body(opened)["keys"], opened.arrival.index)
    elif key_rows.find(connection, case, loaded.sender, loaded.id) is None:
        raise NoSeat("It was not shown to sit in the case.", case=case, member=loaded.sender)
    seat_keys.take(connection, seat, loaded, opened.arrival.index, placed=True)


def _left(connector: Connector, connection: Connection, opened: Opened) -> None:
    """A member has left the case, or the citizen has ended an agency's seat.

    Without the citizen no consent of the case can be governed: they all end, and what rests on them goes as
    after a withdrawal.
    """
    loaded = opened.message
    member = str(_body(opened).get("member", loaded.sender))
    _check_sits(connector, connection, opened)
    if member != loaded.sender and cases.seat(connection, _case(opened), "citizen", loaded.sender) is None:
        raise NotYourTurn("Only the citizen ends another's seat.", member=member)
    citizen = cases.seat(connection, _case(opened), "citizen", member)
    cases.end_seat(connection, _case(opened), member)
    if citizen is not None and citizen.status in {"joined", "active"}:
        index, ended_at = opened.arrival.index, opened.arrival.decided_at
        consents.end_all(connection, _case(opened), index, connector.clock(), ended_at=ended_at)


def _check_sits(connector: Connector, connection: Connection, opened: Opened) -> None:
    """Raise NoSeat unless the sender sat in the case when they said it: closing it makes others erase.

    The coordinator lists the seats of now. Who has left since is known by their own word, in its place.
    """
    case, sender = _case(opened), opened.message.sender
    if cases.find(connection, case) is None:
        raise UnknownCase(case=case)
    seats_of_sender = [cases.seat(connection, case, kind, sender) for kind in ("agency", "citizen")]
    statuses = {seat.status for seat in seats_of_sender if seat is not None}
    if statuses & {"joined", "active"}:
        return
    before = opened.arrival.index
    said = cases_told.last_word(connection, case, sender, connector.id, before=before)
    if "ended" not in statuses or said == case_v1.LEAVE:
        raise NoSeat(case=case, member=sender)


def _closed(connector: Connector, connection: Connection, opened: Opened) -> None:
    _check_sits(connector, connection, opened)
    cases.set_status(connection, _case(opened), "closed")


def _reopened(connector: Connector, connection: Connection, opened: Opened) -> None:
    _check_sits(connector, connection, opened)
    cases.set_status(connection, _case(opened), "open")


def _opened(_connector: Connector, _connection: Connection, _opened_case: Opened) -> None:
    """Nobody but the one who opened it sits in a new case: there is nothing to follow from it."""


RULES = {
    case_v1.OPEN: _opened,
    case_v1.INVITE: _invited,
    case_v1.JOIN: _joined,
    case_v1.ATTEST: _attested,
    case_v1.KEYS: _keys,
    case_v1.LEAVE: _left,
    case_v1.CLOSE: _closed,
    case_v1.REOPEN: _reopened,
}
