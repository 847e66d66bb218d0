"""The sentences of a case page: what happened, who did it, how things stand. Codes in, words out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from connectors.cases.view import Line, Waiting
from connectors.cases.view_parties import Actor
from connectors.pages.languages import gettext as _
from connectors.pages.languages import language, listed
from connectors.pages.languages import lazy as N_
from schemas.records import CATEGORIES

Names = Callable[[str], str]
"""Member id or `citizen` → what this reader calls them."""

LINES: Final[Mapping[str, str]] = {
    "case.open": N_("%(who)s opened the case."),
    "case.invite": N_("%(who)s invited %(whom)s."),
    "case.join": N_("%(who)s joined the case."),
    "case.attest": N_("%(who)s confirmed that the person who joined is the right one."),
    "case.leave": N_("%(who)s ended the part of %(whom)s in the case."),
    "case.close": N_("%(who)s closed the case."),
    "case.reopen": N_("%(who)s opened the case again."),
    "consent.request": N_("%(who)s asked for permission."),
    "consent.grant": N_("%(who)s gave permission: %(what)s may go to %(whom)s."),
    "consent.refuse": N_("%(who)s said no to a request."),
    "consent.withdraw": N_("%(who)s took a permission back."),
    "consent.suspend": N_("%(who)s paused a permission."),
    "consent.resume": N_("%(who)s let a permission go on."),
    "consent.offer": N_("%(who)s suggested something else."),
    "record.request": N_("%(who)s asked %(whom)s for data: %(what)s."),
    "record.release": N_("%(who)s gave data to %(whom)s: %(what)s."),
    "record.decline": N_("%(who)s did not give the data that was asked for."),
    "record.contest": N_("%(who)s said that something is wrong: %(what)s."),
    "record.correct": N_("%(who)s corrected data: %(what)s."),
    "record.erased": N_("%(who)s deleted copies and confirmed it."),
    "record.pass": N_("%(who)s decided whether data is passed on."),
    "access.viewed": N_("%(who)s looked at data."),
    "access.emergency": N_("%(who)s opened data in an emergency: %(what)s."),
    "access.emergency.review": N_("%(who)s reviewed an emergency."),
    "note.add": N_("%(who)s left a note."),
    "message.message": N_("%(who)s wrote a message."),
    "message.question": N_("%(who)s asked a question."),
    "message.complaint": N_("%(who)s made a complaint."),
    "document.add": N_("%(who)s added a document."),
    "outcome.give": N_("%(who)s said whether help arrived."),
    "message.reject": N_("%(who)s could not accept a message."),
    "delivery.withdrawn": N_("Data was stopped before anyone got it."),
    "delivery.delayed": N_("You are told only now of something that the law had held back."),
    "case.keys": N_("%(who)s changed the passkeys of this case."),
    "other.message": N_("%(who)s sent a message."),
}
OUTCOMES: Final[Mapping[str, str]] = {
    "got_help": N_("Help arrived"),
    "some_help": N_("Some help arrived"),
    "no_help": N_("No help arrived"),
    "too_early": N_("It is too early to say"),
}
STATUSES: Final[Mapping[str, str]] = {
    "invited": N_("Invited"),
    "joined": N_("Joined, not confirmed yet"),
    "active": N_("Takes part"),
    "ended": N_("Takes part no more"),
    "declined": N_("Declined"),
}
KINDS: Final[Mapping[str, str]] = {
    "case": N_("The case"),
    "permission": N_("Permissions"),
    "record": N_("Data"),
    "access": N_("Who looked"),
    "coordination": N_("Notes and messages"),
}
DECLINED: Final[Mapping[str, str]] = {
    "not_held": N_("They do not have this data."),
    "local_policy": N_("Their own rules do not allow it."),
    "no_match": N_("They found nobody with these details."),
    "more_than_one_match": N_("They found more than one person with these details."),
    "needs_a_person": N_("Somebody there has to look at it."),
    "citizen_stopped": N_("You did not pass it on."),
}
HIDDEN: Final[Mapping[str, str]] = {
    "erased_withdrawn": N_("deleted because a permission was taken back"),
    "erased_data_life": N_("deleted because the time for keeping it was over"),
    "erased_case_closed": N_("deleted because the case was closed"),
    "erased_request": N_("deleted on request"),
    "kept_in_own_system": N_("kept in the organisation’s own system"),
    "not_received": N_("mentioned here, but never sent here"),
    "not_addressed": N_("between others"),
    "not_acceptable": N_("arrived, but could not be checked"),
    "not_proven": N_("permissions that could not be checked yet"),
    "other_organisations": N_("organisations whose talk with the person is theirs"),
}
WAITING: Final[Mapping[str, str]] = {
    "decide": N_("Decide on a request from %(by)s"),
    "answer_request": N_("%(for)s has to answer a request for data"),
    "answer_question": N_("%(for)s has to answer a question"),
    "answer_complaint": N_("%(for)s has to answer a complaint"),
    "settle_contest": N_("%(for)s has to look at what was said to be wrong"),
    "confirm_outcome": N_("%(for)s has to say whether help arrived"),
    "answer_dispute": N_("%(for)s has to answer: it is not agreed whether help arrived"),
    "confirm_erasure": N_("%(for)s has to confirm that copies are deleted"),
    "review_emergency": N_("%(for)s has to have an emergency reviewed"),
    "tell_emergency": N_("%(for)s has to tell of an emergency"),
    "join": N_("%(for)s has to answer an invitation"),
    "attest": N_("%(for)s has to confirm that you are the right person"),
    "not_delivered": N_("Something that was sent has not arrived"),
    "permission_ending": N_("A permission ends soon"),
    "preview": N_("Look at data before it is passed on"),
}
PERSON: Final = "citizen"


def sentence(line: Line, name: Names) -> str:
    """Put one line of the timeline into words."""
    facts = line.facts
    whom = facts.get("to") or facts.get("recipients") or facts.get("invited") or facts.get("member") or ()
    parties = [whom] if isinstance(whom, str) else list(whom)
    return _(
        LINES.get(line.words, LINES["other.message"]),
        who=actor(line.actor, name),
        whom=listed(name(each) for each in parties if each),
        what=listed(category(each) for each in facts.get("categories", ())),
    )


def actor(found: Actor, name: Names) -> str:
    """Name who did something; one who acts for the citizen is said to do so."""
    if found.kind == "delegate":
        return _("Someone who acts for %(whom)s", whom=name(PERSON))
    if found.kind == "coordinator":
        return _("The service in the middle")
    return name(found.name)


def category(code: str) -> str:
    """Give what people call a kind of data."""
    english, french = CATEGORIES.get(code, (code, code))
    return french if language() == "fr" else english


def waits(each: Waiting, name: Names) -> str:
    """Say what waits, and for whom."""
    text = WAITING.get(each.words)
    if text is None:
        return _("Something waits for an answer")
    return _(text, **{"for": name(each.for_), "by": name(each.by) if each.by else ""})


def say(table: Mapping[str, str], code: Any) -> str:
    """Give the words for a code of one of the tables, the code itself where there are none."""
    return _(table[code]) if code in table else str(code)
