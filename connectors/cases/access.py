"""Emergencies with their reviews, and erasures: which copies had to go, and who has signed that they are
gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from connectors.cases.entry import Entry, place
from connectors.cases.permissions import recipients, taken_back
from connectors.cases.said import Said
from connectors.cases.view_access import Emergency, Erasure, Permission
from connectors.cases.view_parties import Closing
from schemas import instant
from schemas.consent_succession import Fate, Held, Link, chain, fate
from schemas.messages.coordination_v1 import PARTS

LONGEST: Final = timedelta(hours=24)
"""An emergency ends by itself within a day, whatever it says (protocol, "Types")."""
REVIEW_WITHIN: Final = timedelta(hours=72)


def emergencies(said: Said) -> tuple[Emergency, ...]:
    """Give the emergencies, newest first; only the agency that opened one tells of its review."""
    reviews = {
        (each.sender, str(each.body.get("emergency"))): each
        for each in sorted(said.of("access.emergency.review"), key=place)
    }
    return tuple(
        _emergency(said, entry, reviews.get((entry.sender, entry.message)))
        for entry in sorted(said.of("access.emergency"), key=place, reverse=True)
    )


def _emergency(said: Said, entry: Entry, review: Entry | None) -> Emergency:
    until = min(instant.parse(entry.body["until"]), entry.at + LONGEST)
    return Emergency(
        id=entry.message,
        member=entry.sender,
        reason=entry.body["reason"],
        categories=tuple(entry.body["categories"]),
        at=entry.at,
        log_index=entry.log_index,
        until=until,
        is_open=said.now < until,
        opened_by=entry.body.get("opened_by"),
        second_person=entry.body.get("second_person"),
        notice=entry.body["notice"],
        outcome=None if review is None else review.body.get("outcome"),
        reviewed_at=None if review is None else review.at,
        review_due=entry.at + REVIEW_WITHIN,
    )


def erasures(said: Said, permissions: Sequence[Permission], closed: Closing | None) -> tuple[Erasure, ...]:
    """Give every copy that had to go or went, those not confirmed first, then the newest confirmation."""
    due = _due(said, permissions, closed)
    confirmed = _confirmed(said, due)
    waiting = [each for key, each in due.items() if key not in confirmed]
    waiting.sort(key=lambda each: (each.due_since or said.now, each.message, each.member))
    done = sorted(
        confirmed.values(), key=lambda each: (each.confirmed_at or said.now, each.message, each.member)
    )
    return (*waiting, *reversed(done))


def _due(
    said: Said, permissions: Sequence[Permission], closed: Closing | None
) -> dict[tuple[str, str], Erasure]:
    """List the copies that have to go by what `exchange.keeping` goes by, each by what came first.

    What the coordinator took out of the mailbox before anyone got it is no copy of anybody.
    """
    found: dict[tuple[str, str], Erasure] = {}
    for each in (*_by_permission(said, permissions), *_left_in_case(said, closed)):
        known = found.setdefault((each.message, each.member), each)
        if _since(said, each) < _since(said, known):
            found[each.message, each.member] = each
    return {key: each for key, each in found.items() if _hears(said, each)}


def _since(said: Said, each: Erasure) -> datetime:
    return each.due_since or said.now


def _hears(said: Said, each: Erasure) -> bool:
    """Only who had it, who had sent it and the citizen are told that it is gone."""
    if said.seat.kind == "citizen" or said.seat.member == each.member:
        return True
    copy = said.message(each.message)
    return copy is not None and copy.sender == said.seat.member


def _by_permission(said: Said, permissions: Iterable[Permission]) -> Iterator[Erasure]:
    """Give what goes by the permission on which it rests, or by the last of those that took its place.

    It goes when that was taken back, or covers it no more by a new decision, and when it was kept for as long
    as each of them says, from when it was sent. How long a law lets something be kept is not said in a case;
    those copies are listed once they are gone.
    """
    known = {each.id: each for each in permissions}
    for entry, member in _copies(said, *_OF_OTHERS, *_SHARED):
        permission = known.get(_consent(entry) or "")
        if permission is None:
            continue
        found = fate(Held(entry.type, entry.categories), _links(known, permission))
        last = known[found.last.id]
        if found.why is not None:
            yield _to_go(entry, member, found.why, last.turns[0].at, last.id)
        until = _time_over(entry, found, known)
        if until <= said.now:
            yield _to_go(entry, member, "data_life", until, last.id)


def _links(known: Mapping[str, Permission], permission: Permission) -> tuple[Link, ...]:
    """Give a permission and those that took its place, one after the other."""

    def successor(link: Link) -> Link | None:
        following = known.get(known[link.id].superseded_by or "")
        return None if following is None else Link(following.document, following.status)

    return chain(Link(permission.document, permission.status), successor)


def _time_over(entry: Entry, found: Fate, known: Mapping[str, Permission]) -> datetime:
    """Say when a copy was kept long enough: by the shortest time, though not before that was decided."""
    return min(max(entry.at + link.life, known[link.id].granted_at) for link in found.lived_by)


def _left_in_case(said: Said, closed: Closing | None) -> Iterator[Erasure]:
    """Give what goes because the case is closed, on whatever it rested."""
    if closed is not None:
        for entry, member in _copies(said, *_OF_OTHERS):
            yield _to_go(entry, member, "case_closed", max(closed.at, entry.at), _consent(entry))


_OF_OTHERS: Final = ("record.release", "record.correct", "record.request")
"""What a reader deletes when the case is closed; shared plans and words stay for their time."""
_SHARED: Final = tuple(name.partition("/")[0] for name in PARTS)
"""What goes with the permission by which it was shared, or when its time is over."""


def _copies(said: Said, *names: str) -> Iterator[tuple[Entry, str]]:
    """Give what organisations got from one another, for each who got it."""
    gone = taken_back(said)
    for entry in said.moved(*names):
        if not entry.on_its_way:
            never_came = gone.get(entry.message, ())
            for member in recipients(said, entry):
                if member not in never_came:
                    yield entry, member


def _to_go(entry: Entry, member: str, why: str, since: datetime, lived_by: str | None) -> Erasure:
    return Erasure(
        message=entry.message,
        statement=entry.id,
        member=member,
        kind=entry.name,
        category=entry.categories[0] if entry.categories else None,
        consent=_consent(entry),
        lived_by=lived_by,
        why=why,
        due_since=since,
        confirmed_at=None,
        kept=None,
    )


def _confirmed(said: Said, due: Mapping[tuple[str, str], Erasure]) -> dict[tuple[str, str], Erasure]:
    """List what was signed as erased, by the one who had it and nobody else."""
    found: dict[tuple[str, str], Erasure] = {}
    for entry in said.of("record.erased"):
        for each in entry.body.get("messages", ()):
            key = (each["id"], entry.sender)
            copy = said.message(each["id"])
            found[key] = Erasure(
                message=each["id"],
                statement=None if copy is None else copy.id,
                member=entry.sender,
                kind=None if copy is None else copy.name,
                category=copy.categories[0] if copy is not None and copy.categories else None,
                consent=_consent(copy),
                lived_by=due[key].lived_by if key in due else _consent(copy),
                why=entry.body["why"],
                due_since=due[key].due_since if key in due else None,
                confirmed_at=instant.parse(entry.body["at"]),
                kept=entry.body.get("kept"),
            )
    return found


def _consent(copy: Entry | None) -> str | None:
    if copy is None or copy.basis is None or copy.basis.kind != "consent":
        return None
    return copy.basis.id
