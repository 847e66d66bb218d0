"""Requests for records and for consents, with what came of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from connectors.cases.entry import Entry, place
from connectors.cases.permissions import taken_back
from connectors.cases.said import Said
from connectors.cases.view_access import ConsentRequest
from connectors.cases.view_parties import Basis
from connectors.cases.view_records import Decline, Request
from schemas.consent_life import ANSWER_WITHIN

_SEAT = Basis("seat")
NEVER_CAME: Final = "withdrawn_from_mailbox"
"""The reason of a request that nobody will answer, because nobody got it."""


def requests(said: Said) -> tuple[Request, ...]:
    """Give the requests for records, newest first."""
    answers, declines, rejections = (
        _by_re(said, "record.release"),
        _by_re(said, "record.decline"),
        _rejected(said),
    )
    return tuple(
        _request(
            said,
            entry,
            [each for each in answers.get(entry.message, ()) if _asked(said, entry, each)],
            [each for each in declines.get(entry.message, ()) if _asked(said, entry, each)],
            [each for each in rejections.get(entry.message, ()) if _asked(said, entry, each)],
        )
        for entry in sorted(said.of("record.request"), key=place, reverse=True)
    )


def _by_re(said: Said, name: str) -> Mapping[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in said.of(name):
        if entry.re is not None:
            found[entry.re].append(entry)
    return found


def _rejected(said: Said) -> Mapping[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in said.of("message.reject"):
        found[str(entry.body.get("message"))].append(entry)
    return found


def _asked(said: Said, request: Entry, answer: Entry) -> bool:
    """Only who was asked answers."""
    return request.to is None or answer.sender in said.readers(request)


def _request(
    said: Said, entry: Entry, answers: Sequence[Entry], declines: Sequence[Entry], rejections: Sequence[Entry]
) -> Request:
    fields = {each["category"]: tuple(each["fields"]) for each in entry.body.get("categories", ())}
    fields = fields or dict.fromkeys(entry.categories, ())
    given = {category for each in answers for category in each.categories}
    declined = {category for each in declines for category in each.body.get("categories", ())}
    missing = tuple(category for category in fields if category not in given | declined)
    known = said.here("request", entry.message)
    local = {} if known is None else known.body
    reason = str(rejections[-1].body.get("reason")) if rejections else local.get("reason") or entry.trouble
    failed = bool(rejections) or local.get("state") == "failed"
    if _never_came(said, entry):
        failed, reason = True, reason or NEVER_CAME
    state = _state(given, declined, missing, failed=failed)
    return Request(
        id=entry.message,
        statement=entry.id,
        asker=said.actor(entry),
        sources=said.readers(entry) or ((said.seat.member,) if known is not None else ()),
        fields=fields,
        why=entry.body.get("why", {}),
        at=entry.at,
        log_index=entry.log_index,
        basis=entry.basis or _SEAT,
        state=state,
        reason=reason if state == "failed" else None,
        answers=tuple(each.id for each in reversed(answers)),
        declines=tuple(_decline(each) for each in reversed(declines)),
        open_categories=missing,
        needs_a_person=local.get("state") == "needs_a_person",
        waits_because=local.get("reason") if local.get("state") == "waiting" else None,
        rule=local.get("rule"),
        decided_by=local.get("decided_by"),
    )


def _never_came(said: Said, request: Entry) -> bool:
    """Say whether nobody got it: it was taken out of the mailbox when its permission ended or was paused."""
    gone, asked = taken_back(said).get(request.message, ()), said.readers(request)
    return bool(asked) and all(member in gone for member in asked)


def _state(given: set[str], declined: set[str], missing: Sequence[str], *, failed: bool) -> str:
    if not missing:
        return "answered" if given else "declined"
    if failed:
        return "failed"
    return "partly" if given | declined else "open"


def _decline(entry: Entry) -> Decline:
    return Decline(
        member=entry.sender,
        reason=str(entry.body.get("reason")),
        rule=entry.body.get("rule"),
        categories=tuple(entry.body.get("categories", ())),
        at=entry.at,
    )


def consent_requests(said: Said) -> tuple[ConsentRequest, ...]:
    """Give what the citizen was asked, newest first, with their answer.

    What nobody answered is open until its time is over, by the clock by which answers are refused.
    """
    answers: dict[str, Entry] = {}
    for entry in said.of("consent.refuse", "consent.grant"):  # a yes after a no is a yes
        if entry.re is not None and said.is_citizen(entry.sender):
            answers[entry.re] = entry
    replaced = _replaced(said)
    return tuple(
        _consent_request(said, entry, answers.get(entry.message), replaced)
        for entry in sorted(said.of("consent.request"), key=place, reverse=True)
    )


def _replaced(said: Said) -> frozenset[tuple[str, str | None]]:
    """Give the requests, with their askers, that were asked anew as the citizen had offered."""
    offers = {
        each.message: each.re for each in said.of("consent.offer") if said.is_citizen(each.sender) and each.re
    }
    return frozenset(
        (each.sender, offers[each.re]) for each in said.of("consent.request") if each.re in offers
    )


def _consent_request(
    said: Said, entry: Entry, answer: Entry | None, replaced: Collection[tuple[str, str | None]]
) -> ConsentRequest:
    granted = answer is not None and answer.name == "consent.grant"
    known = said.here("consent_request", entry.message)
    until = (entry if known is None else known).at + ANSWER_WITHIN
    if answer is not None:
        state = "granted" if granted else "refused"
    elif (entry.sender, entry.message) in replaced:
        state = "replaced"
    elif said.now >= until or (known is not None and known.body.get("state") == "expired"):
        state = "expired"
    else:
        state = "open"
    return ConsentRequest(
        id=entry.message,
        asker=entry.sender,
        terms=entry.body.get("terms", {}),
        why=entry.body.get("why", {}),
        at=entry.at,
        log_index=entry.log_index,
        state=state,
        answered_at=None if answer is None else answer.at,
        consent=answer.body["consent"]["id"] if answer is not None and granted else None,
        answer_by=until,
    )
