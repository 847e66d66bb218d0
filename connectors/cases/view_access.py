"""Permissions, their uses, who looked, emergencies and erasures, as a seat sees them. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from connectors.cases.view_parties import Actor, Basis


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """What an organisation asks the citizen for.

    State: open, granted, refused, expired (nobody answered in time), replaced (the asker put a narrower
    request in its place, as the citizen had offered). Only what is open waits for anybody.
    """

    id: str
    asker: str
    terms: Mapping[str, Any]
    why: Mapping[str, str]
    at: datetime
    log_index: int | None
    state: str
    answered_at: datetime | None
    consent: str | None
    answer_by: datetime
    """From this instant on it cannot be answered any more."""


@dataclass(frozen=True, slots=True)
class Use:
    """One record that moved under a permission, from the exchange itself."""

    consent: str
    message: str
    statement: str
    source: str
    recipient: str
    category: str
    at: datetime
    log_index: int | None
    taken_back: bool
    """The coordinator took it out of the mailbox before anybody got it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One step in the life of a permission: what happened, and the state in which it was after that.

    event: granted, suspended, resumed, withdrawn, superseded, expired, invalidated. `status` is the same,
    but for a resumed permission, which is granted again.
    """

    event: str
    status: str
    at: datetime
    log_index: int | None
    by: Actor | None
    message: str | None
    """The message that brought it; None where it came by itself, or by our own judgement."""


@dataclass(frozen=True, slots=True)
class Permission:
    """A consent: granted, suspended, withdrawn, expired, superseded, invalidated; newest turn first."""

    id: str
    status: str
    proven: bool
    """False until the citizen's seat is known here and the proof checked; till then it permits nothing."""
    purpose: str
    purpose_text: Mapping[str, str]
    """By language, in the words of the agreement."""
    agreement: str
    sources: tuple[str, ...]
    recipients: tuple[str, ...]
    categories: tuple[str, ...]
    document: Mapping[str, Any] = field(repr=False)
    granted_at: datetime
    granted_by: Actor
    valid_until: datetime
    turns: tuple[Turn, ...]
    request: str | None
    supersedes: str | None
    superseded_by: str | None
    uses: tuple[Use, ...]
    """Newest first."""
    on_its_way: bool
    """The newest turn was not yet admitted."""

    @property
    def in_force(self) -> bool:
        """Whether it permits anything now."""
        return self.status == "granted" and self.proven


@dataclass(frozen=True, slots=True)
class Permissions:
    """How many permissions there are in each state, and which end within the coming days."""

    counts: Mapping[str, int]
    in_force: int
    uses: int
    ending: tuple[str, ...]
    """Permissions in force that end within `permissions.SOON`, the soonest first."""


@dataclass(frozen=True, slots=True)
class Look:
    """One line of "who looked": an organisation got a record, looked at something, or opened an emergency.

    kind: "release", "view", "emergency". `automatic` is None where the exchange does not say (a release).
    """

    kind: Literal["release", "view", "emergency"]
    id: str
    at: datetime
    log_index: int | None
    member: str
    source: str | None
    role: str | None
    pseudonym: str | None
    reason: str | None
    reason_text: str | None = field(repr=False)
    automatic: bool | None
    basis: Basis | None
    categories: tuple[str, ...]
    statement: str | None
    request: str | None
    told: bool = True
    """False where the citizen is not told of it yet, which only the agency itself can see."""
    later: bool = False
    """Whether a law let the citizen be told of it only on a date."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What "who looked" can know of one organisation.

    reporting: "reports" (at least one look was reported), "never_reported" (it received records, no look was
    ever reported: name it as such), "nothing_received".
    """

    member: str
    status: str
    connected_since: datetime | None
    ended_at: datetime | None
    last_heard: datetime | None
    received: int
    looks: int
    last_look: datetime | None
    reporting: Literal["reports", "never_reported", "nothing_received"]
    heard_since_received: bool
    """Whether it said anything after its newest record; if not, its connector may be out of reach."""
    by_law: bool
    """Whether it gave or got records by statute in this case: those need no permission."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Who looked, newest first, with what this list cannot know.

    why_empty is None or: "nothing_shared", "not_reporting" (records were shared, and whoever got them never
    reported a look and was not heard since), "no_reads". why_no_views is the same question about views alone.
    """

    lines: tuple[Look, ...]
    coverage: tuple[Coverage, ...]
    by_law: tuple[str, ...]
    """Organisations that take part by statute."""
    told_later: int
    """How many of the lines the law let be told only on a date."""
    why_empty: str | None
    why_no_views: str | None


@dataclass(frozen=True, slots=True)
class Emergency:
    """Break-glass: open until `until`, to be reviewed in 72 hours, the citizen told at once or on a date."""

    id: str
    member: str
    reason: str
    categories: tuple[str, ...]
    at: datetime
    log_index: int | None
    until: datetime
    is_open: bool
    opened_by: str | None
    """Pseudonym of who opened it; older ones name only a second person, or nobody."""
    second_person: str | None
    notice: Mapping[str, str]
    outcome: str | None
    reviewed_at: datetime | None
    review_due: datetime


@dataclass(frozen=True, slots=True)
class Erasure:
    """One copy at one organisation that had to go, or went; `confirmed_at` None means: not confirmed yet.

    why: withdrawn, superseded, data_life, case_closed, request. `due_since` None: it went without our knowing
    that it had to.
    """

    message: str
    statement: str | None
    member: str
    kind: str | None
    """The type of the message that brought it, without version; None: it is not known here."""
    category: str | None
    consent: str | None
    """The permission by which it was got."""
    lived_by: str | None
    """The permission with which it goes: the same, or the last that took its place and still covered it."""
    why: str
    due_since: datetime | None
    confirmed_at: datetime | None
    kept: str | None
