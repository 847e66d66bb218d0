"""Emergencies with their reviews, and erasures: which copies had to go, and who has signed that they are
gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from connectors.cases.entry import Entry, place
from connectors.cases.permissions import recipients
from connectors.cases.said import Said
from connectors.cases.view_access import Emergency, Erasure, Permission
from connectors.cases.view_parties import Closing
from schemas import instant

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
    for each in (*_withdrawn(said, permissions), *_over(said, permissions), *_left_in_case(said, closed)):
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


def _withdrawn(said: Said, permissions: Iterable[Permission]) -> Iterator[Erasure]:
    """Give what goes because its permission was taken back and says that it goes."""
    for permission in permissions:
        if permission.status == "withdrawn" and permission.document["on_withdrawal"]["erased"]:
            for use in permission.uses:
                copy = None if use.taken_back else said.message(use.message)
                if copy is not None:
                    yield _to_go(copy, use.recipient, "withdrawn", permission.turns[0].at)


def _over(said: Said, permissions: Iterable[Permission]) -> Iterator[Erasure]:
    """Give what goes because it was kept for as long as its permission says, from when it was sent.

    How long a law lets something be kept is not said in a case; those copies are listed once they are gone.
    """
    known = {each.id: each for each in permissions}
    for entry, member in _copies(said):
        permission = known.get(_consent(entry) or "")
        if permission is None:
            continue
        until = entry.at + timedelta(days=permission.document["data_life"]["days"])
        if until <= said.now:
            yield _to_go(entry, member, "data_life", until)


def _left_in_case(said: Said, closed: Closing | None) -> Iterator[Erasure]:
    """Give what goes because the case is closed, on whatever it rested."""
    if closed is not None:
        for entry, member in _copies(said):
            yield _to_go(entry, member, "case_closed", max(closed.at, entry.at))


_OF_OTHERS: Final = ("record.release", "record.correct", "record.request")
"""What a reader deletes in time and when the case is closed; shared plans and words have their own time."""


def _copies(said: Said) -> Iterator[tuple[Entry, str]]:
    """Give what organisations got from one another, for each who got it."""
    gone = {str(each.body.get("message")) for each in said.of("delivery.withdrawn")}
    for entry in said.of(*_OF_OTHERS):
        if entry.message not in gone and not entry.on_its_way:
            for member in recipients(said, entry):
                yield entry, member


def _to_go(entry: Entry, member: str, why: str, since: datetime) -> Erasure:
    return Erasure(
        message=entry.message,
        statement=entry.id,
        member=member,
        category=entry.categories[0] if entry.categories else None,
        consent=_consent(entry),
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
                category=copy.categories[0] if copy is not None and copy.categories else None,
                consent=_consent(copy),
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
