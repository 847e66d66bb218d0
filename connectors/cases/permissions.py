"""Permissions: the life of each consent by the log's order, and every use of it, from the exchange itself.

What the connector judged for itself (proof not valid, time over by the agreed clock) stands above what the
messages alone would say: only that decides whether anything moves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.cases.entry import Entry, place
from connectors.cases.said import Said
from connectors.cases.view_access import Permission, Permissions, Turn, Use
from schemas import instant
from schemas.consent_life import Event, Status, next_status
from schemas.errors import WrongTransition

SOON: Final = timedelta(days=14)
"""A permission that ends within two weeks is worth a reminder."""
_EVENTS: Final[Mapping[str, Event]] = {
    "consent.suspend": Event.SUSPEND,
    "consent.resume": Event.RESUME,
    "consent.withdraw": Event.WITHDRAW,
    "consent.grant": Event.SUPERSEDE,
}
_DONE: Final[Mapping[str, str]] = {"consent.resume": "resumed"}
"""What is called otherwise than the state that it leads to."""
_FINAL: Final = frozenset({Status.WITHDRAWN, Status.EXPIRED, Status.SUPERSEDED, Status.INVALIDATED})


def permissions(said: Said) -> tuple[Permission, ...]:
    """Give the permissions, newest first."""
    grants: dict[str, Entry] = {}
    for entry in said.of("consent.grant"):
        if "consent" in entry.body:
            grants.setdefault(entry.body["consent"]["id"], entry)
    events = _events(said, grants)
    moved: dict[str, list[Use]] = defaultdict(list)
    for use in uses(said):
        moved[use.consent].append(use)
    return tuple(
        _permission(said, grant, events.get(consent, ()), moved.get(consent, ()))
        for consent, grant in sorted(grants.items(), key=lambda each: place(each[1]), reverse=True)
    )


def _events(said: Said, grants: Mapping[str, Entry]) -> Mapping[str, list[Entry]]:
    """Collect what happened to each consent after its grant; only the portal that brought it changes it."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in said.of("consent.suspend", "consent.resume", "consent.withdraw"):
        found[str(entry.body.get("consent"))].append(entry)
    for entry in grants.values():
        old = entry.body["consent"].get("supersedes")
        if old is not None:
            found[old].append(entry)
    return {
        consent: sorted((each for each in entries if each.sender == grants[consent].sender), key=place)
        for consent, entries in found.items()
        if consent in grants
    }


def _permission(said: Said, grant: Entry, events: Sequence[Entry], used: Sequence[Use]) -> Permission:
    document: Mapping[str, Any] = grant.body["consent"]
    turns, superseded_by, last = _life(said, grant, events)
    until = instant.parse(document["valid_until"])
    known = said.here("consent", document["id"])
    local = {} if known is None else known.body
    status = _status_now(Status(turns[-1].status), local.get("status"), until, said.now)
    if status != turns[-1].status:
        # Of what nobody said (the seat ended, a proof failed) our own tables have the date.
        ended = until if status == Status.EXPIRED else turns[-1].at if known is None else known.at
        turns.append(Turn(status, status, ended, None, None, None))
    return Permission(
        id=document["id"],
        status=str(status),
        proven=bool(local.get("proven", True)),
        purpose=document["purpose"]["code"],
        purpose_text=document["purpose"]["text"],
        agreement=document["agreement"],
        sources=tuple(document["sources"]),
        recipients=tuple(document["recipients"]),
        categories=tuple(dict.fromkeys(each["category"] for each in document["data"])),
        document=document,
        granted_at=grant.at,
        granted_by=said.actor(grant),
        valid_until=until,
        turns=tuple(reversed(turns)),
        request=document.get("request"),
        supersedes=document.get("supersedes"),
        superseded_by=superseded_by,
        uses=tuple(used),
        on_its_way=last.on_its_way,
    )


def _life(said: Said, grant: Entry, events: Sequence[Entry]) -> tuple[list[Turn], str | None, Entry]:
    """Follow a consent from its grant; a step that cannot happen in a state is passed by, as everywhere."""
    status, last, superseded_by = Status.GRANTED, grant, None
    turns = [_turn(said, grant, status, status)]
    for entry in events:
        try:
            status = next_status(status, _EVENTS[entry.name])
        except WrongTransition:
            continue
        if status == Status.SUPERSEDED:
            superseded_by = entry.body["consent"]["id"]
        last = entry
        turns.append(_turn(said, entry, _DONE.get(entry.name, status), status))
    return turns, superseded_by, last


def _turn(said: Said, entry: Entry, event: str, status: Status) -> Turn:
    return Turn(str(event), str(status), entry.at, entry.log_index, said.actor(entry), entry.message)


def _status_now(said: Status, local: str | None, until: datetime, now: datetime) -> Status:
    """Take what our tables decide by, where they say anything; then see whether the time is over."""
    status = said if local is None else Status(local)
    if status not in _FINAL and until <= now:
        return Status.EXPIRED
    return status


def uses(said: Said) -> tuple[Use, ...]:
    """Give every record that moved by a consent, for each who got it, newest first."""
    gone = taken_back(said)
    found: list[Use] = []
    for entry in sorted(said.moved("record.release", "record.correct"), key=place, reverse=True):
        if entry.basis is None or entry.basis.kind != "consent" or entry.basis.id is None:
            continue
        found.extend(
            Use(
                consent=entry.basis.id,
                message=entry.message,
                statement=entry.id,
                source=entry.sender,
                recipient=recipient,
                category=entry.categories[0] if entry.categories else "",
                at=entry.at,
                log_index=entry.log_index,
                taken_back=recipient in gone.get(entry.message, ()),
            )
            for recipient in recipients(said, entry)
        )
    return tuple(found)


class _Everyone(Container[str]):
    def __contains__(self, member: object) -> bool:
        return True


def taken_back(said: Said) -> Mapping[str, Container[str]]:
    """Give by message to whom it never came, because it was taken out of their mailbox before."""
    found: dict[str, Container[str]] = {}
    for entry in said.of("delivery.withdrawn"):
        message, boxes = str(entry.body.get("message")), entry.body.get("mailboxes")
        known = found.get(message, frozenset())
        if boxes is None or not isinstance(known, frozenset):
            found[message] = _Everyone()
        else:
            found[message] = known | frozenset(boxes)
    return found


def recipients(said: Said, entry: Entry) -> tuple[str, ...]:
    """Give to which organisations a record went; where its envelope is gone: to who asked for it, or us."""
    if entry.to is not None:
        return said.readers(entry)
    asked = said.message(entry.re)
    if asked is not None and asked.name == "record.request" and not said.is_citizen(asked.sender):
        return (asked.sender,)
    mine = said.seat.kind == "agency" and entry.sender != said.seat.member
    return (said.seat.member,) if mine else ()


def summed_up(found: Iterable[Permission], now: datetime) -> Permissions:
    """Count permissions by state, and name those that end soon."""
    kept = list(found)
    in_force = [each for each in kept if each.in_force]
    ending = sorted((each.valid_until, each.id) for each in in_force if each.valid_until <= now + SOON)
    return Permissions(
        counts=dict(Counter(each.status for each in kept)),
        in_force=len(in_force),
        uses=sum(len(each.uses) for each in kept),
        ending=tuple(consent for _, consent in ending),
    )
