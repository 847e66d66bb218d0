"""Which word of the other side on whether help arrived is answered: the one named, or one that waits.

Takes folded cases and an id that came from outside, gives an outcome and the word in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from connectors.cases.view import Case, Outcome, Voice
from connectors.pages.case.readers import Side

Open = tuple[Outcome, Voice]
_WAITS: Final = frozenset({"confirm_outcome", "answer_dispute"})


def named(case: Case, side: Side, statement: str | None) -> Open | None:
    """Give the other side's word that has this id; None when there is none, or it was changed since."""
    return next((each for each in _others(case, side) if each[1].statement == statement), None)


def waiting(case: Case, side: Side, party: str) -> Open | None:
    """Give the word that waits for this party, the one that waits longest."""
    for each in case.waits_for(party):
        found = named(case, side, each.about) if each.words in _WAITS else None
        if found is not None:
            return found
    return None


def newer(case: Case, side: Side, statement: str | None) -> Open | None:
    """Give what the same party says now in place of an earlier word of theirs on the same thing."""
    for outcome, voice in _others(case, side):
        if any(old.statement == statement and old.by.name == voice.by.name for old in outcome.earlier):
            return outcome, voice
    return None


def _others(case: Case, side: Side) -> Iterator[Open]:
    for outcome in case.outcomes:
        voices = outcome.agencies if side == "citizen" else (outcome.citizen,)
        yield from ((outcome, voice) for voice in voices if voice is not None)
