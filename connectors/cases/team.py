"""Who sits in the case, since when, by whose invitation, on what basis; who opened and who closed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.cases.entry import Entry, place
from connectors.cases.said import Said
from connectors.cases.view_access import Permission
from connectors.cases.view_parties import Actor, Basis, Closing, Member, Side


@dataclass(slots=True)
class _Seat:
    """What was said about one seat."""

    invites: list[Entry] = field(default_factory=list)
    joins: list[Entry] = field(default_factory=list)
    leaves: list[Entry] = field(default_factory=list)


def team(said: Said, permissions: Iterable[Permission]) -> tuple[Member, ...]:
    """Give the seats, the citizen first, then organisations by id."""
    gives, gets = _shares(permissions)
    members = [
        replace(
            _member(said, kind, member, seat),
            gives=tuple(sorted(gives.get(member, ()))) if kind == "agency" else (),
            gets=tuple(sorted(gets.get(member, ()))) if kind == "agency" else (),
        )
        for (kind, member), seat in _seats(said).items()
    ]
    return tuple(sorted(members, key=lambda each: (each.kind != "citizen", each.member)))


def _seats(said: Said) -> dict[tuple[Side, str], _Seat]:
    found: dict[tuple[Side, str], _Seat] = {}

    def seat(kind: Side, member: str) -> _Seat:
        return found.setdefault((kind, member), _Seat())

    for entry in said.of("here.seat"):
        seat(entry.body["kind"], entry.body["member"])
    for entry in said.of("case.open", "case.join"):
        seat("citizen" if "seat" in entry.body else "agency", entry.sender).joins.append(entry)
    for entry in said.of("case.invite"):
        invitee = entry.body.get("invitee", {})
        if invitee.get("kind") == "citizen":
            seat("citizen", invitee["portal"]).invites.append(entry)
        elif invitee:
            seat("agency", invitee["member"]).invites.append(entry)
    for entry in said.of("case.invite"):
        # Only who sits in a case may invite: whoever we never saw coming has been there before us.
        if not said.is_citizen(entry.sender) and not seat("agency", entry.sender).joins:
            seat("agency", entry.sender).joins.append(entry)
    for entry in said.of("case.leave"):
        member = entry.body.get("member", entry.sender)
        seat("citizen" if said.is_citizen(member) else "agency", member).leaves.append(entry)
    return found


def _member(said: Said, kind: Side, member: str, seat: _Seat) -> Member:
    invite = max(seat.invites, key=place, default=None)
    join = max(seat.joins, key=place, default=None)
    leave = max(seat.leaves, key=place, default=None)
    attest = None if join is None or kind == "agency" else _attested(said, join)
    known = said.here("seat", f"{kind}:{member}")
    status = str(known.body["status"]) if known is not None else _status(kind, invite, join, leave, attest)
    ended = leave if status == "ended" else None
    return Member(
        kind=kind,
        member=member,
        status=status,
        invited_by=None if invite is None else said.actor(invite),
        invited_at=None if invite is None else invite.at,
        since=_since(join, attest) or _first_heard(said, kind, member),
        ended_at=None if ended is None else ended.at,
        ended_by=None if ended is None else said.actor(ended),
        rests_on=_rests_on(invite, known),
        attested_by=attest.sender if attest else known.body.get("attested_by") if known else None,
    )


def _status(
    kind: Side, invite: Entry | None, join: Entry | None, leave: Entry | None, attest: Entry | None
) -> str:
    """Follow the newest word about a seat: invited → joined → active → ended, and invited again."""
    newest = max((each for each in (invite, join, leave) if each is not None), key=place, default=None)
    if newest is None:
        return "invited"
    if leave is not None and newest is leave:
        return "ended"
    if join is None or (leave is not None and place(join) < place(leave)):
        return "invited"
    if kind == "agency" or join.name == "case.open" or attest is not None:
        return "active"
    return "joined"


def _since(join: Entry | None, attest: Entry | None) -> datetime | None:
    counted = attest or join
    return None if counted is None else counted.at


def _first_heard(said: Said, kind: Side, member: str) -> datetime | None:
    """Whoever was in the case before we came to it has been there at least since it first spoke to us."""
    if kind == "citizen":
        return None
    return next((entry.at for entry in said.entries if entry.sender == member), None)


def _attested(said: Said, join: Entry) -> Entry | None:
    return next((each for each in said.of("case.attest") if each.body.get("join") == join.id), None)


def _rests_on(invite: Entry | None, known: Entry | None) -> Basis | None:
    if invite is not None and invite.basis is not None:
        return invite.basis
    rests_on = None if known is None else known.body.get("rests_on")
    return None if rests_on is None else Basis("consent", rests_on)


def _shares(permissions: Iterable[Permission]) -> tuple[Mapping[str, set[str]], Mapping[str, set[str]]]:
    gives: dict[str, set[str]] = {}
    gets: dict[str, set[str]] = {}
    for permission in permissions:
        if not permission.in_force:
            continue
        for source in permission.sources:
            gives.setdefault(source, set()).update(permission.categories)
        for recipient in permission.recipients:
            gets.setdefault(recipient, set()).update(permission.categories)
    return gives, gets


def opening(said: Said) -> tuple[Actor | None, datetime | None, str | None]:
    """Give who opened the case, when, and in which language.

    Whoever came later was not told: then it is the one who brought us in, or nobody, and when we heard of it.
    """
    first = next(said.of("case.open"), None)
    if first is not None:
        return said.actor(first), first.at, first.body.get("language")
    known = next(said.of("here.case"), None)
    if known is None:
        return None, None, None
    by = known.body["opened_by"]
    # A case that we were brought into is written down in our own name; we did not open it.
    by_us = by == said.seat.member
    actor = None if by_us else Actor("citizen" if said.is_citizen(by) else "member", by)
    return actor, known.at, known.body.get("language")


def closing(said: Said) -> Closing | None:
    """Give the closing that stands: the newest word among closing and opening again."""
    newest = max(said.of("case.close", "case.reopen"), key=place, default=None)
    if newest is None or newest.name == "case.reopen":
        return None
    return Closing(
        at=newest.at,
        by=said.actor(newest),
        outcome=newest.body.get("outcome"),
        reason=newest.body.get("reason"),
        log_index=newest.log_index,
    )


def active_agencies(members: Iterable[Member]) -> tuple[str, ...]:
    """Give the organisations that sit in the case now."""
    return tuple(each.member for each in members if each.kind == "agency" and each.status == "active")
