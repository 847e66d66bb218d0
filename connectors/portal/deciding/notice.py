"""The words of a request, line by line: the page shows them, and their digest stands in the decision.

So it can be shown later, byte for byte, what a person read before saying yes (ISO/IEC TS 27560 §6.3.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from connectors.pages.languages import country, day, ngettext
from connectors.pages.languages import gettext as _
from connectors.pages.languages import lazy as N_
from connectors.portal.deciding.before import Replaced
from connectors.portal.deciding.question import Asked, Field, Question

VERSION: Final = "portal/4"
"""Changes whenever the words around the facts change."""


_ONCE_PER: Final[Mapping[str, str]] = {
    "day": N_("Again and again, at most once a day"),
    "week": N_("Again and again, at most once a week"),
    "month": N_("Again and again, at most once a month"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One heading and what stands beside it."""

    heading: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Everything that is said: first what everybody reads, then what stands one level down."""

    title: str
    first: tuple[Line, ...]
    more: tuple[Line, ...]
    allow: str
    refuse: str

    def text(self, asked: Sequence[Asked]) -> bytes:
        """Give the notice as text: what was on the page, with what could be ticked."""
        ticks = [words for each in asked for field in each.optional for words in _tick(field)]
        lines = [self.title, *ticks]
        for line in (*self.first, *self.more):
            lines += [line.heading, *line.texts]
        return "\n".join([*lines, self.allow, self.refuse]).encode()


def notice(asked: Question) -> Notice:
    """Put a question into words, in the visitor's language."""
    return Notice(
        title=_("%(asker)s asks for your permission", asker=asked.asker),
        first=(
            Line(_("What for"), (asked.purpose,)),
            Line(_("Why they ask"), (asked.why,)),
            Line(_("Who gets it"), asked.recipients),
            Line(_("Who gives it"), asked.sources),
            *(
                Line(_("Needed: %(what)s", what=each.label), _needed(each))
                for each in asked.data
                if each.needed
            ),
            Line(_("How often"), (_how_often(asked),)),
            Line(_("Your permission ends on"), (day(asked.until),)),
            Line(_("They keep copies for"), (_days(asked.kept_days),)),
            *_replaces(asked),
            Line(_("If you say no"), (asked.if_no,)),
            Line(_("To take it back"), _how_to_withdraw(asked)),
        ),
        more=tuple(_more(asked)),
        allow=_("Allow"),
        refuse=_("Don’t allow"),
    )


def _tick(field: Field) -> tuple[str, ...]:
    """Say what stands beside a box that can be ticked."""
    asked = _("You may also allow: %(what)s", what=field.label)
    return (asked, _("This is specially protected by law.")) if field.special else (asked,)


def _needed(asked: Asked) -> tuple[str, ...]:
    special = (
        (_("This is specially protected by law."),) if any(each.special for each in asked.needed) else ()
    )
    return (*(field.label for field in asked.needed), *special)


def _how_often(asked: Question) -> str:
    if asked.once:
        return _("Once")
    if asked.count == 1 and asked.per is not None:
        return _(_ONCE_PER[asked.per])
    if asked.per == "day":
        return _("Again and again, at most %(count)s times a day", count=asked.count)
    if asked.per == "week":
        return _("Again and again, at most %(count)s times a week", count=asked.count)
    if asked.per == "month":
        return _("Again and again, at most %(count)s times a month", count=asked.count)
    return _("Again and again, without a limit")


def _replaces(asked: Question) -> tuple[Line, ...]:
    """Say which permission ends with a yes: nobody ends one without knowing (consent rule 24)."""
    old = asked.replaces
    if not isinstance(old, Replaced):
        return ()
    said = [_("Your permission of %(date)s, which ends if you allow this.", date=day(old.since))]
    if old.paused:
        said.append(_("It is paused now. If you allow this, data can be shared again."))
    if old.erases:
        said.append(_("What the new permission leaves out is deleted."))
    return (Line(_("Takes the place of"), tuple(said)),)


def _days(count: int) -> str:
    return ngettext("%(num)s day after they get it", "%(num)s days after they get it", count)


def _how_to_withdraw(asked: Question) -> tuple[str, ...]:
    here = _("At any time under “My permissions”, in one step and without saying why.")
    return (here, *asked.other_ways)


def _more(asked: Question) -> list[Line]:
    """Say what stands one level down: how they are found, what stays, whom to complain to."""
    lines = [Line(_("They find your file by"), asked.found_by)] if asked.found_by else []
    if asked.data_from and asked.data_to:
        span = _("from %(start)s to %(end)s", start=_date(asked.data_from), end=_date(asked.data_to))
        lines.append(Line(_("Only data of this time"), (span,)))
    gone = _("The copies are deleted, and each organisation says so.")
    lines.append(Line(_("When you take it back"), (gone if asked.erased else _("Some copies stay."),)))
    if asked.kept_why:
        lines.append(Line(_("What stays, and why"), (asked.kept_why,)))
    return [
        *lines,
        Line(_("Responsible for your data"), asked.controllers),
        Line(_("Your rights"), (asked.rights_url,)),
        Line(_("Where to complain"), (asked.authority,)),
        Line(_("Law that applies"), (country(asked.jurisdiction),)),
    ]


def _date(value: str) -> str:
    return day(date.fromisoformat(value))
