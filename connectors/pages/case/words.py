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
    "case.open": N_("Case opened by %(who)s"),
    "case.invite": N_("Invited by %(who)s: %(whom)s"),
    "case.join": N_("Joined the case: %(who)s"),
    "case.attest": N_("Confirmed by %(who)s: the right person has joined"),
    "case.leave": N_("Takes part no more: %(whom)s (ended by %(who)s)"),
    "case.close": N_("Case closed by %(who)s"),
    "case.reopen": N_("Case opened again by %(who)s"),
    "case.keys": N_("Passkeys of the case changed by %(who)s"),
    "consent.request": N_("Permission asked for by %(who)s"),
    "consent.grant": N_("Permission given by %(who)s: %(what)s may go to %(whom)s"),
    "consent.refuse": N_("Request refused by %(who)s"),
    "consent.withdraw": N_("Permission taken back by %(who)s"),
    "consent.suspend": N_("Permission paused by %(who)s"),
    "consent.resume": N_("Permission goes on, decided by %(who)s"),
    "consent.offer": N_("Something else suggested by %(who)s"),
    "record.request": N_("Data asked for by %(who)s, from %(whom)s: %(what)s"),
    "record.release": N_("Data given by %(who)s to %(whom)s: %(what)s"),
    "record.decline": N_("Data not given by %(who)s"),
    "record.contest": N_("Said to be wrong by %(who)s: %(what)s"),
    "record.correct": N_("Data corrected by %(who)s: %(what)s"),
    "record.erased": N_("Copies deleted by %(who)s, and confirmed"),
    "record.pass": N_("Decided by %(who)s: whether data is passed on"),
    "access.viewed": N_("Data looked at by %(who)s"),
    "access.emergency": N_("Data opened in an emergency by %(who)s: %(what)s"),
    "access.emergency.review": N_("Emergency reviewed by %(who)s"),
    "note.add": N_("Note left by %(who)s"),
    "message.message": N_("Message written by %(who)s"),
    "message.question": N_("Question asked by %(who)s"),
    "message.complaint": N_("Complaint made by %(who)s"),
    "document.add": N_("Document added by %(who)s"),
    "outcome.give": N_("Whether help arrived, said by %(who)s"),
    "message.reject": N_("A message could not be accepted by %(who)s"),
    "delivery.withdrawn": N_("Data stopped before anyone got it"),
    "delivery.delayed": N_("Told only now: something that the law had held back"),
    "other.message": N_("Message sent by %(who)s"),
}
"""Said without a verb in the past, so that the same sentence fits `you` and the name of an organisation."""
_TO_NOBODY_KNOWN: Final[Mapping[str, str]] = {
    "record.request": N_("Data asked for by %(who)s: %(what)s"),
    "record.release": N_("Data given by %(who)s: %(what)s"),
}
"""Where it is not known any more to whom: the envelope was deleted with what was in it."""
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
    "erased_superseded": N_("deleted because a new decision leaves it out"),
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
    "decide": N_("A decision: %(by)s asks for permission"),
    "answer_request": N_("Expected from %(for)s: an answer to a request for data"),
    "answer_question": N_("Expected from %(for)s: an answer to a question"),
    "answer_complaint": N_("Expected from %(for)s: an answer to a complaint"),
    "settle_contest": N_("Expected from %(for)s: an answer to what was said to be wrong"),
    "confirm_outcome": N_("Expected from %(for)s: a word on whether help arrived"),
    "answer_dispute": N_("Expected from %(for)s: an answer, because it is not agreed whether help arrived"),
    "confirm_erasure": N_("Expected from %(for)s: the confirmation that copies are deleted"),
    "review_emergency": N_("Expected from %(for)s: the review of an emergency"),
    "tell_emergency": N_("Expected from %(for)s: telling of an emergency"),
    "join": N_("Expected from %(for)s: an answer to an invitation"),
    "attest": N_("Expected from %(for)s: the confirmation that the right person has joined"),
    "not_delivered": N_("Something that was sent has not arrived"),
    "permission_ending": N_("A permission ends soon"),
    "preview": N_("Data to look at before it is passed on"),
}
PERSON: Final = "citizen"


def sentence(line: Line, name: Names) -> str:
    """Put one line of the timeline into words."""
    facts = line.facts
    whom = facts.get("to") or facts.get("recipients") or facts.get("invited") or facts.get("member") or ()
    parties = [whom] if isinstance(whom, str) else list(whom)
    text = LINES.get(line.words, LINES["other.message"])
    return _(
        text if parties else _TO_NOBODY_KNOWN.get(line.words, text),
        who=actor(line.actor, name),
        whom=listed(name(each) for each in parties if each),
        what=listed(category(each) for each in facts.get("categories", ())),
    )


def begin(text: str) -> str:
    """Let a text begin a line: its first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def actor(found: Actor, name: Names) -> str:
    """Name who did something; one who acts for the citizen is said to do so."""
    if found.kind == "delegate":
        return _("Someone who acts for %(whom)s", whom=name(PERSON))
    if found.kind == "other":
        return _("somebody else who acts for this person")
    if found.kind == "held_back":
        return _("somebody (who it was is held back for now)")
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
