"""Records, what the citizen says against them, and requests for them, as a seat sees them. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.cases.view_parties import Actor, Basis, Held


@dataclass(frozen=True, slots=True)
class Contest:
    """What the citizen says is wrong in a record; open until the source's correction settles it."""

    statement: str
    about: str
    at: datetime
    text: str | None = field(repr=False)
    fields: tuple[str, ...]
    settled: bool
    settled_by: str | None = None
    settled_at: datetime | None = None
    on_its_way: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A record or a correction of one. Pages show those with `latest`; `chain` names the older versions."""

    statement: str
    message: str
    schema: str
    category: str
    issuer: str
    at: datetime
    log_index: int | None
    held: Held
    content: Mapping[str, Any] | None = field(repr=False)
    erased_at: datetime | None
    erased_why: str | None
    """withdrawn, superseded, data_life, case_closed or request."""
    basis: Basis
    consent: str | None
    request: str | None
    """The message with which it was asked for."""
    readers: tuple[str, ...]
    """Members to whom it was sent (the citizen is not among them); empty where that was erased with it."""
    to_citizen: bool
    """Whether the citizen got a copy."""
    withheld: str | None
    """The ground on which the citizen is left out, where the law allows that."""
    corrects: str | None
    corrected_by: tuple[str, ...]
    """Corrections of this very record, newest first."""
    chain: tuple[str, ...]
    """Every version of this record, newest first; the last is the one that was released."""
    latest: bool
    contested: tuple[Contest, ...]
    """Contests of any version in the chain, newest first."""
    carried: tuple[Contest, ...]
    """Open contests of an earlier copy by the same source whose contested fields say the same here."""
    looks: int
    """How often an agency was reported to look at it."""
    marked: bool
    """Whether its source says that an earlier copy is contested, for one who does not have that contest."""

    @property
    def in_dispute(self) -> bool:
        """Whether a contest of this record, or one that travels with it, is not settled."""
        return self.marked or bool(self.carried) or any(not each.settled for each in self.contested)


@dataclass(frozen=True, slots=True)
class Decline:
    """A source's no, with the reason's code and the local rule where one is named."""

    member: str
    reason: str
    rule: str | None
    categories: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """A request for records. State: open, partly, answered, declined, failed (see `reason`)."""

    id: str
    statement: str
    asker: Actor
    sources: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    """Category → the fields that were asked for; empty tuples where the request's content is gone."""
    why: Mapping[str, str] = field(repr=False)
    at: datetime
    log_index: int | None
    basis: Basis
    state: str
    reason: str | None
    answers: tuple[str, ...]
    """Statements that answered it, newest first."""
    declines: tuple[Decline, ...]
    open_categories: tuple[str, ...]
    needs_a_person: bool
    """Whether it waits for a person of ours (at the source alone)."""
    waits_because: str | None
    """At the source: the code of what it waits for, such as `head_too_old`."""
    rule: str | None
    decided_by: str | None
