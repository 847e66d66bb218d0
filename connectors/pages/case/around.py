"""What surrounds every tab of a case page: its names, tabs, what may be done, and how people are called."""

from __future__ import annotations

from typing import Any, Final

from connectors.cases.view import Case
from connectors.pages.case import live_case, words
from connectors.pages.case.desk import ACTS, Desk
from connectors.pages.case.readers import WRITING, why_no_mark, why_nobody
from connectors.pages.case.shown import labels
from connectors.pages.languages import gettext as _
from connectors.pages.languages import lazy as N_
from connectors.pages.languages import listed

TABS: Final = (
    ("show", N_("Summary")),
    ("timeline", N_("What happened")),
    ("records", N_("Data")),
    ("team", N_("Who takes part")),
    ("documents", N_("Documents")),
    ("messages", N_("Messages")),
)


def around(desk: Desk, case: Case, tab: str) -> dict[str, Any]:
    """Give what the frame of every tab needs."""
    name = called(desk, case)
    allowed = {act: desk.may(case.id, act) for act in ACTS}
    nobody = why_nobody(case, desk.side, name) if any(allowed[act] for act in WRITING) else None
    silent = WRITING if nobody is not None else ()
    return {
        "case": case,
        "desk": desk,
        "tab": tab,
        "tabs": [(code, _(text)) for code, text in TABS],
        "label": desk.label(case.id),
        "name": name,
        "names_of": lambda members: listed(name(each) for each in members),
        "categories_of": lambda categories: listed(words.category(each) for each in categories),
        "may": {act: may and act not in silent for act, may in allowed.items()},
        "nobody": nobody,
        "with_another": desk.with_another(case.id),
        "why_no_mark": lambda record: why_no_mark(case, record, name),
        "words": words,
        "labels": labels,
        "person": words.PERSON,
        "is_record": frozenset(each.statement for each in case.records).__contains__,
        "newest": live_case.newest(desk.connector, case.id),
    }


def called(desk: Desk, case: Case) -> words.Names:
    """Give what this reader calls each party of a case."""
    known = desk.names({each.member for each in case.team} | {each.for_ for each in case.waiting})

    def name(party: str) -> str:
        if party == words.PERSON:
            return _("you") if desk.side == "citizen" else _("the person")
        return known.get(party, party)

    return name
