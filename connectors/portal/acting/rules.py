"""The rules of acting for somebody, as pure decisions: kinds, graded powers, the life of a mandate.

Takes terms, states and instants; gives what follows or raises. Helpers see and withdraw only, protective acts
need less than granting, every mandate has an end.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Protocol

from connectors.portal.errors import MandateRefused, NotYoursToEnd, PowerMissing
from schemas.errors import WrongTransition
from schemas.instant import to_ms

POWERS: Final = ("view", "refuse", "withdraw", "grant", "contribute", "reach", "object")
PROTECTIVE: Final = frozenset({"refuse", "withdraw"})
"""What only lessens the sharing: one of two joint holders suffices, and a lower proof."""

LONGEST_GIVEN: Final = timedelta(days=366)
"""A mandate that a citizen gives lasts a year at most, and can be renewed."""
LONGEST_HELD_BACK: Final = timedelta(days=183)
"""Keeping a delegate's deeds from somebody is looked at again within half a year."""

NEEDED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "case.join": "contribute",
        "case.leave": "withdraw",
        "consent.grant": "grant",
        "consent.offer": "grant",
        "consent.resume": "grant",
        "consent.refuse": "refuse",
        "consent.suspend": "withdraw",
        "consent.withdraw": "withdraw",
        "record.pass": "grant",
        "record.stop": "refuse",
        "record.contest": "object",
        "object": "object",
        "note.add": "contribute",
        "message.send": "contribute",
        "document.add": "contribute",
        "outcome.give": "contribute",
        "contact.say": "reach",
        "case.invite": "grant",
        "case.end_seat": "withdraw",
        "case.close": "withdraw",
        "case.reopen": "grant",
    }
)
"""Which power an act needs. Resuming lets data flow again, so that it is a grant; pausing stops it. Closing
and ending stop the sharing, inviting lets it begin. How somebody is safely reached is a power by itself: who
may write in their name may be whom they have to be safe from.
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of mandate: who enters it, what it may hold, and what it holds if nothing else is said."""

    by_staff: bool
    most: frozenset[str] = frozenset(POWERS)
    usual: frozenset[str] = frozenset(POWERS)
    rests_on_law: bool = False
    """Whether it stands whatever the person wants; such a one is ended by staff, by age or by its date."""


_SEE_AND_STOP = frozenset({"view", "withdraw"})
KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "parental": Kind(by_staff=True, rests_on_law=True),
        "guardian": Kind(by_staff=True, rests_on_law=True),
        "court_deputy": Kind(by_staff=True, rests_on_law=True),
        "power_of_attorney": Kind(by_staff=True),
        "nominee": Kind(by_staff=False, usual=frozenset({"view", "refuse", "withdraw"})),
        "informal_helper": Kind(by_staff=False, most=_SEE_AND_STOP, usual=_SEE_AND_STOP),
    }
)
_EVIDENCE: Final = ("register", "reference", "checked_at", "checked_by_role")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a mandate is to say; `cases` None means all, `powers` None the usual ones of its kind."""

    kind: str
    valid_until: datetime
    powers: Collection[str] | None = None
    cases: Collection[str] | None = None
    joint: bool = False
    of_age_on: datetime | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def whole_powers(self) -> tuple[str, ...]:
        """Give the powers in the order in which people read them."""
        named = KINDS[self.kind].usual if self.powers is None else set(self.powers)
        return tuple(power for power in POWERS if power in named)


def check_terms(terms: Terms, *, by_staff: bool, now: datetime) -> None:
    """Raise MandateRefused unless such a mandate can be given by the one who gives it."""
    kind = KINDS.get(terms.kind)
    if kind is None or kind.by_staff is not by_staff:
        raise MandateRefused("This kind of mandate is not yours to give.", kind=terms.kind)
    _check_powers(terms, kind)
    _check_end(terms, kind, now)
    if terms.cases is not None and not terms.cases:
        raise MandateRefused("A mandate is for all cases, or for some; this one is for none.")
    if terms.joint and terms.kind != "parental":
        raise MandateRefused("Only parents hold a mandate together.", kind=terms.kind)
    if by_staff:
        check_evidence(terms.evidence)


def _check_powers(terms: Terms, kind: Kind) -> None:
    named = set(kind.usual if terms.powers is None else terms.powers)
    if "view" not in named:
        raise MandateRefused("Whoever acts for somebody has to see what it is about: include `view`.")
    if unknown := named - set(POWERS):
        raise MandateRefused("There is no such power.", power=min(unknown))
    if beyond := named - kind.most:
        raise MandateRefused("This kind cannot have this power.", kind=terms.kind, power=min(beyond))


def _check_end(terms: Terms, kind: Kind, now: datetime) -> None:
    if terms.valid_until <= now:
        raise MandateRefused("The end lies in the past.")
    if not kind.by_staff and terms.valid_until > now + LONGEST_GIVEN:
        raise MandateRefused("A mandate lasts a year at most. It can be renewed.")
    if terms.kind == "parental" and (terms.of_age_on is None or terms.valid_until > terms.of_age_on):
        raise MandateRefused("A parent's mandate says when the child comes of age, and ends by then.")
    if terms.of_age_on is not None and terms.of_age_on <= now:
        raise MandateRefused("The person is of age already.")


def check_evidence(evidence: Mapping[str, Any]) -> None:
    """Raise MandateRefused unless it says which register was asked, when, and in which role."""
    for name in _EVIDENCE:
        if not str(evidence.get(name) or "").strip():
            raise MandateRefused("Say where this was checked, when, and by whom in which role.", missing=name)


# --- the life of a mandate --------------------------------------------------------------------------


class Status(StrEnum):
    """Where a mandate is in its life; only `active` permits anything."""

    INVITED = "invited"
    ACTIVE = "active"
    ENDED = "ended"


class Event(StrEnum):
    """What happens to a mandate."""

    ACCEPT = "accept"
    END = "end"
    EXPIRE = "expire"
    COME_OF_AGE = "come_of_age"


_ENDS = dict.fromkeys((Event.END, Event.EXPIRE, Event.COME_OF_AGE), Status.ENDED)
TRANSITIONS: Final[Mapping[Status, Mapping[Event, Status]]] = MappingProxyType(
    {
        Status.INVITED: {Event.ACCEPT: Status.ACTIVE, **_ENDS},
        Status.ACTIVE: _ENDS,
        Status.ENDED: {},
    }
)
"""The whole machine; what is not here cannot happen, and an end is final."""


def next_status(status: str, event: str) -> Status:
    """Give the status after an event; raise WrongTransition for what cannot happen in this one."""
    try:
        return TRANSITIONS[Status(status)][Event(event)]
    except (KeyError, ValueError) as error:
        raise WrongTransition(
            "This cannot happen to a mandate in this state.", status=str(status), event=str(event)
        ) from error


def before(event: Event) -> tuple[str, ...]:
    """Give the statuses in which an event can happen."""
    return tuple(str(status) for status, ways in TRANSITIONS.items() if event in ways)


def check_may_end(kind: str, by: str) -> None:
    """Raise NotYoursToEnd if the principal ends what rests on law; `by`: principal, delegate, staff."""
    if by == "principal" and KINDS[kind].rests_on_law:
        raise NotYoursToEnd(
            kind=kind, remedy="Call or write to the portal; they look at it with you, and can end it."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What decides whether a mandate can be used: its row, without the people in it."""

    status: str
    valid_from: datetime
    valid_until: datetime
    powers: Collection[str]
    cases: Collection[str] | None = None
    of_age_on: datetime | None = None
    shielded: Mapping[str, Any] | None = None


class Scope(Protocol):
    """What a mandate says of cases: a row of the table, or its standing."""

    @property
    def cases(self) -> Collection[str] | None:
        """The cases that it is for, None for all."""

    @property
    def shielded(self) -> Mapping[str, Any] | None:
        """What it does not reach for somebody's safety: `cases`, None for all."""


def reaches(scope: Scope, case: str) -> bool:
    """Say whether a mandate is for a case, and the case is not kept from whoever holds it.

    A case is kept from one holder to shield somebody from them (as in rule 4A.15 of the Australian
    Consumer Data Right). It stays so until staff end it, also after the day on which it was to be looked at
    again: what is seen once by somebody dangerous cannot be taken back.
    """
    for_it = scope.cases is None or case in scope.cases
    return for_it and not _is_kept_back(scope.shielded, case)


def _is_kept_back(shielded: Mapping[str, Any] | None, case: str) -> bool:
    return shielded is not None and (shielded["cases"] is None or case in shielded["cases"])


def held_back(safeguarding: Mapping[str, Any] | None, now: datetime) -> bool:
    """Say whether a delegate's deeds are held back now; after the date of review they are shown again."""
    return safeguarding is not None and to_ms(now) < int(safeguarding["review_at"])


def reaches_new_ones(scope: Scope) -> bool:
    """Say whether a mandate is for cases that are opened or joined from now on, too."""
    return scope.cases is None and not (scope.shielded is not None and scope.shielded["cases"] is None)


def in_force(standing: Standing, now: datetime) -> bool:
    """Say whether it can be used now; the clock is asked each time, not only the one that tidies up."""
    grown = standing.of_age_on is not None and standing.of_age_on <= now
    return (
        standing.status == Status.ACTIVE and standing.valid_from <= now < standing.valid_until and not grown
    )


def check_power(standing: Standing, power: str) -> None:
    """Raise PowerMissing unless the mandate has the power."""
    if power not in standing.powers:
        raise PowerMissing(power=power, remedy="Ask the person for whom you act to do this.")
