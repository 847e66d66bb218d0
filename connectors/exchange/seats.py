"""The citizen's seat in a case: which keys are the citizen's, proven from invitation, join, attestation, and
what was said about its passkeys since.

The coordinator only carries these messages. The keys of a seat are pinned when the agency that handed over
the one-time code has attested them (or, for a citizen who came alone, the portal with its sign-in); after
that no answer of the coordinator can change them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from connectors.exchange import seat_keys
from connectors.exchange.connector import Connector
from connectors.exchange.errors import KeysSwapped, UnreadableAnswer
from connectors.exchange.store import alarms, cases, inbox
from connectors.exchange.store import seat_keys as key_rows
from schemas import log, message, receipt
from schemas.errors import LogMismatch, NotAttested, Refusal
from schemas.keys import SealingPublicKey
from schemas.messages import case_v1, envelope
from schemas.messages.envelope import Message
from schemas.passkey import PasskeyKey
from schemas.receipt import Receipt


@dataclass(frozen=True, slots=True)
class ProvenSeat:
    """A citizen's seat whose keys somebody has vouched for."""

    case: str
    portal: str
    sealing: Mapping[str, str]
    passkeys: Sequence[Mapping[str, Any]]
    join_id: str
    attested_by: str
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A verified message that was shown as proof, its receipt, and the place that it is said to have."""

    message: Message
    receipt: Receipt
    index: int


def learn(connector: Connector, case: str) -> None:
    """Fetch who sits in a case; pin the citizen's seat if it is proven; other keys raise an alarm."""
    answer = connector.coordinator.case(case)
    try:
        entries = list(answer["seats"])
        opened_by = _opener(answer, entries)
        shown = [each for entry in entries for each in _verified(connector, case, entry)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableAnswer("The case's entry is not as agreed.") from error
    everything = [each.message for each in shown]
    proven_agencies = agencies_in(everything)
    sitting = proven_agencies | {connector.id}
    history = _placed(connector, case, [each for each in shown if _is_about_keys(each.message)])
    now = connector.clock()
    with connector.database.writing() as connection:
        cases.opened(connection, case, by=opened_by, language="en", now=now)
        for entry in entries:
            if entry["kind"] == "agency" and entry["member"] in sitting:
                _keep_agency(connection, case, entry)
            elif entry["status"] in {"active", "joined"}:
                proven = prove(case, entry["member"], everything)
                if proven is not None:
                    pin(connection, proven, now)
                    take_history(connection, proven, history, proven_agencies, now)


def _opener(answer: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> str:
    named = answer.get("opened_by")
    return str(named) if named else str(entries[0]["member"])


def _verified(connector: Connector, case: str, entry: Mapping[str, Any]) -> list[Shown]:
    """Check the messages that prove a seat: signed by their members, promised by the coordinator, of this
    case.
    """
    found = []
    for item in entry["messages"]:
        raw, promise = item["message"].encode("ascii"), item["receipt"].encode("ascii")
        verified = message.verify(raw, connector.directory.key_for)
        loaded = envelope.load(verified)
        promised = receipt.check(
            promise, connector.coordinator.pinned.key_for, id=loaded.id, sha256=loaded.sha256
        )
        if loaded.case == case:
            found.append(Shown(loaded, promised, int(item["index"])))
    return found


def prove(case: str, portal: str, messages: Sequence[Message]) -> ProvenSeat | None:
    """Give the seat that these verified messages prove, or None while nobody has vouched for its keys.

    1. a citizen who came alone: the portal opened the case with the seat's keys, and vouches for the sign-in
    2. otherwise: invite (by the agency) → join (by the portal, with the keys) → attest (by that same agency,
       naming exactly these keys)
    """
    alone = [
        each
        for each in messages
        if each.type == case_v1.OPEN and each.sender == portal and "seat" in _body(each)
    ]
    if alone:
        return _seat(case, alone[-1], attested_by=portal, proof=alone[-1:])
    for attest in reversed(
        [each for each in messages if each.type == case_v1.ATTEST and "join" in _body(each)]
    ):
        for join in messages:
            if join.type == case_v1.JOIN and join.id == _body(attest)["join"] and join.sender == portal:
                invite = _invitation(join, messages)
                if invite is not None and invite.sender == attest.sender:
                    check_attested(join, attest)
                    return _seat(case, join, attested_by=attest.sender, proof=[invite, join, attest])
    return None


def agencies_in(messages: Sequence[Message]) -> set[str]:
    """Give the agencies whose seats these verified messages prove.

    The first seat is that of whoever opened the case; every other one was invited from a seat that is proven,
    or by the citizen's portal, and answered the invitation. Two openings of one case prove nothing.
    """
    opened = {each.sender for each in messages if each.type == case_v1.OPEN}
    if len(opened) != 1:
        return set()
    sitting = opened | {_body(each)["invitee"]["portal"] for each in messages if _invites(each, "citizen")}
    agencies = set(opened)
    while True:
        invited = {
            each.id: _body(each)["invitee"]["member"]
            for each in messages
            if _invites(each, "agency") and each.sender in sitting
        }
        joined = {
            each.sender
            for each in messages
            if each.type == case_v1.JOIN and invited.get(_body(each)["invitation"]) == each.sender
        }
        if joined <= agencies:
            return agencies
        agencies |= joined
        sitting |= joined


def _invites(message: Message, kind: str) -> bool:
    return message.type == case_v1.INVITE and _body(message)["invitee"]["kind"] == kind


def _invitation(join: Message, messages: Sequence[Message]) -> Message | None:
    for each in messages:
        if each.type == case_v1.INVITE and each.id == _body(join)["invitation"]:
            return each
    return None


def check_attested(join: Message, attest: Message) -> None:
    """Raise NotAttested unless the attestation names exactly the keys with which the citizen joined."""
    seat = _body(join)["seat"]
    kids = sorted(PasskeyKey.from_jwk(each["jwk"]).kid for each in seat["passkeys"])
    body = _body(attest)
    if body["sealing"] != SealingPublicKey.from_jwk(seat["sealing"]).kid or sorted(body["passkeys"]) != kids:
        raise NotAttested(case=str(join.case))


def _seat(case: str, bearer: Message, *, attested_by: str, proof: Sequence[Message]) -> ProvenSeat:
    keys = _body(bearer)["seat"]
    return ProvenSeat(
        case=case,
        portal=bearer.sender,
        sealing=keys["sealing"],
        passkeys=keys["passkeys"],
        join_id=bearer.id,
        attested_by=attested_by,
        proof=tuple(each.raw.decode() for each in proof),
    )


def _body(loaded: Message) -> Mapping[str, Any]:
    return loaded.body or {}


def pin(connection: Connection, seat: ProvenSeat, now: datetime) -> None:
    """Pin a seat that was proven; when other keys are pinned already they stay, and an alarm is raised."""
    known = cases.citizen_seat(connection, seat.case)
    if known is not None and (known.member != seat.portal or known.sealing != dict(seat.sealing)):
        refusal = KeysSwapped("The keys of the citizen's seat are not the ones that were attested before.")
        alarms.raise_alarm(connection, KeysSwapped.code, seat.case, refusal.detail, now)
        return
    cases.keep_seat(
        connection,
        seat.case,
        "citizen",
        seat.portal,
        status="active",
        sealing=dict(seat.sealing),
        passkeys=[dict(each) for each in seat.passkeys],
        proof=list(seat.proof),
        join_id=seat.join_id,
        attested_by=seat.attested_by,
    )


def _is_about_keys(message: Message) -> bool:
    return message.type == case_v1.KEYS or (message.type == case_v1.ATTEST and "keys" in _body(message))


def _placed(connector: Connector, case: str, history: Sequence[Shown]) -> list[tuple[Shown, bool]]:
    """Order what was said about a seat's passkeys, and see the log hold it there, as far as we know the log.

    The order decides which passkey counted for which consent, so that it may not rest on anybody's word; an
    entry that the log does not hold where it is said to be raises an alarm and is left out.
    """
    with connector.database.reading() as connection:
        checkpoint = inbox.last_checkpoint(connection)
        seen = {
            each.message.id
            for each in history
            if (row := key_rows.find(connection, case, each.message.sender, each.message.id)) and row.placed
        }
    found = []
    for each in sorted(history, key=lambda shown: shown.index):
        held = each.message.id in seen
        if not held and checkpoint is not None and each.index < checkpoint[0]:
            if not _is_there(connector, case, each, checkpoint):
                continue
            held = True
        found.append((each, held))
    return found


def _is_there(connector: Connector, case: str, shown: Shown, checkpoint: tuple[int, bytes]) -> bool:
    size, root = checkpoint
    proof = connector.coordinator.proof(shown.index, size)
    try:
        log.verify_inclusion(log.leaf_hash(shown.receipt.commitment), shown.index, size, proof, root)
    except LogMismatch as refusal:
        with connector.database.writing() as connection:
            alarms.raise_alarm(connection, KeysSwapped.code, case, refusal.detail, connector.clock())
        return False
    return True


def take_history(
    connection: Connection,
    proven: ProvenSeat,
    history: Sequence[tuple[Shown, bool]],
    sitting: Collection[str],
    now: datetime,
) -> None:
    """Keep what was said about the passkeys of the seat that is pinned; what does not hold raises an alarm.

    1. it is about the pinned seat                                (a history of other keys)
    2. passkeys come and go by the seat's portal; waiting ones are attested by an agency that is proven to sit
    3. and that proof has in it who attested the seat             (a case that others are said to have opened)
    4. what is added holds as of its place in the log             (a passkey of the middle's own)
    """
    seat = cases.citizen_seat(connection, proven.case)
    if seat is None or seat.join_id != proven.join_id:
        return
    same_circle = seat.attested_by in {*sitting, seat.member}
    attesters = set(sitting) - {seat.member} if same_circle else set()
    for shown, placed in history:
        said = shown.message
        if said.sender not in ({seat.member} if said.type == case_v1.KEYS else attesters):
            continue
        try:
            seat_keys.take(connection, seat, said, shown.index, placed=placed)
        except Refusal as refusal:
            alarms.raise_alarm(connection, KeysSwapped.code, proven.case, refusal.detail, now)


def _keep_agency(connection: Connection, case: str, entry: Mapping[str, Any]) -> None:
    status = entry["status"] if entry["status"] in {"invited", "joined", "active", "ended"} else "ended"
    cases.keep_seat(connection, case, "agency", str(entry["member"]), status=status)


def ensure_citizen(connector: Connector, case: str) -> None:
    """Fetch the seats of a case in which no citizen's seat is pinned yet."""
    with connector.database.reading() as connection:
        pinned = cases.citizen_seat(connection, case)
    if pinned is None:
        learn(connector, case)
