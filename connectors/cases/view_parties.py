"""Who takes part in a case and by what right: seats, actors, members, the closing. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Side = Literal["citizen", "agency"]
Held = Literal["here", "erased", "elsewhere", "withheld"]
"""Whether content is here, was erased here, or is ours and stays in our own system (`elsewhere`)."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Who looks at the case: the citizen (`member` is their portal), or an agency."""

    kind: Side
    member: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something; `member` is the portal's id where a citizen or their delegate acted.

    kind: "citizen", "delegate" (somebody with a mandate, named by `mandate`), "member", "coordinator". A
    portal also puts "other" (to one who acts for the citizen: somebody else who does), and "held_back" (to
    the citizen: a delegate of whom they are not told now).
    """

    kind: Literal["citizen", "delegate", "other", "held_back", "member", "coordinator"]
    member: str
    mandate: str | None = None

    @property
    def name(self) -> str:
        """The word under which pages show this party: a member's id, or `citizen`."""
        return self.member if self.kind in {"member", "coordinator"} else "citizen"


@dataclass(frozen=True, slots=True)
class Basis:
    """By what right data moved: `kind` is consent, statute, emergency or seat, `id` names the one meant."""

    kind: str
    id: str | None = None
    agreement: str | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """That the case is closed: by whom, when, and what they said of it."""

    at: datetime
    by: Actor
    outcome: str | None
    reason: str | None = field(repr=False)
    log_index: int | None


@dataclass(frozen=True, slots=True)
class Member:
    """One seat of the case; status invited, joined (keys not attested yet), active, ended, declined."""

    kind: Side
    member: str
    status: str
    invited_by: Actor | None
    invited_at: datetime | None
    since: datetime | None
    ended_at: datetime | None
    ended_by: Actor | None
    rests_on: Basis | None
    attested_by: str | None = None
    gives: tuple[str, ...] = ()
    """Categories that this organisation may give now, by the permissions in force."""
    gets: tuple[str, ...] = ()
    """Categories that this organisation may get now, by the permissions in force."""
