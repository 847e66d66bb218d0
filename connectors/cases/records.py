"""Records, their corrections and what the citizen says against them; nothing is ever overwritten.

A correction may arrive before the record that it corrects, a contest before the record that it contests: both
are looked up by id once everything is there.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from connectors.cases.chains import first_of
from connectors.cases.entry import Entry, place
from connectors.cases.said import Said
from connectors.cases.view_parties import Basis, Seat
from connectors.cases.view_records import Contest, Record

_SEAT = Basis("seat")


@dataclass(frozen=True, slots=True)
class _Versions:
    """Which record replaces which; `root` is the one that was released."""

    target: Mapping[str, str]
    """Correction → the record that it corrects."""
    of_root: Mapping[str, Sequence[Entry]]
    """Root → every version that is here, newest first."""
    root: Mapping[str, str]


def records(said: Said) -> tuple[Record, ...]:
    """Give every record and correction, newest first."""
    entries = list(said.of("record.release", "record.correct"))
    versions = _versions(said, entries)
    contests = _contests(said, versions)
    looks = Counter(str(each.body.get("statement")) for each in said.of("access.viewed", "here.view"))
    found = [
        _record(said, entry, versions, contests, looks) for entry in sorted(entries, key=place, reverse=True)
    ]
    return tuple(_carry(found, said.seat))


def _versions(said: Said, entries: Sequence[Entry]) -> _Versions:
    here = {entry.id: entry for entry in entries}
    target = {
        entry.id: aim
        for entry in entries
        if entry.name == "record.correct" and (aim := _corrected(said, entry)) is not None
    }
    target |= _shown_anew(said, entries)
    root = {entry.id: first_of(entry.id, target) for entry in entries}
    of_root: dict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(here.values(), key=place, reverse=True):
        of_root[root[entry.id]].append(entry)
    return _Versions(target, of_root, root)


def _corrected(said: Said, entry: Entry) -> str | None:
    """Give the statement that a correction is about; only its own source corrects a record.

    Where the content is gone the envelope still says to which message the correction belongs.
    """
    named = entry.body.get("statement")
    earlier = said.statement(named) if named else said.message(entry.re)
    if earlier is not None and earlier.sender != entry.sender:
        return None
    return str(named) if named else None if earlier is None else earlier.id


def _shown_anew(said: Said, entries: Sequence[Entry]) -> Mapping[str, str]:
    """Give what the citizen was shown first → what they had been shown first for the same request before.

    Nobody else has such a record yet, so that its source does not correct it but shows it once more.
    """
    shown: dict[tuple[str, str | None, tuple[str, ...]], list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=place):
        if entry.name == "record.release" and entry.re is not None:
            shown[entry.sender, entry.re, entry.categories].append(entry)
    return {
        later.id: earlier.id
        for alike in shown.values()
        for earlier, later in pairwise(alike)
        if not said.readers(earlier)
    }


def _record(
    said: Said,
    entry: Entry,
    versions: _Versions,
    contests: Mapping[str, Sequence[Contest]],
    looks: Mapping[str, int],
) -> Record:
    root = versions.root[entry.id]
    chain = versions.of_root[root]
    first = said.statement(root)
    if first is None and entry.name == "record.correct":
        first = said.message(entry.re)  # what was held back is known by its message
    schema = (first or entry).schema or entry.type
    content = entry.content
    if content is not None and entry.name == "record.correct":
        content = content.get("record")
    return Record(
        statement=entry.id,
        message=entry.message,
        schema=schema,
        category=entry.categories[0] if entry.categories else schema.partition(".")[0],
        issuer=entry.sender,
        at=entry.at,
        log_index=entry.log_index,
        held=entry.held,
        content=content,
        erased_at=entry.erased_at,
        erased_why=entry.erased_why,
        basis=entry.basis or _SEAT,
        consent=entry.basis.id if entry.basis and entry.basis.kind == "consent" else None,
        request=entry.re if entry.name == "record.release" else None,
        readers=said.readers(entry),
        to_citizen=said.to_citizen(entry),
        withheld=entry.withheld,
        corrects=versions.target.get(entry.id),
        corrected_by=tuple(each.id for each in chain if versions.target.get(each.id) == entry.id),
        chain=tuple(each.id for each in chain),
        latest=chain[0].id == entry.id,
        contested=tuple(contests.get(root, ())),
        carried=(),
        looks=looks.get(entry.id, 0),
        marked=bool(entry.contested) and said.seat.kind == "agency" and said.seat.member != entry.sender,
    )


def _contests(said: Said, versions: _Versions) -> Mapping[str, Sequence[Contest]]:
    """Give the contests of each record by its root, newest first; only the citizen contests."""
    found: dict[str, list[Contest]] = defaultdict(list)
    for entry in sorted(said.of("record.contest"), key=place, reverse=True):
        if not said.is_citizen(entry.sender):
            continue
        about = _contested(said, entry)
        if about is None:
            continue
        root = versions.root.get(about, about)
        settling = _settled_by(said, entry, versions.of_root.get(root, ()))
        found[root].append(
            Contest(
                statement=entry.id,
                about=about,
                at=entry.at,
                text=entry.body.get("text"),
                fields=tuple(entry.body.get("fields", ())),
                settled=settling is not None,
                settled_by=None if settling is None else settling.id,
                settled_at=None if settling is None else settling.at,
                on_its_way=entry.on_its_way,
            )
        )
    return {root: _said_once(contests) for root, contests in found.items()}


def _said_once(contests: Sequence[Contest]) -> list[Contest]:
    """Put the same words about the same record together: who comes to the case later is told them anew.

    Answered once, they are answered. The first of them stands for all.
    """
    alike: dict[object, list[Contest]] = defaultdict(list)
    for each in contests:
        alike[each.statement if each.text is None else (each.about, each.text, each.fields)].append(each)
    return [
        replace(
            same[-1],
            settled=any(each.settled for each in same),
            settled_by=next((each.settled_by for each in reversed(same) if each.settled), None),
            settled_at=next((each.settled_at for each in reversed(same) if each.settled), None),
        )
        for same in alike.values()
    ]


def _contested(said: Said, entry: Entry) -> str | None:
    named = entry.body.get("statement")
    if named:
        return str(named)
    earlier = said.message(entry.re)
    return None if earlier is None else earlier.id


def _settled_by(said: Said, contest: Entry, chain: Sequence[Entry]) -> Entry | None:
    """Give what settles a contest: the source's correction that names it, of this copy before any other.

    Where a correction's content is gone, and a source keeps none of its own, the mark that is kept on the
    contest tells.
    """
    contested = said.statement(_contested(said, contest))
    if contested is None:
        return None
    of_this = {each.id for each in chain}
    for correction in sorted(said.of("record.correct"), key=lambda each: each.id not in of_this):
        if correction.sender != contested.sender:
            continue
        if correction.body.get("settles") == contest.id:
            return correction
        if correction.content is None and _is_put_away(contest, correction):
            return correction
    return next((each for each in reversed(chain) if _puts_right(contest, contested, each)), None)


def _is_put_away(contest: Entry, later: Entry) -> bool:
    alike = set(contest.categories) & set(later.categories)
    return contest.contested is False and place(contest) < place(later) and bool(alike)


def _puts_right(contest: Entry, contested: Entry, anew: Entry) -> bool:
    """Say whether a first look is shown anew with something else in every field that is contested."""
    if anew.name != "record.release" or place(anew) <= place(contested):
        return False
    before, now, names = contested.content, anew.content, contest.body.get("fields", ())
    if before is None or now is None or not names:
        return _is_put_away(contest, anew)
    return all(_says(before, name) != _says(now, name) for name in names)


def _carry(found: Sequence[Record], seat: Seat) -> list[Record]:
    """Let open contests travel to later copies of the same source and schema that still say the same.

    Who has erased the contested copy is not told when its contest is settled: there the mark decides that the
    source puts on a later one.
    """
    by_kind: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in found:
        by_kind[record.issuer, record.schema].append(record)
    carried: dict[str, tuple[Contest, ...]] = {}
    for (issuer, _), alike in by_kind.items():
        if any(not contest.settled for record in alike for contest in record.contested):
            by_mark = seat.kind == "agency" and seat.member != issuer
            carried.update(_travelled(list(reversed(alike)), by_mark=by_mark))
    return [replace(each, carried=carried.get(each.statement, ())) for each in found]


def _travelled(oldest_first: Sequence[Record], *, by_mark: bool) -> Mapping[str, tuple[Contest, ...]]:
    """Give for each record the newest open contest of each field that an earlier copy had, as it says it.

    `by_mark`: what an earlier copy said that is erased counts only where the later one has a mark.
    """
    disputed: dict[tuple[str, str | None], Contest] = {}
    found: dict[str, tuple[Contest, ...]] = {}
    for record in oldest_first:
        own = {contest.statement for contest in record.contested}
        marks = {
            contest.statement: contest
            for (name, value), contest in disputed.items()
            if contest.statement not in own
            and (_says(record.content, name) in {value, None} if value else record.marked or not by_mark)
        }
        found[record.statement] = tuple(marks.values())
        for contest in reversed(record.contested):
            if not contest.settled and contest.about == record.statement:
                for name in contest.fields:
                    disputed[name, _says(record.content, name)] = contest
    return found


def _says(content: Mapping[str, Any] | None, name: str) -> str | None:
    """Give what a record says in a field, in a form that can be compared; None where its content is gone."""
    return None if content is None else json.dumps(content.get(name), sort_keys=True)
