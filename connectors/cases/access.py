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
from connectors.cases.view_access import Emergency, Erasure, Permission, Use
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
    for each in (*_withdrawn(permissions), *_over(said, permissions), *_left_in_case(said, closed)):
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


def _withdrawn(permissions: Iterable[Permission]) -> Iterator[Erasure]:
    """Give what goes because its permission was taken back and says that it goes."""
    for permission in permissions:
        if permission.status == "withdrawn" and permission.document["on_withdrawal"]["erased"]:
            for use in permission.uses:
                if not use.taken_back:
                    yield _copy(use, "withdrawn", permission.turns[0].at)


def _over(said: Said, permissions: Iterable[Permission]) -> Iterator[Erasure]:
    """Give what goes because it was kept for as long as its permission says, from when it was sent.

    How long a law lets something be kept is not said in a case; those copies are listed once they are gone.
    """
    for permission in permissions:
        life = permission.document.get("data_life")
        for use in permission.uses if life is not None else ():
            until = use.at + timedelta(days=life["days"])
            if until <= said.now and not use.taken_back:
                yield _copy(use, "data_life", until)


def _copy(use: Use, why: str, since: datetime) -> Erasure:
    return Erasure(
        message=use.message,
        statement=use.statement,
        member=use.recipient,
        category=use.category,
        consent=use.consent,
        why=why,
        due_since=since,
        confirmed_at=None,
        kept=None,
    )


_OF_THE_CASE: Final = ("record.release", "record.correct", "record.request")
"""What its reader deletes when the case is closed, on whatever it rested; plans and words stay their time."""


def _left_in_case(said: Said, closed: Closing | None) -> Iterator[Erasure]:
    """Give what goes because the case is closed."""
    gone = {str(each.body.get("message")) for each in said.of("delivery.withdrawn")}
    for entry in said.of(*_OF_THE_CASE) if closed is not None else ():
        if entry.on_its_way or entry.message in gone:
            continue
        for member in recipients(said, entry):
            yield Erasure(
                message=entry.message,
                statement=entry.id,
                member=member,
                category=entry.categories[0] if entry.categories else None,
                consent=_consent(entry),
                why="case_closed",
                due_since=max(closed.at, entry.at),
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
