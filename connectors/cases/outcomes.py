"""Whether help arrived, in three voices: agencies say, the citizen says, and whether that is the same.

A newer word of the same party takes the place of its older one, which stays readable; nobody's word ever
takes the place of another's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from connectors.cases.entry import Entry, place
from connectors.cases.said import Said
from connectors.cases.view_talk import Outcome, Voice
from schemas.messages.fields import CITIZEN

_TOO_EARLY: Final = "too_early"


def outcomes(said: Said) -> tuple[Outcome, ...]:
    """Give the outcomes, the one on which somebody spoke last first."""
    given = list(said.of("outcome.give"))
    here = {entry.id: entry for entry in given}
    by_subject: dict[str | None, list[Entry]] = defaultdict(list)
    for entry in sorted(given, key=place):
        by_subject[_subject(entry, here)].append(entry)
    newest_first = sorted(by_subject.items(), key=lambda each: place(each[1][-1]), reverse=True)
    return tuple(
        _outcome(about, [_voice(said, entry) for entry in entries]) for about, entries in newest_first
    )


def _subject(entry: Entry, here: Mapping[str, Entry]) -> str | None:
    """Give what an outcome is about: its own word, or that of the outcome which it answers."""
    seen: set[str] = set()
    while entry.id not in seen:
        seen.add(entry.id)
        if entry.body.get("about"):
            return str(entry.body["about"])
        entry = here.get(str(entry.body.get("answers")), entry)
    return None


def _voice(said: Said, entry: Entry) -> Voice:
    return Voice(
        statement=entry.id,
        by=said.actor(entry),
        outcome=entry.body.get("outcome"),
        text=entry.body.get("text"),
        at=entry.at,
        log_index=entry.log_index,
        answers=entry.body.get("answers"),
        agrees=entry.body.get("agrees") if entry.body.get("answers") else None,
    )


def _outcome(about: str | None, voices: Sequence[Voice]) -> Outcome:
    """Put the voices on one thing together; `voices` are oldest first."""
    newest = {voice.by.name: voice for voice in voices}
    citizen = newest.pop(CITIZEN, None)
    agencies = tuple(newest[member] for member in sorted(newest))
    spoken = {voice.statement for voice in (*agencies, *([citizen] if citizen else []))}
    agreement = {voice.by.name: _compare(voice, citizen) for voice in agencies}
    return Outcome(
        about=about,
        agencies=agencies,
        citizen=citizen,
        state=_state(agreement, citizen),
        disputed_with=tuple(member for member, found in agreement.items() if found == "disputed"),
        earlier=tuple(voice for voice in reversed(voices) if voice.statement not in spoken),
    )


def _compare(agency: Voice, citizen: Voice | None) -> str:
    """Hold one agency's newest word against the citizen's newest: their own yes or no counts before codes."""
    if citizen is None:
        return "waits_for_citizen"
    answer = _answer(agency, citizen)
    if answer is not None:
        return "agreed" if answer.agrees else "disputed"
    if _TOO_EARLY in {agency.outcome, citizen.outcome}:
        return _TOO_EARLY
    return "agreed" if agency.outcome == citizen.outcome else "disputed"


def _answer(agency: Voice, citizen: Voice) -> Voice | None:
    """Give the one that answers the other and says whether it agrees."""
    for voice, other in ((citizen, agency), (agency, citizen)):
        if voice.answers == other.statement and voice.agrees is not None:
            return voice
    return None


def _state(agreement: Mapping[str, str], citizen: Voice | None) -> str:
    """Sum up: one dispute is a dispute; the citizen has the last word on whether help arrived."""
    if not agreement:
        return "waits_for_agency"
    found = set(agreement.values())
    for state in ("disputed", "waits_for_citizen", _TOO_EARLY):
        if state in found:
            return state
    return "agreed" if citizen is not None else "waits_for_citizen"
