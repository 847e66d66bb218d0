"""What waits between two who decide together, in words: what it is, who began it, what follows from a no.

Takes what `together` has found in cases that the visitor may see. Nobody is named but organisations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import url_for

from connectors.pages.languages import gettext as _
from connectors.pages.languages import lazy as N_
from connectors.portal.acting.together import Pending, Wish
from connectors.portal.own import names_of


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, where to answer, and what follows from a no or from nothing."""

    text: str
    href: str
    follows: str


_ASKED: Final[Mapping[str, str]] = {
    "grant": N_("The other person who decides with you said yes to a request. Do you agree?"),
    "resume": N_("The other person who decides with you wants a paused permission to go on. Do you agree?"),
    "pass": N_("The other person who decides with you wants data to be passed on. Do you agree?"),
    "invite": N_("The other person who decides with you wants to invite %(who)s. Do you agree?"),
    "reopen": N_("The other person who decides with you wants to open a case again. Do you agree?"),
}
_MINE: Final[Mapping[str, str]] = {
    "grant": N_("Your yes is kept. Another person has to agree"),
    "resume": N_("You want a paused permission to go on. Another person has to agree"),
    "pass": N_("You want data to be passed on. Another person has to agree"),
    "invite": N_("You want to invite %(who)s. Another person has to agree"),
    "reopen": N_("You want to open a case again. Another person has to agree"),
}
_NOTHING: Final[Mapping[str, str]] = {
    "grant": N_("If you say no or do nothing, nothing is shared."),
    "resume": N_("If you do nothing, it stays paused."),
    "pass": N_("If you say no or do nothing, it is not passed on."),
    "invite": N_("If you say no or do nothing, no invitation is sent."),
    "reopen": N_("If you say no or do nothing, the case stays closed."),
}
_UNTIL_THEN: Final[Mapping[str, str]] = {
    "grant": N_("Until then, nothing is shared."),
    "resume": N_("Until then, it stays paused."),
    "pass": N_("Until then, it is not passed on."),
    "invite": N_("Until then, no invitation is sent."),
    "reopen": N_("Until then, the case stays closed."),
}


def said(each: Pending) -> Said:
    """Put one thing that waits into words."""
    who = name_of(each.member)
    if each.mine:
        return Said(_(_MINE[each.act], who=who), place(each), _(_UNTIL_THEN[each.act]))
    return Said(_(_ASKED[each.act], who=who), place(each), _(_NOTHING[each.act]))


def name_of(member: str | None) -> str:
    """Name an organisation; empty where there is none."""
    return "" if member is None else names_of({member})[member]


def place(each: Pending) -> str:
    """Give the page on which it is answered."""
    if each.act == "grant":
        return url_for("deciding.show", request_id=each.about)
    if each.act == "resume":
        return url_for("permissions.show", consent_id=each.about)
    if each.act == "pass":
        return url_for("previews.show", release=each.about)
    return url_for("acting.together", wish_id=each.about)


_DECLINED: Final[Mapping[str, tuple[str, str]]] = {
    "invite": (
        N_("You said no to inviting %(who)s, or took your yes back."),
        N_("The other person said no to inviting %(who)s."),
    ),
    "reopen": (
        N_("You said no to opening a case again, or took your yes back."),
        N_("The other person said no to opening a case again."),
    ),
}


def declined(each: Wish) -> Said:
    """Say that one of two did not want it."""
    mine, theirs = _DECLINED[each.act]
    text = _(mine if each.mine_no else theirs, who=name_of(each.member))
    return Said(text, url_for("acting.together", wish_id=each.about), "")
