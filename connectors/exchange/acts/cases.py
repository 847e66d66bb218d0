"""Opening cases, inviting and joining, leaving, closing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from connectors.exchange import joining as seating
from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import CITIZEN, sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import cases, cases_told, consents
from connectors.exchange.store.outbox import Signed
from schemas import instant
from schemas.errors import CaseClosed, CaseExists, NoSeat, SeatTaken, WrongCode, WrongTransition
from schemas.instant import to_ms
from schemas.messages import case_v1, joining
from schemas.messages.envelope import Authority
from schemas.passkey import PasskeyKey


@dataclass(frozen=True, slots=True)
class CitizensInvitation:
    """An invitation with its one-time code, which is shown once and never stored in clear by the portal."""

    id: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How surely and when the citizen had signed in at the portal."""

    acr: str
    auth_time: datetime


def open_case(connector: Connector, language: str = "en") -> str:
    """Open a case as an agency; gives its random id."""
    return _open(connector, str(uuid4()), {"language": language})


def open_case_for_citizen(
    connector: Connector,
    sign_in: SignIn,
    language: str = "en",
    passkeys: Sequence[Mapping[str, Any]] = (),
    case: str | None = None,
) -> str:
    """Open a case for a citizen who comes alone; the portal vouches for the sign-in.

    With `case`, a random id that was made before, one is opened however often it is asked for; raises
    CaseExists to all but the first.
    """
    case = case or str(uuid4())
    key = connector.keyring.new_seat_key(case)
    seat = {"sealing": key.public.jwk, "passkeys": [dict(each) for each in passkeys]}
    auth_time = instant.format(sign_in.auth_time)
    return _open(
        connector, case, {"language": language, "seat": seat, "acr": sign_in.acr, "auth_time": auth_time}
    )


def _open(connector: Connector, case: str, body: dict[str, Any]) -> str:
    now = connector.clock()
    signed = sign_open(connector, now, type=case_v1.OPEN, to=[CITIZEN], case=case, body=body)
    seat = body.get("seat")
    with connector.database.writing() as connection:
        if not cases.opened(
            connection,
            case,
            by=connector.id,
            language=body["language"],
            now=now,
            acting_for_citizen=seat is not None,
        ):
            raise CaseExists(case=case)
        if seat is None:
            cases.keep_seat(connection, case, "agency", connector.id, status="active")
        else:
            _keep_own_seat(connector, connection, signed, seat)
        post(connection, signed, now)
    return case


def _keep_own_seat(
    connector: Connector, connection: Connection, signed: Signed, seat: Mapping[str, Any]
) -> None:
    """Note the seat that our message takes: active for a citizen who came alone, else not attested yet."""
    alone = signed.type == case_v1.OPEN
    cases.keep_seat(
        connection,
        str(signed.case),
        "citizen",
        connector.id,
        status="active" if alone else "joined",
        sealing=seat["sealing"],
        passkeys=seat["passkeys"],
        join_id=signed.id,
        attested_by=connector.id if alone else None,
    )


def invite_citizen(connector: Connector, case: str, portal: str) -> CitizensInvitation:
    """Invite the citizen; the code has 100 bits and is to be handed over in person."""
    code = joining.new_code()
    invitee = {"kind": "citizen", "portal": portal, "commitment": joining.commitment(code)}
    invitation = _invite(connector, case, invitee, to=[portal], code=code)
    return CitizensInvitation(invitation, code)


def invite_agency(
    connector: Connector, case: str, member: str, authority: Authority, agreement: str | None = None
) -> str:
    """Invite another agency, carried by a consent, a statute's clause, or (for the citizen) by the seat.

    Raises SeatTaken for one who is invited, or sits there.
    """
    with connector.database.reading() as connection:
        told = [member] if _speaks_for_citizen(connection, connector, case) else [member, CITIZEN]
    invitee = {"kind": "agency", "member": member}
    return _invite(connector, case, invitee, to=told, authority=authority, agreement=agreement)


def _invite(
    connector: Connector,
    case: str,
    invitee: dict[str, Any],
    *,
    to: Sequence[str],
    code: str | None = None,
    authority: Authority | None = None,
    agreement: str | None = None,
) -> str:
    now = connector.clock()
    signed = sign_open(
        connector,
        now,
        type=case_v1.INVITE,
        to=to,
        case=case,
        body={"invitee": invitee},
        authority=authority,
        agreement=agreement,
    )
    with connector.database.writing() as connection:
        cases.require(connection, case)
        if invitee["kind"] == "agency":
            _check_is_new(connector, connection, case, invitee["member"])
        cases.keep_invitation(
            connection,
            signed.id,
            case=case,
            direction="sent",
            inviter=connector.id,
            invitee=invitee,
            code=code,
            state="open",
            join_id=None,
            at=to_ms(now),
        )
        return post(connection, signed, now)


def _check_is_new(connector: Connector, connection: Connection, case: str, member: str) -> None:
    """Raise SeatTaken for one who is invited already, as the coordinator would: a button is pressed twice."""
    cases.lock(connection, case)
    last = cases_told.last_word(connection, case, member, connector.id)
    seat = cases.seat(connection, case, "agency", member)
    sits = seat is None or seat.status != "ended"  # it also ends, without a word, with who leaves the service
    if last == case_v1.INVITE or (last == case_v1.JOIN and sits):
        raise SeatTaken(case=case, member=member)


def _speaks_for_citizen(connection: Connection, connector: Connector, case: str) -> bool:
    seat = cases.citizen_seat(connection, case)
    return seat is not None and seat.member == connector.id


def join_case(connector: Connector, code: str, passkeys: Sequence[Mapping[str, Any]] = ()) -> str:
    """Take the citizen's seat with the code that they were given, once; gives the case.

    The seat's key is made here and bound to the code, which never leaves the portal. Of two who come with the
    same code at the same time (a button that was pressed twice) one says it: a second word would be refused,
    and who invited would answer the first.
    """
    now = connector.clock()
    with connector.database.reading() as connection:
        waiting = cases.invitations_in(connection, "open")
    commitment = joining.commitment(code)
    invitation = next(
        (
            row
            for row in waiting
            if row.direction == "received" and row.invitee.get("commitment") == commitment
        ),
        None,
    )
    if invitation is None:
        raise WrongCode("No invitation waits for this code.", remedy="Check the code, or ask for a new one.")
    key = connector.keyring.new_seat_key(invitation.case)
    kids = [PasskeyKey.from_jwk(each["jwk"]).kid for each in passkeys]
    seat = {"sealing": key.public.jwk, "passkeys": [dict(each) for each in passkeys]}
    proof = joining.join_proof(code, invitation=invitation.id, sealing_kid=key.kid, passkey_kids=kids)
    body = {"invitation": invitation.id, "seat": seat, "proof": proof}
    signed = sign_open(
        connector,
        now,
        type=case_v1.JOIN,
        to=[invitation.inviter],
        case=invitation.case,
        re=invitation.id,
        body=body,
    )
    with connector.database.writing() as connection:
        if not cases.take_invitation(connection, invitation.id, signed.id):
            return str(invitation.case)
        cases.opened(
            connection,
            invitation.case,
            by=invitation.inviter,
            language="en",
            now=now,
            acting_for_citizen=True,
        )
        _keep_own_seat(connector, connection, signed, seat)
        post(connection, signed, now)
    return str(invitation.case)


def accept_invitation(connector: Connector, invitation: str) -> str:
    """Take an agency's seat, decided by a person."""
    now = connector.clock()
    with connector.database.writing() as connection:
        return seating.accept_as_agency(connector, connection, invitation, now)


def attest_in_person(connector: Connector, invitation: str) -> str:
    """Attest a citizen's keys whose code did not fit, after comparing them face to face."""
    with connector.database.writing() as connection:
        return seating.attest_in_person(connector, connection, invitation)


def everyone_else(connector: Connector, connection: Connection, case: str) -> list[str]:
    """Give all who sit in a case but us, the citizen as `citizen`; who is told of what concerns all."""
    found = []
    for row in cases.seats_of(connection, case):
        if row.member == connector.id or row.status == "ended":
            continue
        found.append(CITIZEN if row.kind == "citizen" else row.member)
    others = list(dict.fromkeys(found))
    if not _speaks_for_citizen(connection, connector, case) and CITIZEN not in others:
        others.append(CITIZEN)
    return others or [CITIZEN]


def _tell_everyone(
    connector: Connector, case: str, kind: str, body: Mapping[str, Any], then: Callable[[Connection], None]
) -> str:
    """Tell all who sit in the case, and note here what follows, in one transaction."""
    now = connector.clock()
    with connector.database.writing() as connection:
        cases.require(connection, case)
        to = everyone_else(connector, connection, case)
        signed = sign_open(connector, now, type=kind, to=to, case=case, body=dict(body))
        then(connection)
        return post(connection, signed, now)


def _with(**members: str | None) -> dict[str, str]:
    return {name: value for name, value in members.items() if value is not None}


def leave(connector: Connector, case: str, reason: str | None = None) -> str:
    """Give our seat up; with the citizen's, every consent of the case ends."""

    def then(connection: Connection) -> None:
        if _speaks_for_citizen(connection, connector, case):
            consents.end_all(connection, case, None, connector.clock())
        cases.end_seat(connection, case, connector.id)

    return _tell_everyone(connector, case, case_v1.LEAVE, _with(reason=reason), then)


def end_agencys_seat(connector: Connector, case: str, member: str, reason: str | None = None) -> str:
    """End the seat of an agency that is there by the citizen's consent or invitation; raise NoSeat."""

    def then(connection: Connection) -> None:
        cases.lock(connection, case)
        if cases_told.last_word(connection, case, member, connector.id) == case_v1.LEAVE:
            raise NoSeat(member=member, case=case)
        cases.end_seat(connection, case, member)

    return _tell_everyone(connector, case, case_v1.LEAVE, _with(member=member, reason=reason), then)


def close(connector: Connector, case: str, outcome: str | None = None, reason: str | None = None) -> str:
    """Close a case; raise CaseClosed for one that is closed."""

    def then(connection: Connection) -> None:
        if not cases.set_status(connection, case, "closed"):
            raise CaseClosed(case=case)

    return _tell_everyone(connector, case, case_v1.CLOSE, _with(outcome=outcome, reason=reason), then)


def reopen(connector: Connector, case: str, reason: str) -> str:
    """Open a closed case again; raise WrongTransition for one that is open."""

    def then(connection: Connection) -> None:
        if not cases.set_status(connection, case, "open"):
            raise WrongTransition("The case is open.", case=case)

    return _tell_everyone(connector, case, case_v1.REOPEN, _with(reason=reason), then)
