"""The passkeys of a citizen's seat: the portal adds and ends them, an agency attests those that wait.

What a passkey counts for is decided by every connector for itself, from the same messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from connectors.exchange import seat_keys, seats
from connectors.exchange.connector import Connector
from connectors.exchange.errors import NotHere
from connectors.exchange.outgoing.compose import CITIZEN, sign_open
from connectors.exchange.seat_keys import comparison_number
from connectors.exchange.spool import post
from connectors.exchange.store import cases
from connectors.exchange.store.outbox import Signed
from schemas import message
from schemas.errors import NoSeat, NotAttested
from schemas.keys import VerifyingKey
from schemas.messages import case_v1, envelope
from schemas.messages.fields import COORDINATOR
from schemas.seat_keys import SeatPasskey, State, seat_keys_challenge


@dataclass(frozen=True, slots=True)
class SeatKeysDraft:
    """A change of a seat's passkeys before it is said; `challenge` is what an earlier passkey signs."""

    case: str
    add: tuple[Mapping[str, Any], ...]
    end: tuple[str, ...]
    at: datetime
    challenge: bytes


@dataclass(frozen=True, slots=True)
class ShownPasskey:
    """A passkey of a seat; `number` is read aloud to compare it, `message` is the one that brought it."""

    kid: str
    credential: str
    number: str
    message: str
    vouched_by: str | None


@dataclass(frozen=True, slots=True)
class SeatPasskeysView:
    """The passkeys of one seat by what they are now."""

    in_force: tuple[ShownPasskey, ...]
    waiting: tuple[ShownPasskey, ...]
    ended: tuple[ShownPasskey, ...]


@dataclass(frozen=True, slots=True)
class WaitingKeys:
    """Passkeys that one message brought and that wait to be attested."""

    case: str
    message: str
    passkeys: tuple[ShownPasskey, ...]


def seat_keys_draft(
    connector: Connector, case: str, add: Sequence[Mapping[str, Any]], end: Sequence[str] = ()
) -> SeatKeysDraft:
    """Draft a change; what it adds counts at once if an earlier passkey signs the challenge.

    Keep `at` and hand it to `add_passkeys` with the assertion: the challenge is for that instant. Raises
    NoSeat.
    """
    at = connector.clock()
    with connector.database.reading() as connection:
        _own_seat(connector, connection, case)
    challenge = seat_keys_challenge(case, add, end, at)
    return SeatKeysDraft(case, tuple(dict(each) for each in add), tuple(end), at, challenge)


def add_passkeys(
    connector: Connector,
    case: str,
    add: Sequence[Mapping[str, Any]],
    end: Sequence[str] = (),
    proof: Mapping[str, Any] | None = None,
    *,
    at: datetime | None = None,
) -> str:
    """Add passkeys to the citizen's seat and end others; gives the id of the message.

    With `proof` (an assertion over the draft's challenge, and the draft's `at`) they count at once; without
    it they wait until an agency of the case attests them, or count by the portal's word where the citizen
    came alone. Raises NoSeat, ProofRefused, KeyTaken, TooManyKeys, UnknownKey or KeyNotInForce.
    """
    said_at = at or connector.clock()
    body: dict[str, Any] = {"add": [dict(each) for each in add], "end": list(end)}
    if proof is not None:
        body["proof"] = dict(proof)
    with connector.database.reading() as connection:
        _own_seat(connector, connection, case)
        to = _agencies(connector, connection, case) or [COORDINATOR]
    signed = sign_open(connector, said_at, type=case_v1.KEYS, to=to, case=case, body=body)
    with connector.database.writing() as connection:
        return _say(connector, connection, signed, _own_seat(connector, connection, case))


def end_passkeys(connector: Connector, case: str, end: Sequence[str]) -> str:
    """End passkeys of the citizen's seat, the last one too; needs no passkey. Gives the id of the message."""
    return add_passkeys(connector, case, (), end)


def passkeys_in(connector: Connector, case: str) -> SeatPasskeysView:
    """Give the passkeys of the citizen's seat as this connector knows them; raise NoSeat."""
    with connector.database.reading() as connection:
        keys = seat_keys.passkeys_of(connection, _pinned(connection, case))

    def in_state(state: State) -> tuple[ShownPasskey, ...]:
        return tuple(_shown(each) for each in keys.in_state(state))

    return SeatPasskeysView(in_state("in_force"), in_state("waiting"), in_state("ended"))


def waiting_keys(connector: Connector, case: str | None = None) -> list[WaitingKeys]:
    """List the passkeys that wait to be attested, in one case or in all of them."""
    found: dict[tuple[str, str], list[ShownPasskey]] = {}
    with connector.database.reading() as connection:
        known = [case] if case is not None else [row.id for row in cases.everything(connection)]
        for each in known:
            seat = cases.citizen_seat(connection, each)
            keys = seat_keys.passkeys_of(connection, seat).in_state("waiting") if seat is not None else ()
            for key in keys:
                found.setdefault((each, key.brought_by), []).append(_shown(key))
    return [WaitingKeys(each, brought, tuple(keys)) for (each, brought), keys in found.items()]


def compared(connector: Connector, case: str, keys: str, numbers: Sequence[str]) -> list[str]:
    """Give the waiting passkeys that have exactly these short numbers; raise NotAttested for any other."""
    waiting = [each for each in waiting_keys(connector, case) if each.message == keys]
    by_number = {_plain(key.number): key.kid for each in waiting for key in each.passkeys}
    try:
        return [by_number[_plain(number)] for number in numbers]
    except KeyError as error:
        raise NotAttested(
            "No passkey that waits there has this number.",
            remedy="Compare again. If the numbers differ, end the passkey and ask how it came there.",
            keys=keys,
        ) from error


def attest_keys(connector: Connector, case: str, keys: str, kids: Sequence[str] = ()) -> str:
    """Vouch for waiting passkeys because one of us compared their numbers face to face; gives the message.

    `keys` is the message that brought them, `kids` those that were compared (all of them when empty). Who
    else sits in the case is fetched before, because all are told. Raises NotHere, NotAttested or Unavailable.
    """
    seats.learn(connector, case)
    now = connector.clock()
    with connector.database.writing() as connection:
        seat = _pinned(connection, case)
        waiting = [
            each.kid
            for each in seat_keys.passkeys_of(connection, seat).in_state("waiting")
            if each.brought_by == keys
        ]
        if not waiting:
            raise NotHere("No passkeys that this message brought wait to be attested.", message=keys)
        body = {"keys": keys, "passkeys": list(kids) or waiting, "method": "in_person"}
        to = [*_agencies(connector, connection, case), CITIZEN]
        signed = sign_open(connector, now, type=case_v1.ATTEST, to=to, case=case, re=keys, body=body)
        return _say(connector, connection, signed, seat)


def _plain(number: str) -> str:
    return "".join(number.split())


def _say(connector: Connector, connection: Connection, signed: Signed, seat: Row[Any]) -> str:
    """Check the change as every receiver will, note it here, and send it."""

    def own_key(kid: str, _payload: Mapping[str, Any]) -> VerifyingKey:
        return VerifyingKey.from_jwk(connector.keyring.public_jwk(kid))

    loaded = envelope.load(message.verify(signed.raw, own_key))
    seat_keys.take(connection, seat, loaded, None, placed=False)
    return post(connection, signed, connector.clock())


def _agencies(connector: Connector, connection: Connection, case: str) -> list[str]:
    """Give the agencies that sit in the case besides us."""
    return [
        row.member
        for row in cases.seats_of(connection, case)
        if row.kind == "agency" and row.status == "active" and row.member != connector.id
    ]


def _own_seat(connector: Connector, connection: Connection, case: str) -> Row[Any]:
    seat = cases.citizen_seat(connection, case)
    if seat is None or seat.member != connector.id:
        raise NoSeat("No attested seat of a citizen in this case is held here.", case=case)
    return seat


def _pinned(connection: Connection, case: str) -> Row[Any]:
    seat = cases.citizen_seat(connection, case)
    if seat is None:
        raise NoSeat("The citizen has no attested seat in this case.", case=case)
    return seat


def _shown(key: SeatPasskey) -> ShownPasskey:
    number = comparison_number(key.kid)
    return ShownPasskey(key.kid, str(key.passkey["credential"]), number, key.brought_by, key.vouched_by)
