"""Everything that was said in a case, each thing once and in the order of the log, with its look-ups.

Takes entries in any order and as often as they come; leaves out what the seat is no reader of.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import accumulate
from typing import Final

from connectors.cases.entry import HERE, Entry, place
from connectors.cases.view_parties import Actor, Seat
from schemas.messages.fields import CITIZEN, COORDINATOR

_WITHHELD: Final = "withheld."
"""Before the names of what went to others without the citizen: only who looks for that finds it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said, oldest first, as far as this seat may see it."""

    case: str
    seat: Seat
    now: datetime
    entries: tuple[Entry, ...]
    failed: tuple[Entry, ...]
    """Our own messages that the coordinator refused: nobody heard them."""
    not_addressed: int
    portals: frozenset[str]
    _by_name: dict[str, list[Entry]]
    _by_id: dict[str, Entry]
    _by_message: dict[str, Entry]
    _here: dict[tuple[str, str], Entry]

    def of(self, *names: str) -> Iterator[Entry]:
        """Give the entries of these types (without version), oldest first within each type."""
        for name in names:
            yield from self._by_name.get(name, ())

    def moved(self, *names: str) -> Iterator[Entry]:
        """As `of`, with what was held back: that it went to others is known, what it said is not."""
        yield from self.of(*names, *(_WITHHELD + name for name in names))

    def statement(self, id: str | None) -> Entry | None:
        """Give a statement by its id."""
        return None if id is None else self._by_id.get(id)

    def message(self, id: str | None) -> Entry | None:
        """Give what a message brought, by the message's id."""
        return None if id is None else self._by_message.get(id)

    def here(self, name: str, id: str) -> Entry | None:
        """Give what the connector's tables say of a thing."""
        return self._here.get((HERE + name, id))

    def is_citizen(self, member: str) -> bool:
        """Say whether this member is the portal through which the citizen speaks."""
        return member in self.portals

    def actor(self, entry: Entry) -> Actor:
        """Give who said it: a delegate is named by the consent that they decided."""
        if entry.sender == COORDINATOR:
            return Actor("coordinator", entry.sender)
        if entry.sender not in self.portals:
            return Actor("member", entry.sender)
        acting = entry.body["consent"].get("actor", {}) if entry.name == "consent.grant" else {}
        if acting.get("kind") == "mandate":
            return Actor("delegate", entry.sender, acting.get("id"))
        return Actor("citizen", entry.sender)

    def party(self, member: str) -> str:
        """Give the word for a member: `citizen` for the citizen's portal."""
        return CITIZEN if member in self.portals else member

    def readers(self, entry: Entry) -> tuple[str, ...]:
        """Give the members to whom it went, the citizen left out."""
        return tuple(to for to in entry.to or () if to != CITIZEN and to not in self.portals)

    def to_citizen(self, entry: Entry) -> bool:
        """Say whether the citizen is one of its readers, or its author."""
        if entry.sender in self.portals:
            return True
        return any(to == CITIZEN or to in self.portals for to in entry.to or ())


def gather_said(entries: Iterable[Entry], *, seat: Seat, now: datetime) -> Said:
    """Put the entries in order; raise ValueError unless they are of exactly one case."""
    once = _of_what_is_known(_each_once(entries))
    cases = {entry.case for entry in once}
    if len(cases) != 1:
        raise ValueError(f"entries of {len(cases)} cases, expected those of one")
    portals = _portals(once, seat)
    seen = _settled([entry for entry in once if _may_see(entry, seat)])
    ordered = sorted((entry for entry in seen if entry.state != "failed"), key=place)
    by_name: dict[str, list[Entry]] = defaultdict(list)
    here: dict[tuple[str, str], Entry] = {}
    by_id: dict[str, Entry] = {}
    by_message: dict[str, Entry] = {}
    for entry in ordered:
        by_name[_WITHHELD + entry.name if entry.held == "withheld" else entry.name].append(entry)
        if entry.type.startswith(HERE):
            here.setdefault((entry.type, entry.id), entry)
            continue
        if entry.statement:
            by_id.setdefault(entry.id, entry)
        by_message.setdefault(entry.message, entry)
    return Said(
        case=cases.pop(),
        seat=seat,
        now=now,
        entries=tuple(entry for entry in ordered if not entry.type.startswith(HERE)),
        failed=tuple(sorted((entry for entry in seen if entry.state == "failed"), key=place)),
        not_addressed=len(once) - len(seen),
        portals=portals,
        _by_name=by_name,
        _by_id=by_id,
        _by_message=by_message,
        _here=here,
    )


def _of_what_is_known(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Leave out reviews of emergencies that are not told here: one that is held back must not show."""
    reviews = [each for each in entries if each.type.startswith("access.emergency.review/")]
    if not reviews:
        return entries
    opened = {each.message for each in entries if each.name == "access.emergency"}
    hidden = {id(each) for each in reviews if each.body.get("emergency") not in opened}
    return [each for each in entries if id(each) not in hidden]


def _settled(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Give what the log holds at a place that we were not told yet a place by its date.

    Otherwise our own closing of a case would stand above an answer to it that has its index already.
    """
    placed = sorted((each.at, each.message, each.log_index) for each in entries if each.log_index is not None)
    dates = [(at, message) for at, message, _ in placed]  # a message's id has its time too (UUIDv7)
    highest = list(accumulate((index for _, _, index in placed), max))

    def after(entry: Entry) -> int:
        found = bisect_right(dates, (entry.at, entry.message))
        return highest[found - 1] if found else -1

    return [
        replace(each, after=after(each)) if each.log_index is None and each.state == "logged" else each
        for each in entries
    ]


def _each_once(entries: Iterable[Entry]) -> Sequence[Entry]:
    """Keep one of each; where two tell the same thing differently, the one that knows more of its fate.

    An id is unique for its sender only, so that nobody can push a message of another out of the case.
    """
    found: dict[tuple[str, str, str], Entry] = {}
    for entry in entries:
        key = (entry.sender, entry.id, entry.type)
        known = found.setdefault(key, entry)
        if known is not entry and known != entry:
            found[key] = max(known, entry, key=_fate)
    return list(found.values())


def _fate(entry: Entry) -> tuple[bool, bool, str]:
    whole = {**asdict(entry), "content": dict(entry.body)}
    return (entry.log_index is not None, entry.held != "here", json.dumps(whole, sort_keys=True, default=str))


def _portals(entries: Iterable[Entry], seat: Seat) -> frozenset[str]:
    """Find through which members the citizen speaks: who brought a seat, or is known here to hold it."""
    found = {seat.member} if seat.kind == "citizen" else set()
    for entry in entries:
        if entry.name in {"case.open", "case.join"} and entry.state != "failed" and "seat" in entry.body:
            found.add(entry.sender)
        elif entry.type == "here.seat" and entry.body.get("kind") == "citizen":
            found.add(entry.body["member"])
    return frozenset(found)


def _may_see(entry: Entry, seat: Seat) -> bool:
    """What was neither said by this seat nor to it is none of its business, even if the store holds it."""
    if entry.type.startswith(HERE) or entry.to is None or seat.member in {entry.sender, *entry.to}:
        return True
    if entry.held == "withheld":  # it was told to this seat afterwards
        return True
    return seat.kind == "citizen" and CITIZEN in entry.to
