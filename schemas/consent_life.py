"""The life of a consent: its states, and what moves it from one to the next.

Pure data and decisions; a consent's document never changes, only its state.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from schemas.errors import ConsentNotInForce, RequestExpired, WrongTransition

ANSWER_WITHIN = timedelta(days=14)
"""How long a request for consent can be answered, from its admission; then it is asked anew, or not."""


class Status(StrEnum):
    """Where a consent is in its life; only `granted` permits anything."""

    REQUESTED = "requested"
    DEFERRED = "deferred"
    REFUSED = "refused"
    GRANTED = "granted"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    INVALIDATED = "invalidated"


class Event(StrEnum):
    """What happens to a consent."""

    GRANT = "grant"
    REFUSE = "refuse"
    DEFER = "defer"
    SUSPEND = "suspend"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"
    INVALIDATE = "invalidate"


_ANSWERS = {
    Event.GRANT: Status.GRANTED,
    Event.REFUSE: Status.REFUSED,
    Event.DEFER: Status.DEFERRED,
    Event.EXPIRE: Status.EXPIRED,
    # The asker put a narrower request in its place, as the citizen had offered.
    Event.SUPERSEDE: Status.SUPERSEDED,
}
_ENDS = {
    Event.WITHDRAW: Status.WITHDRAWN,
    Event.EXPIRE: Status.EXPIRED,
    Event.SUPERSEDE: Status.SUPERSEDED,
    Event.INVALIDATE: Status.INVALIDATED,
}

TRANSITIONS: Mapping[Status, Mapping[Event, Status]] = MappingProxyType(
    {
        Status.REQUESTED: _ANSWERS,
        # Closing the page was neither yes nor no: the question is still there, and may be left again.
        Status.DEFERRED: _ANSWERS,
        Status.GRANTED: {Event.SUSPEND: Status.SUSPENDED, **_ENDS},
        Status.SUSPENDED: {Event.RESUME: Status.GRANTED, **_ENDS},
        Status.REFUSED: {},
        Status.WITHDRAWN: {},
        Status.EXPIRED: {},
        Status.SUPERSEDED: {},
        Status.INVALIDATED: {},
    }
)
"""The whole machine. What is not here cannot happen; states without a way out are final."""


def next_status(status: str, event: str) -> Status:
    """Give the state after an event; raise WrongTransition for what cannot happen in this state."""
    try:
        return TRANSITIONS[Status(status)][Event(event)]
    except (KeyError, ValueError) as error:
        raise WrongTransition(
            "This cannot happen to a consent in this state.", status=str(status), event=str(event)
        ) from error


def what_to_do(status: Status | str) -> dict[str, str]:
    """Give the remedy of a refusal where it is another than to stop: what is paused may go on."""
    if status != Status.SUSPENDED:
        return {}
    return {"remedy": "Wait. The citizen has paused it, and it goes on when they say so."}


def check_granted(consent: str, status: str) -> None:
    """Raise ConsentNotInForce unless the state is `granted`; an unknown state permits nothing."""
    if status != Status.GRANTED:
        raise ConsentNotInForce(
            "The consent is not granted now.", consent=consent, status=str(status), **what_to_do(status)
        )


def check_answerable(request: str, admitted_at: datetime, now: datetime) -> None:
    """Raise RequestExpired once a request for consent is too old to be answered."""
    if now >= admitted_at + ANSWER_WITHIN:
        raise RequestExpired(request=request, days=ANSWER_WITHIN.days)
