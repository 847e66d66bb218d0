"""A case as one seat sees it: the values that pages show, made by `fold` and by nothing else.

Only codes, ids, instants and the parties' own words are in here; pages turn the codes into sentences. What
was said inside a sealed message is left out of every `repr`, so that no log or error page can show it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from connectors.cases.view_access import (
    ConsentRequest,
    Coverage,
    Emergency,
    Erasure,
    Look,
    Looked,
    Permission,
    Permissions,
    Turn,
    Use,
)
from connectors.cases.view_parties import Actor, Basis, Closing, Held, Member, Seat, Side
from connectors.cases.view_records import Contest, Decline, Record, Request
from connectors.cases.view_talk import Document, Note, Outcome, Post, SafeContact, Thread, Voice

__all__ = [
    "Actor",
    "Basis",
    "Case",
    "Closing",
    "ConsentRequest",
    "Contest",
    "Coverage",
    "Decline",
    "Document",
    "Emergency",
    "Erasure",
    "Held",
    "Hidden",
    "Line",
    "Look",
    "Looked",
    "Member",
    "Note",
    "Outcome",
    "Permission",
    "Permissions",
    "Post",
    "Record",
    "Request",
    "SafeContact",
    "Seat",
    "Side",
    "Thread",
    "Turn",
    "Use",
    "Voice",
    "Waiting",
]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline. `words` is a key for the pages' sentences, `facts` what goes into them.

    kind: case, permission, record, access, coordination, other. A type that is not known here has the words
    "other.message" and its type among the facts. `log_index` None: its place is not known here.
    """

    kind: str
    at: datetime
    log_index: int | None
    actor: Actor
    words: str
    facts: Mapping[str, Any]
    message: str
    statement: str | None
    consent: str | None
    trouble: str | None = None
    on_its_way: bool = False
    """Nobody has heard it yet: it waits to be admitted."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for somebody; computed, never typed.

    for_: "citizen" or a member's id. words: decide, preview, answer_request, answer_question,
    answer_complaint, settle_contest, confirm_outcome, confirm_erasure, review_emergency, tell_emergency,
    join, attest, not_delivered, permission_ending.
    """

    for_: str
    words: str
    about: str
    """Id of the thing: request, thread, contest, outcome, message, emergency, invitation, permission."""
    since: datetime
    due: datetime | None
    by: str | None
    """Who waits for it: a member's id or `citizen`."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """How much of the case this seat cannot see, and why.

    why: erased_withdrawn, erased_superseded, erased_data_life, erased_case_closed, erased_request,
    kept_in_own_system (our own records stay in our system), not_received (spoken of here, never sent to us),
    not_addressed (between others), not_acceptable (arrived, and could not be verified or accepted),
    not_proven (permissions whose proof could not be checked yet), other_organisations (what they and the
    citizen say to each other is theirs; the count is that of organisations).
    """

    why: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything of one case that one seat may see. Lists are newest first unless they say otherwise."""

    id: str
    seat: Seat
    status: Literal["open", "closed"]
    opened_by: Actor | None
    opened_at: datetime | None
    closed: Closing | None
    language: str | None
    last_at: datetime | None
    outcome: Outcome | None
    """That of the case as a whole; `outcomes` has it too, and those of single records or referrals."""
    safe_contact: SafeContact | None
    team: tuple[Member, ...]
    """The citizen first, then organisations by id; those that left are among them."""
    records: tuple[Record, ...]
    requests: tuple[Request, ...]
    consent_requests: tuple[ConsentRequest, ...]
    permissions: tuple[Permission, ...]
    permitted: Permissions
    uses: tuple[Use, ...]
    looked: Looked
    emergencies: tuple[Emergency, ...]
    erasures: tuple[Erasure, ...]
    threads: tuple[Thread, ...]
    notes: tuple[Note, ...]
    documents: tuple[Document, ...]
    outcomes: tuple[Outcome, ...]
    timeline: Sequence[Line]
    """Each line is made when it is asked for: pages show a few of thousands."""
    waiting: tuple[Waiting, ...]
    """What waits for anybody, the soonest due first; `waits_for` picks a party's own."""
    hidden: tuple[Hidden, ...]

    @property
    def views(self) -> tuple[Look, ...]:
        """The looks that were reported, without releases and emergencies."""
        return tuple(line for line in self.looked.lines if line.kind == "view")

    def waits_for(self, party: str) -> tuple[Waiting, ...]:
        """Give what waits for `citizen` or for one member."""
        return tuple(each for each in self.waiting if each.for_ == party)

    def is_first_look(self, record: Record) -> bool:
        """Say whether the citizen alone has a record, and it waits for their word before it is passed on."""
        return any(each.words == "preview" and each.about == record.message for each in self.waiting)

    def record(self, statement: str) -> Record | None:
        """Give one record by its statement."""
        return next((each for each in self.records if each.statement == statement), None)

    def permission(self, consent: str) -> Permission | None:
        """Give one permission by its consent."""
        return next((each for each in self.permissions if each.id == consent), None)
