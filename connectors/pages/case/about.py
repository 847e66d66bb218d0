"""What a message or a result is about: the thing of the case that it names, in one line.

Takes a folded case and an id that came from outside; what is no thing of this case gives nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connectors.cases.view import Case, Look
from connectors.pages.case.words import Names, category, sentence
from connectors.pages.languages import gettext as _
from connectors.pages.languages import listed

_MOST_LOOKS: Final = 3


@dataclass(frozen=True, slots=True)
class About:
    """One thing: what happened and who did it, when, and the record if it is one that can be shown."""

    text: str
    at: datetime
    record: str | None = None


def about(case: Case, id: str | None, name: Names, parties: Collection[str] = ()) -> tuple[About, ...]:
    """Give the thing, and the looks at it that were reported of these parties, newest first."""
    thing = _thing(case, id, name)
    if id is None or thing is None:
        return ()
    looks = [look for look in case.views if look.statement == id != look.id and look.member in parties]
    return (thing, *(About(_look(each, name), each.at) for each in looks[:_MOST_LOOKS]))


def _thing(case: Case, id: str | None, name: Names) -> About | None:
    if id is None:
        return None
    for look in case.looked.lines:
        if look.id == id and look.kind != "release":
            return About(_look(look, name), look.at)
    for line in case.timeline:
        if id in {line.statement, line.message}:
            record = id if case.record(id) is not None else None
            return About(sentence(line, name) + _called(case, id), line.at, record)
    return None


def _look(look: Look, name: Names) -> str:
    what = listed(category(each) for each in look.categories) or _("your case")
    if look.kind == "emergency":
        return _("%(who)s opened in an emergency: %(what)s", who=name(look.member), what=what)
    return _("%(who)s looked at: %(what)s", who=name(look.member), what=what)


def _called(case: Case, id: str) -> str:
    """Give the name that its author gave to a document or a conversation."""
    titles = {each.statement: each.title for each in case.documents}
    titles |= {each.id: each.subject for each in case.threads}
    return f" ({titles[id]})" if titles.get(id) else ""
