"""What people say to each other in a case: notes, threads, documents, results. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connectors.cases.view_parties import Actor, Held


@dataclass(frozen=True, slots=True)
class Note:
    """A note; `text` None when it was erased."""

    statement: str
    by: Actor
    at: datetime
    log_index: int | None
    text: str | None = field(repr=False)
    about: str | None
    readers: tuple[str, ...]
    to_citizen: bool


@dataclass(frozen=True, slots=True)
class SafeContact:
    """How the citizen may safely be reached, in their own words; whoever writes to them sees it first."""

    statement: str
    text: str = field(repr=False)
    at: datetime
    readers: tuple[str, ...]
    """Whom it was sent to, by name; who joins later is sent it then."""


@dataclass(frozen=True, slots=True)
class Post:
    """One message of a thread."""

    statement: str
    by: Actor
    at: datetime
    log_index: int | None
    text: str | None = field(repr=False)
    kind: str
    """message, question or complaint."""
    answers: str | None
    to: tuple[str, ...]
    on_its_way: bool
    trouble: str | None
    """The code of why it did not reach its readers."""


@dataclass(frozen=True, slots=True)
class Thread:
    """Messages that answer one another, oldest first; `id` is the first one's statement, here or not."""

    id: str
    kind: str
    subject: str | None = field(repr=False)
    about: str | None
    with_: tuple[str, ...]
    """Who takes part: member ids and `citizen`."""
    posts: tuple[Post, ...]
    last_at: datetime
    last_by: Actor
    unanswered: bool
    """A question or complaint that nobody else has answered yet."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file of the case; `sha256` and `key` are what the connector needs to fetch and open it."""

    statement: str
    by: Actor
    at: datetime
    log_index: int | None
    held: Held
    title: str | None = field(repr=False)
    name: str | None = field(repr=False)
    media_type: str | None
    size: int | None
    sha256: str | None
    key: str | None = field(repr=False)
    text: str | None = field(repr=False)
    about: str | None
    readers: tuple[str, ...]
    to_citizen: bool


@dataclass(frozen=True, slots=True)
class Voice:
    """What one party says of the result, in force until the same party says something newer."""

    statement: str
    by: Actor
    outcome: str | None
    text: str | None = field(repr=False)
    at: datetime
    log_index: int | None
    answers: str | None
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Three voices about one thing: what agencies say, what the citizen says, and whether that is the same.

    state: "agreed", "disputed", "waits_for_citizen", "waits_for_agency", "too_early". Nothing is overwritten:
    `earlier` has what each party said before, newest first.
    """

    about: str | None
    agencies: tuple[Voice, ...]
    """The newest word of each agency, by its id."""
    citizen: Voice | None
    state: str
    disputed_with: tuple[str, ...]
    """Agencies whose word and the citizen's are not the same."""
    earlier: tuple[Voice, ...]
