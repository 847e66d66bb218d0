"""How much of a case a seat cannot see, and why: counted, so that nobody takes a part for the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from connectors.cases.entry import Entry
from connectors.cases.said import Said
from connectors.cases.team import active_agencies
from connectors.cases.view import Hidden
from connectors.cases.view_access import Permission
from connectors.cases.view_parties import Member

_SPEAKS_OF: Final = ("statement", "about", "answers", "settles")
"""Where a statement names another one by its id."""


def hidden(said: Said, members: Iterable[Member], permissions: Iterable[Permission]) -> tuple[Hidden, ...]:
    """Count what is hidden by its reason, in the order of the reasons' names."""
    found = Counter(_reasons(said.entries))
    found["not_received"] = len({id for id in _spoken_of(said) if not _is_here(said, id)})
    found["not_addressed"] = said.not_addressed
    found["not_acceptable"] = sum(int(each.body["count"]) for each in said.of("here.aside"))
    found["not_proven"] = sum(not each.proven for each in permissions)
    if said.seat.kind == "agency":
        others = set(active_agencies(members)) - {said.seat.member}
        found["other_organisations"] = len(others)
    return tuple(Hidden(why, count) for why, count in sorted(found.items()) if count)


def _reasons(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.held == "erased":
            yield f"erased_{entry.erased_why or 'request'}"
        elif entry.held == "elsewhere":
            yield "kept_in_own_system"


def _spoken_of(said: Said) -> Iterator[str]:
    for entry in said.entries:
        if entry.statement and entry.name != "record.release":
            body = entry.body
            yield from (str(id) for name in _SPEAKS_OF if (id := body.get(name)))


def _is_here(said: Said, id: str) -> bool:
    return said.statement(id) is not None or said.message(id) is not None
