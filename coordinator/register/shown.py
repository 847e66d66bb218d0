"""The register as others see it, with the signed messages that prove it: JSON, ready to answer.

Members and agreements are for anyone; a case is for those with a seat in it; a consent for those it names.
Only what has its place in the log is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, and_, bindparam, select

from coordinator.database.engine import reading
from coordinator.database.one_of import one_of
from coordinator.database.tables import agreements, consents, log_entries, members, messages
from coordinator.register.agreements import load_signatures
from coordinator.register.cases import Seat, load_cases, load_seats
from coordinator.register.consents import load_consents_of
from coordinator.register.members import Key, load_keys_of
from schemas import instant
from schemas.errors import UnknownAgreement, UnknownCase, UnknownMember

Shape = dict[str, Any]

_PROOF = (
    messages.c.id,
    messages.c.sender,
    messages.c.type,
    messages.c.seq,
    log_entries.c.index,
    messages.c.raw,
    messages.c.receipt,
)
_LOGGED = messages.join(log_entries, log_entries.c.message_seq == messages.c.seq)
_BY_ID = select(*_PROOF).select_from(_LOGGED).where(one_of(messages.c.id, "ids"))
_OF_MEMBERS = (
    select(*_PROOF)
    .select_from(_LOGGED)
    .where(
        and_(messages.c.case.is_(None), one_of(messages.c.sender, "ids"), messages.c.type.like("member.%"))
    )
    .order_by(messages.c.seq)
)
_MEMBERS = select(members.c.id, members.c.kind, members.c.name, members.c.status).order_by(members.c.id)
_MEMBER = _MEMBERS.where(members.c.id == bindparam("id"))
_AGREEMENTS = select(
    agreements.c.ref,
    agreements.c.status,
    agreements.c.document,
    agreements.c.proposal,
    agreements.c.proposed_by,
).order_by(agreements.c.id, agreements.c.version)
_AGREEMENT = _AGREEMENTS.where(agreements.c.ref == bindparam("ref"))
_GRANT = (
    select(consents.c.id, log_entries.c.index, messages.c.raw, messages.c.receipt)
    .select_from(consents.join(messages, messages.c.seq == consents.c.seq))
    .join(log_entries, log_entries.c.message_seq == messages.c.seq)
    .where(consents.c.case == bindparam("case"))
)


class Shown:
    """Reads for others."""

    def __init__(self, engine: Engine) -> None:
        """Read through this engine, each answer on one snapshot."""
        self._engine = engine

    def members(self) -> list[Shape]:
        """Give every member."""
        with reading(self._engine) as connection:
            return _members(connection, connection.execute(_MEMBERS).all())

    def member(self, member: str) -> Shape:
        """Give one member; raise UnknownMember."""
        with reading(self._engine) as connection:
            found = _members(connection, connection.execute(_MEMBER, {"id": member}).all())
        if not found:
            raise UnknownMember(member=member)
        return found[0]

    def agreements(self) -> list[Shape]:
        """Give every agreement in every version and state."""
        with reading(self._engine) as connection:
            return _agreements(connection, connection.execute(_AGREEMENTS).all())

    def agreement(self, ref: str) -> Shape:
        """Give one version of an agreement; raise UnknownAgreement."""
        with reading(self._engine) as connection:
            found = _agreements(connection, connection.execute(_AGREEMENT, {"ref": ref}).all())
        if not found:
            raise UnknownAgreement(agreement=ref)
        return found[0]

    def case(self, case: str, *, member: str) -> Shape:
        """Give a case to a member that has or had a seat in it; raise UnknownCase, to strangers too."""
        with reading(self._engine) as connection:
            seats = _seats(connection, case, member)
            status = load_cases(connection, [case])[case].status
            ids = {each for seat in seats for each in (seat.invitation, seat.joined, seat.attested) if each}
            ids |= {each for seat in seats for each, _ in seat.key_messages()}
            proofs = list(connection.execute(_BY_ID, {"ids": sorted(ids)}))
        return {"case": case, "status": status, "seats": [_seat(seat, proofs) for seat in seats]}

    def consents(self, case: str, *, member: str) -> list[Shape]:
        """Give the consents that name the member; all of the case to the citizen's portal."""
        with reading(self._engine) as connection:
            seats = _seats(connection, case, member)
            found = load_consents_of(connection, [case])
            grants = connection.execute(_GRANT, {"case": case}).all()
        is_citizen = any(seat.member == member and seat.kind == "citizen" for seat in seats)
        return [
            {
                "id": grant.id,
                "status": found[grant.id].status,
                "message": bytes(grant.raw).decode(),
                "receipt": bytes(grant.receipt).decode(),
                "index": grant.index,
            }
            for grant in grants
            if is_citizen or member in found[grant.id].terms.parties()
        ]


def _seats(connection: Connection, case: str, member: str) -> list[Seat]:
    """Give the seats of a case to one who has or had one: who left still has to erase, and to prove it."""
    seats = load_seats(connection, [case]).get(case, {})
    if member not in seats:
        raise UnknownCase(case=case)
    return list(seats.values())


def _members(connection: Connection, rows: Iterable[Any]) -> list[Shape]:
    listed = list(rows)
    ids = [row.id for row in listed]
    keys = load_keys_of(connection, ids)
    proofs: dict[str, list[Shape]] = {}
    for row in connection.execute(_OF_MEMBERS, {"ids": ids}):
        proofs.setdefault(row.sender, []).append(_proof(row))
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "name": row.name,
            "status": row.status,
            "messages": proofs.get(row.id, []),
            "keys": [_key(key) for key in keys.values() if key.member == row.id],
        }
        for row in listed
    ]


def _agreements(connection: Connection, rows: Iterable[Any]) -> list[Shape]:
    listed = list(rows)
    signed = load_signatures(connection, [row.ref for row in listed])
    said: dict[str, set[tuple[str, str]]] = {row.ref: {(row.proposal, row.proposed_by)} for row in listed}
    for signature in signed.values():
        said[signature.ref].add((signature.message, signature.member))
    ids = sorted({message for pairs in said.values() for message, _ in pairs})
    proofs = {(row.id, row.sender): row for row in connection.execute(_BY_ID, {"ids": ids})}
    return [
        {
            "document": json.loads(row.document),
            "status": row.status,
            "messages": sorted(
                (_proof(proofs[pair]) for pair in said[row.ref] if pair in proofs),
                key=lambda each: each["index"],
            ),
        }
        for row in listed
    ]


def _seat(seat: Seat, proofs: Iterable[Any]) -> Shape:
    wanted = {
        (seat.invitation, seat.invited_by),
        (seat.joined, seat.member),
        (seat.attested, seat.invited_by or seat.member),
        *seat.key_messages(),
    }
    mine = [_proof(row) for row in proofs if (row.id, row.sender) in wanted]
    return {
        "kind": seat.kind,
        "member": seat.member,
        "status": seat.status,
        "messages": sorted(mine, key=lambda each: each["index"]),
    }


def _proof(row: Any) -> Shape:
    return {"index": row.index, "message": bytes(row.raw).decode(), "receipt": bytes(row.receipt).decode()}


def _key(key: Key) -> Mapping[str, Any]:
    return {
        "kid": key.kid,
        "use": key.use,
        "jwk": key.jwk,
        "valid_from": instant.format(key.valid_from),
        "valid_until": instant.format(key.valid_until),
        "ended_at": None if key.ended_at is None else instant.format(key.ended_at),
    }
