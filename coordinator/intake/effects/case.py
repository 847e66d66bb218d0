"""Effects of the family `case`: seats come, are attested and end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from coordinator.intake.effects.consent import end_all
from coordinator.intake.effects.effect import Effect
from coordinator.intake.rules.case import attested_keys, changed_keys, seat_keys
from coordinator.register.cases import Case, Seat
from coordinator.register.register import Register
from schemas.messages import case_v1
from schemas.messages.shape import Message
from schemas.seat_keys import SeatPasskeys
from schemas.wire import canonical


def open_case(message: Message, register: Register, _seq: int, now: datetime) -> None:
    """Add the case and its first seat; a citizen who comes alone is attested by their portal."""
    case, body = message.case or "", message.body or {}
    register.cases.put(case, Case(case, message.sender, "open", now))
    if "seat" not in body:
        register.put_seat(Seat(case, message.sender, "agency", "active", joined=message.id))
        return
    keys = seat_keys(body)
    register.put_seat(
        Seat(
            case=case,
            member=message.sender,
            kind="citizen",
            status="active",
            sealing_kid=keys["sealing_kid"],
            keys=canonical(keys).decode(),
            joined=message.id,
            attested=message.id,
        )
    )


def invite(message: Message, register: Register, _seq: int, _now: datetime) -> None:
    """Add a seat that waits for its answer; a new invitation of the citizen takes the place of an old one."""
    case, invitee = message.case or "", (message.body or {})["invitee"]
    is_citizen = invitee["kind"] == "citizen"
    earlier = register.citizen_seat(case) if is_citizen else None
    if earlier is not None:
        register.put_seat(replace(earlier, status="ended"))
    authority = message.authority
    register.put_seat(
        Seat(
            case=case,
            member=invitee["portal"] if is_citizen else invitee["member"],
            kind="citizen" if is_citizen else "agency",
            status="invited",
            invitation=message.id,
            invited_by=message.sender,
            rests_on=authority.id if authority else None,
        )
    )


def join(message: Message, register: Register, _seq: int, _now: datetime) -> None:
    """An agency sits down; a citizen's keys wait to be attested."""
    seat = register.seat(message.case, message.sender)
    if seat is None:
        return
    if seat.kind == "agency":
        register.put_seat(replace(seat, status="active", joined=message.id))
        return
    keys = seat_keys(message.body or {})
    register.put_seat(
        replace(
            seat,
            status="joined",
            sealing_kid=keys["sealing_kid"],
            keys=canonical(keys).decode(),
            joined=message.id,
        )
    )


def attest(message: Message, register: Register, seq: int, _now: datetime) -> None:
    """The citizen sits down; or passkeys that came later count from here on."""
    seat = register.citizen_seat(message.case)
    if seat is not None and "keys" in (message.body or {}):
        _keep_keys(register, seat, attested_keys(seat, message, place=seq), message)
    elif seat is not None:
        register.put_seat(replace(seat, status="active", attested=message.id))


def keys(message: Message, register: Register, seq: int, _now: datetime) -> None:
    """Passkeys come, at once or to be attested, and end."""
    seat = register.citizen_seat(message.case)
    if seat is not None:
        _keep_keys(register, seat, changed_keys(seat, message, place=seq), message)


def _keep_keys(register: Register, seat: Seat, passkeys: SeatPasskeys, message: Message) -> None:
    said = [*seat.key_messages(), (message.id, message.sender)]
    known = {**seat.known_keys(), "passkeys": passkeys.to_json(), "said": [list(each) for each in said]}
    register.put_seat(replace(seat, keys=canonical(known).decode()))


def leave(message: Message, register: Register, _seq: int, _now: datetime) -> None:
    """End a seat."""
    member = (message.body or {}).get("member", message.sender)
    seat = register.seat(message.case, member)
    if seat is not None:
        end_seats([seat], register)


def end_seats(seats: Sequence[Seat], register: Register) -> None:
    """End seats; without the citizen no consent of the case can be governed, so they all end."""
    for seat in seats:
        register.put_seat(replace(seat, status="ended"))
        if seat.kind == "agency":
            register.ended_seats.add((seat.case, seat.member))
    end_all({seat.case for seat in seats if seat.kind == "citizen"}, register)


def close(message: Message, register: Register, _seq: int, _now: datetime) -> None:
    """Close the case."""
    register.cases.put(message.case or "", replace(register.case(message.case), status="closed"))


def reopen(message: Message, register: Register, _seq: int, _now: datetime) -> None:
    """Open it again."""
    register.cases.put(message.case or "", replace(register.case(message.case), status="open"))


EFFECTS: dict[str, Effect] = {
    case_v1.OPEN: open_case,
    case_v1.INVITE: invite,
    case_v1.JOIN: join,
    case_v1.ATTEST: attest,
    case_v1.KEYS: keys,
    case_v1.LEAVE: leave,
    case_v1.CLOSE: close,
    case_v1.REOPEN: reopen,
}
