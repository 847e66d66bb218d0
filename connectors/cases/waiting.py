"""What waits for whom: computed from the case, never typed, so that it is gone when it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from connectors.cases.said import Said
from connectors.cases.team import active_agencies
from connectors.cases.view import Case, Waiting
from connectors.cases.view_parties import Actor
from connectors.cases.view_records import Request
from connectors.cases.view_talk import Outcome, Thread, Voice
from schemas.messages.fields import CITIZEN

_OPEN_REQUEST: Final = frozenset({"open", "partly"})
_ASKED: Final = {"question": "answer_question", "complaint": "answer_complaint"}
_LIVE: Final = frozenset({"granted", "suspended"})
"""States of a permission in which what was shown first can still be passed on, at once or once it goes on."""
_LATEST: Final = datetime.max.replace(tzinfo=UTC)
_REJECTED: Final = "rejected"


def waiting(said: Said, case: Case) -> tuple[Waiting, ...]:
    """Give what waits for anybody, the soonest due first, then what waits longest.

    In a closed case nobody has to answer or to join any more, nor to say whether help arrived, which is not
    taken in one; what is owed to the citizen stays owed.
    """
    found = [*_owed(case), *_not_delivered(said)]
    if case.status == "open":
        found += [*_answers(case), *_first_looks(said, case), *_seats(case), *_ending(case)]
    return tuple(sorted(found, key=lambda each: (each.due or _LATEST, each.since, each.about, each.for_)))


def _answers(case: Case) -> Iterator[Waiting]:
    for asked in case.consent_requests:
        if asked.state == "open":
            yield Waiting(CITIZEN, "decide", asked.id, asked.at, asked.answer_by, asked.asker)
    for request in case.requests:
        for source in (
            request.sources if request.state in _OPEN_REQUEST and _may_answer(case, request) else ()
        ):
            yield Waiting(source, "answer_request", request.id, request.at, None, request.asker.name)
    for thread in case.threads:
        if thread.unanswered:
            yield from _question(thread)
    for outcome in case.outcomes:
        yield from _outcome(outcome, active_agencies(case.team))


def _first_looks(said: Said, case: Case) -> Iterator[Waiting]:
    """What another asked for and the citizen alone has waits for their word while its permission lives."""
    decided = {each.re for each in said.of("record.pass") if said.is_citizen(each.sender)}
    requests = {each.id: each for each in case.requests}
    for record in case.records:
        request = requests.get(record.request or "")
        if not record.latest or record.readers or record.message in decided or request is None:
            continue
        permission = case.permission(request.basis.id or "")
        if record.held == "erased" or permission is None or permission.status not in _LIVE:
            continue
        yield Waiting(CITIZEN, "preview", record.message, record.at, None, request.asker.name)


def _may_answer(case: Case, request: Request) -> bool:
    """Say whether what was asked for may be given now: while its permission is paused nobody owes it."""
    basis = request.basis
    permission = case.permission(basis.id or "") if basis.kind == "consent" else None
    return permission is None or permission.in_force


def _question(thread: Thread) -> Iterator[Waiting]:
    asked = next(post for post in reversed(thread.posts) if post.kind in _ASKED and post.trouble is None)
    for party in thread.with_:
        if party != asked.by.name:
            yield Waiting(party, _ASKED[asked.kind], thread.id, asked.at, None, asked.by.name)


def _seats(case: Case) -> Iterator[Waiting]:
    for member in case.team:
        by = None if member.invited_by is None else member.invited_by.name
        if member.status == "invited" and member.invited_at is not None:
            party = CITIZEN if member.kind == "citizen" else member.member
            yield Waiting(party, "join", member.member, member.invited_at, None, by)
        elif member.status == "joined" and by is not None:
            yield Waiting(
                by, "attest", member.member, member.since or member.invited_at or _LATEST, None, CITIZEN
            )


def _ending(case: Case) -> Iterator[Waiting]:
    for consent in case.permitted.ending:
        permission = case.permission(consent)
        if permission is None:
            continue
        for party in (CITIZEN, *permission.recipients):
            yield Waiting(
                party, "permission_ending", consent, permission.granted_at, permission.valid_until, None
            )


def _owed(case: Case) -> Iterator[Waiting]:
    """What stays owed when a case is closed: corrections, erasures, reviews.

    An agency that has erased its copy is told no more what becomes of a contest of it.
    """
    reader = case.seat.member if case.seat.kind == "agency" else None
    for record in case.records:
        untold = record.held == "erased" and reader not in {None, record.issuer}
        for contest in record.contested if record.latest and not untold else ():
            if not contest.settled:
                yield Waiting(record.issuer, "settle_contest", contest.statement, contest.at, None, CITIZEN)
    for erasure in case.erasures:
        if erasure.confirmed_at is None and erasure.due_since is not None:
            yield Waiting(
                erasure.member, "confirm_erasure", erasure.message, erasure.due_since, None, CITIZEN
            )
    for emergency in case.emergencies:
        if emergency.outcome is None and emergency.second_person is None:
            yield Waiting(
                emergency.member,
                "review_emergency",
                emergency.id,
                emergency.at,
                emergency.review_due,
                CITIZEN,
            )


def _outcome(outcome: Outcome, agencies: Iterable[str]) -> Iterator[Waiting]:
    """The citizen confirms what agencies say; whoever spoke first in a dispute answers it."""
    citizen = outcome.citizen
    if citizen is None:
        for voice in outcome.agencies:
            yield Waiting(CITIZEN, "confirm_outcome", voice.statement, voice.at, None, voice.by.name)
        return
    if not outcome.agencies:
        for member in agencies:
            yield Waiting(member, "confirm_outcome", citizen.statement, citizen.at, None, CITIZEN)
    for voice in outcome.agencies:
        if voice.by.name in outcome.disputed_with:
            first, second = _in_order(voice, citizen)
            yield Waiting(first.by.name, "answer_dispute", second.statement, second.at, None, second.by.name)


def _in_order(one: Voice, other: Voice) -> tuple[Voice, Voice]:
    """Give who spoke first, by the log where it is known for both, else by their dates."""
    if one.log_index is not None and other.log_index is not None:
        later = one.log_index > other.log_index
    else:
        later = (one.at, one.statement) > (other.at, other.statement)
    return (other, one) if later else (one, other)


def _not_delivered(said: Said) -> Iterator[Waiting]:
    party = Actor("citizen" if said.seat.kind == "citizen" else "member", said.seat.member).name
    for entry in said.failed:
        yield Waiting(party, "not_delivered", entry.message, entry.at, None, None)
    for entry in said.entries:
        if entry.trouble == _REJECTED:
            yield Waiting(party, "not_delivered", entry.message, entry.at, None, None)
