"""Who looked: every release, every look and every emergency on every basis, and what this list cannot know.

It is made of what organisations reported and of the exchange itself: a release cannot be kept silent, a look
can. So organisations that never reported one are named, and an empty list says why it is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from connectors.cases.entry import Entry
from connectors.cases.permissions import recipients, taken_back
from connectors.cases.said import Said
from connectors.cases.view_access import Coverage, Emergency, Look, Looked
from connectors.cases.view_parties import Basis, Member
from schemas import instant

Reporting = Literal["reports", "never_reported", "nothing_received"]


def looked(said: Said, team: Iterable[Member], emergencies: Iterable[Emergency]) -> Looked:
    """Put "who looked" together, newest first."""
    lines = [*_releases(said), *_views(said), *(_emergency(said, each) for each in emergencies)]
    lines.sort(key=_newest, reverse=True)
    coverage = tuple(_coverage(said, each, lines) for each in team if each.kind == "agency")
    return Looked(
        lines=tuple(lines),
        coverage=coverage,
        by_law=tuple(each.member for each in coverage if each.by_law),
        told_later=sum(each.later for each in lines),
        why_empty=None if lines else _why(coverage),
        why_no_views=None if any(each.kind == "view" for each in lines) else _why(coverage),
    )


def _newest(look: Look) -> tuple[datetime, str, str]:
    """By the instant of the look itself: a report that comes late stands where it belongs."""
    return (look.at, look.id, look.member)


def _releases(said: Said) -> Iterable[Look]:
    """Give each record that each organisation got; the citizen's own copies are no look.

    What was taken out of a mailbox before it was collected, nobody got.
    """
    gone = taken_back(said)
    for entry in said.moved("record.release", "record.correct"):
        asked = said.message(entry.re)
        why = asked.body.get("why", {}) if asked is not None and asked.name == "record.request" else {}
        for member in recipients(said, entry):
            if member in gone.get(entry.message, ()):
                continue
            yield Look(
                kind="release",
                id=entry.id,
                at=entry.at,
                log_index=entry.log_index,
                member=member,
                source=entry.sender,
                role=None,
                pseudonym=None,
                reason=entry.basis.purpose if entry.basis else None,
                reason_text=why.get("en") or why.get("fr"),
                automatic=None,
                basis=entry.basis,
                categories=entry.categories,
                statement=entry.id,
                request=entry.re,
                told=said.to_citizen(entry) or said.seat.kind == "citizen",
                later=entry.withheld is not None,
            )


def _views(said: Said) -> Iterable[Look]:
    for entry in said.of("access.viewed", "here.view"):
        viewed = str(entry.body.get("statement") or entry.body.get("message"))
        seen = said.statement(viewed) or said.message(viewed) or said.message(entry.re)
        yield _view(entry, seen)


def _view(entry: Entry, seen: Entry | None) -> Look:
    actor, reason = entry.body.get("actor", {}), entry.body.get("reason", {})
    return Look(
        kind="view",
        id=entry.id,
        at=instant.parse(entry.body["at"]) if "at" in entry.body else entry.at,
        log_index=entry.log_index,
        member=entry.sender,
        source=None if seen is None else seen.sender,
        role=actor.get("role"),
        pseudonym=actor.get("pseudonym"),
        reason=reason.get("code"),
        reason_text=reason.get("text"),
        automatic=entry.body.get("automatic"),
        basis=None if seen is None else seen.basis,
        categories=() if seen is None else seen.categories,
        statement=entry.body.get("statement") or (None if seen is None else seen.id),
        request=None,
        told=entry.name == "access.viewed",
        later=seen is not None and seen.withheld is not None,
    )


def _emergency(said: Said, emergency: Emergency) -> Look:
    return Look(
        kind="emergency",
        id=emergency.id,
        at=emergency.at,
        log_index=emergency.log_index,
        member=emergency.member,
        source=None,
        role=None,
        pseudonym=emergency.opened_by,
        reason=emergency.reason,
        reason_text=None,
        automatic=False,
        basis=Basis("emergency", emergency.id),
        categories=emergency.categories,
        statement=None,
        request=None,
        told=said.seat.kind == "citizen" or emergency.notice.get("kind") == "at_once",
        later=emergency.notice.get("kind") == "delayed",
    )


def _coverage(said: Said, member: Member, lines: Sequence[Look]) -> Coverage:
    own = [each for each in lines if each.member == member.member]
    received = [each for each in own if each.kind == "release"]
    views = [each for each in own if each.kind == "view"]
    heard = max((each.at for each in said.entries if each.sender == member.member), default=None)
    newest = max((each.at for each in received), default=None)
    return Coverage(
        member=member.member,
        status=member.status,
        connected_since=member.since,
        ended_at=member.ended_at,
        last_heard=heard,
        received=len(received),
        looks=len(views),
        last_look=max((each.at for each in views), default=None),
        reporting=_reporting(received, views),
        heard_since_received=newest is not None and heard is not None and heard > newest,
        by_law=any(
            each.basis is not None
            and each.basis.kind == "statute"
            and member.member in {each.member, each.source}
            for each in lines
        ),
    )


def _reporting(received: Sequence[Look], views: Sequence[Look]) -> Reporting:
    if views:
        return "reports"
    return "never_reported" if received else "nothing_received"


def _why(coverage: Sequence[Coverage]) -> str:
    """Say why there is no look: nothing was shared, nobody looked, or those who could say so are silent."""
    received = [each for each in coverage if each.received]
    if not received:
        return "nothing_shared"
    silent = any(not each.heard_since_received and each.reporting != "reports" for each in received)
    return "not_reporting" if silent else "no_reads"
