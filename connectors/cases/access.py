"""Emergencies with their reviews, and erasures: which copies had to go, and who has signed that they are
gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from connectors.cases.entry import Entry, place
from connectors.cases.said import Said
from connectors.cases.view_access import Emergency, Erasure, Permission
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


def erasures(said: Said, permissions: Iterable[Permission]) -> tuple[Erasure, ...]:
    """Give every copy that had to go or went, those not confirmed first, then the newest confirmation."""
    due = _due(permissions)
    confirmed = _confirmed(said, due)
    waiting = [each for key, each in due.items() if key not in confirmed]
    waiting.sort(key=lambda each: (each.due_since or said.now, each.message, each.member))
    done = sorted(
        confirmed.values(), key=lambda each: (each.confirmed_at or said.now, each.message, each.member)
    )
    return (*waiting, *reversed(done))


def _due(permissions: Iterable[Permission]) -> dict[tuple[str, str], Erasure]:
    """List the copies that go because their permission was taken back and says that they go.

    What the coordinator took out of the mailbox before anyone got it is no copy of anybody.
    """
    found = {}
    for permission in permissions:
        if permission.status != "withdrawn" or not permission.document["on_withdrawal"]["erased"]:
            continue
        for use in permission.uses:
            if use.taken_back:
                continue
            found[use.message, use.recipient] = Erasure(
                message=use.message,
                statement=use.statement,
                member=use.recipient,
                category=use.category,
                consent=permission.id,
                why="withdrawn",
                due_since=permission.turns[0].at,
                confirmed_at=None,
                kept=None,
            )
    return found


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
