"""Previews that the citizen decided on, and requests for consent that a narrower one took the place of.

Loads rows by id, gives frozen values, writes new ones; none of them ever changes. That a pass is used once
holds also between processes: a second use breaks a key, and whoever came second is judged again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select

from coordinator.database.one_of import Lookup, one_of
from coordinator.database.tables import passes, passes_used, replaced_requests


@dataclass(frozen=True, slots=True)
class Pass:
    """The citizen's word about a release that went to them first: on to who asked, or not."""

    release: str
    case: str
    request: str
    category: str
    source: str
    decision: str
    message: str


@dataclass(frozen=True, slots=True)
class PassUse:
    """The one release to an agency that a pass let through."""

    release: str
    used_by: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """A request for consent that its asker replaced by what the citizen had offered."""

    id: str
    sender: str
    replaced_by: str


_BY_RELEASE = Lookup(select(passes).where(one_of(passes.c.release, "ids")))
_BY_REQUEST = Lookup(select(passes).where(one_of(passes.c.request, "ids")))
_USES = Lookup(select(passes_used).where(one_of(passes_used.c.release, "ids")))
_USED_BY = Lookup(select(passes_used).where(one_of(passes_used.c.used_by, "ids")))
_REPLACED = Lookup(select(replaced_requests).where(one_of(replaced_requests.c.id, "ids")))


def load_passes(connection: Connection, releases: Iterable[str]) -> dict[str, Pass]:
    """Give what was decided about these releases."""
    return {row[0]: Pass(*row) for row in _BY_RELEASE.all(connection, releases)}


def load_passes_for(
    connection: Connection, answered: Iterable[str]
) -> tuple[dict[str, Pass], dict[str, PassUse]]:
    """Give the passes for these requests, and the uses by these releases; with what belongs to each."""
    uses = {row[0]: PassUse(*row) for row in _USED_BY.all(connection, answered)}
    found = {row[0]: Pass(*row) for row in _BY_REQUEST.all(connection, answered)}
    found |= load_passes(connection, uses)
    uses |= {row[0]: PassUse(*row) for row in _USES.all(connection, found)}
    return found, uses


def load_replaced(connection: Connection, requests: Iterable[str]) -> dict[tuple[str, str], Replaced]:
    """Give those of these requests that were replaced."""
    return {(row[0], row[1]): Replaced(*row) for row in _REPLACED.all(connection, requests)}


def save_passes(connection: Connection, new: Iterable[Pass], uses: Iterable[PassUse]) -> None:
    """Write new decisions and uses."""
    if rows := [asdict(each) for each in new]:
        connection.execute(insert(passes), rows)
    if rows := [asdict(each) for each in uses]:
        connection.execute(insert(passes_used), rows)


def save_replaced(connection: Connection, new: Iterable[Replaced]) -> None:
    """Write which requests were replaced."""
    if rows := [asdict(each) for each in new]:
        connection.execute(insert(replaced_requests), rows)
