"""Who reads what is written in a case, and in plain words why nobody does at the moment.

Takes folded cases, gives sentences. What may be written at all is the desk's to say.
"""

from __future__ import annotations

from typing import Final, Literal

from connectors.cases.view import Case, Record, Thread
from connectors.pages.case.desk import Act
from connectors.pages.case.words import PERSON, Names
from connectors.pages.languages import gettext as _
from connectors.pages.languages import listed

Side = Literal["citizen", "agency"]
WRITING: Final[tuple[Act, ...]] = ("note.add", "contact.say", "message.send", "document.add", "outcome.give")
"""Acts that somebody else has to be there for: what they say is sealed for its readers."""
_ON_THEIR_WAY: Final = frozenset({"invited", "joined"})


def organisations(case: Case) -> list[str]:
    """Give the organisations that take part now."""
    return _with_status(case, frozenset({"active"}))


def _with_status(case: Case, statuses: frozenset[str]) -> list[str]:
    return [each.member for each in case.team if each.kind == "agency" and each.status in statuses]


def why_nobody(case: Case, side: Side, name: Names) -> str | None:
    """Say why nobody would read what is written now; None when somebody would."""
    if side == "agency":
        return _why_no_person(case)
    if organisations(case):
        return None
    asked = _with_status(case, _ON_THEIR_WAY)
    if len(asked) == 1:
        return _(
            "Nobody is here yet to read it. You can write here once %(who)s has accepted the invitation.",
            who=name(asked[0]),
        )
    if asked:
        return _(
            "Nobody is here yet to read it. You can write here once one of these has accepted: %(who)s.",
            who=listed(name(each) for each in asked),
        )
    return _(
        "No organisation takes part now, so nobody would read what you write. "
        "You can write here once one takes part."
    )


def _why_no_person(case: Case) -> str | None:
    if any(each.kind == "citizen" and each.status == "active" for each in case.team):
        return None
    return _(
        "The person has not joined yet, so nobody would read what you write. "
        "You can write once they have joined."
    )


def why_not_to(case: Case, member: str | None, name: Names) -> str | None:
    """Say why one organisation cannot be written to; None when it can, or was never in this case."""
    found = next((each for each in case.team if each.kind == "agency" and each.member == member), None)
    if found is None or found.status == "active":
        return None
    if found.status in _ON_THEIR_WAY:
        return _("%(who)s has not accepted yet, so you cannot write to it.", who=name(found.member))
    return _(
        "%(who)s no longer takes part in this case, so you cannot write to it here.", who=name(found.member)
    )


def why_no_answer(case: Case, side: Side, thread: Thread, name: Names) -> str | None:
    """Say why nobody of a conversation would read an answer; None when somebody would."""
    nobody = why_nobody(case, side, name)
    if nobody is not None or side == "agency":
        return nobody
    others = [each for each in thread.with_ if each != PERSON]
    if not others or set(others) & set(organisations(case)):
        return None
    return _(
        "%(who)s: no longer in this case, so nobody would read your answer. You can write to others.",
        who=listed(name(each) for each in others),
    )


def why_no_mark(case: Case, record: Record, name: Names) -> str | None:
    """Say why nobody would read what is wrong in a record; None when its source or who got it would."""
    if {record.issuer, *record.readers} & set(organisations(case)):
        return None
    return _(
        "%(who)s no longer takes part in this case, and nobody else who has this data does.",
        who=name(record.issuer),
    )
