"""What waits for somebody at the portal, over all their cases: sentences with a place to go, oldest first.

Takes folded cases and the portal's tables, gives lines for pages. What may be seen was decided before: the
cases come from `own.own_cases`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import url_for

from connectors.cases.view import Case, Look, Waiting
from connectors.exchange.acts import previews, seat_keys
from connectors.pages.languages import gettext as _
from connectors.pages.languages import language
from connectors.pages.languages import lazy as N_
from connectors.portal.acting import mandates, together, waits
from connectors.portal.acting import words as acting_words
from connectors.portal.deciding.question import category_label
from connectors.portal.own import names_of
from connectors.portal.pages.places import case_page, shown_at
from connectors.portal.portal import portal
from connectors.portal.seeing import unread
from connectors.portal.visiting import Visitor
from schemas.errors import NoSeat
from schemas.instant import from_ms
from schemas.messages.fields import CITIZEN


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits: a sentence, where to do it, since when, and until when if there is an end."""

    text: str
    href: str
    since: datetime
    due: datetime | None = None
    kind: str = ""
    follows: str = ""
    """What happens meanwhile, or without an answer."""


_WORDS: Final[Mapping[str, str]] = {
    "decide": N_("%(who)s asks for your permission"),
    "answer_question": N_("%(who)s asked you something"),
    "answer_complaint": N_("%(who)s waits for your answer to a complaint"),
    "confirm_outcome": N_("%(who)s says how it ended. Is that right?"),
    "answer_dispute": N_("%(who)s sees it differently. Please answer"),
    "permission_ending": N_("A permission ends soon"),
    "not_delivered": N_("Something that you sent did not arrive"),
    "join": N_("You are invited to a case"),
}
_TABS: Final[Mapping[str, str]] = {
    "answer_question": "messages",
    "answer_complaint": "messages",
}


def lines(cases: Iterable[Case], visitor: Visitor) -> list[Line]:
    """Give everything that waits for a visitor, the oldest first."""
    found = [line for case in cases for line in (*_of_case(case, visitor), *_unread(case, visitor))]
    joint = list(_joint(visitor))
    half_decided = {line.href for line in joint}
    found = [line for line in found if line.href not in half_decided] + joint
    return sorted(found, key=lambda line: (line.due or line.since, line.text))


def _of_case(case: Case, visitor: Visitor) -> Iterator[Line]:
    found = case.waits_for(CITIZEN)
    names = names_of({each.by for each in found if each.by and each.by != CITIZEN})
    nobody = _("An organisation")
    for each in found:
        if each.words in _WORDS:
            text = _(_WORDS[each.words], who=names.get(each.by or "", nobody))
            yield Line(text, _place(case, each), each.since, each.due, each.words)
    if case.status == "open":
        yield from _previews(case)
        if visitor.mandate is None:  # nobody confirms with the passkeys of whom they act for
            yield from _passkeys(case)


def _place(case: Case, each: Waiting) -> str:
    if each.words == "decide":
        return url_for("deciding.show", request_id=each.about)
    if each.words == "permission_ending":
        return url_for("permissions.show", consent_id=each.about)
    if each.words in {"confirm_outcome", "answer_dispute"} and case.status == "open":
        return url_for("case.outcome", case_id=case.id, answers=each.about)
    return case_page(case.id, _TABS.get(each.words, "show"))


def _unread(case: Case, visitor: Visitor) -> Iterator[Line]:
    """Name who wrote something that asks for no answer; what does is named as a question."""
    threads = [each for each in unread(case, visitor) if not each.unanswered]
    names = names_of({each.last_by.name for each in threads})
    for each in threads:
        text = _("New message from %(who)s", who=names[each.last_by.name])
        place = url_for("case.thread", case_id=case.id, thread=each.id)
        yield Line(text, place, each.last_at, kind="message")


def _previews(case: Case) -> Iterator[Line]:
    rows = previews.waiting_previews(portal().connector, case.id)
    names = names_of({row.source for row in rows})
    for row in rows:
        what = category_label(row.category, language())
        text = _("See first what %(who)s would pass on: %(what)s", who=names[row.source], what=what)
        place = shown_at("previews.show", release=row.release) or case_page(case.id, "records")
        yield Line(text, place, from_ms(row.at), kind="preview")


def _passkeys(case: Case) -> Iterator[Line]:
    try:
        waiting = seat_keys.passkeys_in(portal().connector, case.id).waiting
    except NoSeat:
        return
    if waiting:
        text = _("A new passkey waits until an organisation has compared its number with you")
        yield Line(text, url_for("passkeys.show_all"), portal().now(), kind="passkey")


def _joint(visitor: Visitor) -> Iterator[Line]:
    """Give what waits between two who decide; while one acts for nobody, it leads to where that begins."""
    now = portal().now()
    with portal().connector.database.reading() as connection:
        rows = together.pending(connection, visitor, now)
        others = {} if visitor.mandate is not None else together.elsewhere(connection, visitor.account, now)
    for row in rows:
        said = waits.said(row)
        yield Line(said.text, said.href, from_ms(row.at), kind="joint", follows=said.follows)
    for theirs in others.values():
        text = _("Somebody you act for: another person said yes. Do you agree?")
        place = shown_at("acting.show", _anchor="for-others") or url_for("home.show")
        yield from (Line(text, place, from_ms(row.at), kind="joint") for row in theirs)


# --- what has happened ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Happened:
    """A sentence about the past, and when it was."""

    text: str
    at: datetime


_LOOKED: Final[Mapping[str, str]] = {
    "release": N_("%(who)s received: %(what)s"),
    "view": N_("%(who)s looked at: %(what)s"),
    "emergency": N_("%(who)s opened in an emergency: %(what)s"),
}


def looks(cases: Iterable[Case], most: int) -> list[Happened]:
    """Give who looked lately, newest first."""
    found = sorted((look for case in cases for look in case.looked.lines), key=_at, reverse=True)[:most]
    names = names_of({look.member for look in found})
    return [
        Happened(_(_LOOKED[look.kind], who=names[look.member], what=_what(look)), look.at) for look in found
    ]


def _at(look: Look) -> datetime:
    return look.at


def _what(look: Look) -> str:
    return ", ".join(category_label(each, language()) for each in look.categories) or _("your case")


def deeds(visitor: Visitor, name_of: Callable[[str], str | None]) -> list[Happened]:
    """Give what others did for the visitor and they have not seen yet, newest first."""
    with portal().connector.database.reading() as connection:
        rows = mandates.shown_deeds(connection, visitor, portal().now(), only_new=True)
    return [Happened(f"{_by(row, name_of)} {acting_words.deed(row.act)}", from_ms(row.at)) for row in rows]


def _by(row: object, name_of: Callable[[str], str | None]) -> str:
    account = getattr(row, "by_account", None)
    if account is not None:
        return name_of(account) or _("A person who acts for you")
    return _("Our staff") if getattr(row, "by_kind", "") == "staff" else _("The passing of time")
