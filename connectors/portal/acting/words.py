"""What acting for somebody is called on pages: kinds of mandates, powers, and what was done by them.

Codes in, words out; whether something may be done is decided elsewhere (`accounts.may`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from connectors.pages.languages import gettext as _
from connectors.pages.languages import lazy as N_
from connectors.portal.acting.rules import POWERS

KINDS: Final[Mapping[str, str]] = {
    "parental": N_("A parent, or somebody with the rights of a parent"),
    "guardian": N_("A guardian"),
    "court_deputy": N_("Somebody appointed by a court"),
    "power_of_attorney": N_("Somebody with a power of attorney"),
    "nominee": N_("Somebody you trust to decide"),
    "informal_helper": N_("A helper, who can look and take back"),
}
HELD: Final[Mapping[str, str]] = {
    "parental": N_("You act as a parent, or with the rights of a parent"),
    "guardian": N_("You act as a guardian"),
    "court_deputy": N_("You act because a court appointed you"),
    "power_of_attorney": N_("You act by a power of attorney"),
    "nominee": N_("You act as somebody they trust to decide"),
    "informal_helper": N_("You act as a helper: you can look and take back"),
}
DOES: Final[Mapping[str, str]] = {
    "view": N_("Look at cases, data, permissions and messages"),
    "refuse": N_("Say no to a request"),
    "withdraw": N_("Take a permission back, pause it, end what an organisation does, or close a case"),
    "grant": N_("Say yes to a request, pass data on, invite an organisation, or open a closed case again"),
    "contribute": N_("Write messages, add documents, say whether help arrived, and open or join cases"),
    "reach": N_("Say in what way contact is safe"),
    "object": N_("Say that data is wrong, and object to its use"),
}
DEEDS: Final[Mapping[str, str]] = {
    "consent.grant": N_("gave a permission for you"),
    "consent.agree": N_("said yes to a request for you, as one of two who decide"),
    "consent.offer": N_("suggested something else to an organisation for you"),
    "consent.refuse": N_("said no to a request for you"),
    "consent.withdraw": N_("took back a permission for you"),
    "consent.suspend": N_("paused a permission for you"),
    "consent.resume": N_("let a paused permission go on for you"),
    "consent.resume.agree": N_("wants a paused permission to go on for you, as one of two who decide"),
    "consent.suspend.of_age": N_("paused a permission, because you are of age now"),
    "record.pass": N_("passed data on, for you"),
    "record.pass.agree": N_("wants data to be passed on for you, as one of two who decide"),
    "record.stop": N_("did not pass data on, for you"),
    "record.contest": N_("said for you that data is wrong"),
    "note.add": N_("left a note for you"),
    "contact.say": N_("said for you how you may safely be reached"),
    "message.send": N_("wrote a message for you"),
    "document.add": N_("added a document for you"),
    "outcome.give": N_("said for you whether help arrived"),
    "case.join": N_("joined a case for you"),
    "case.open": N_("opened a case for you"),
    "case.name": N_("gave one of your cases another name"),
    "case.invite": N_("invited an organisation for you"),
    "case.invite.agree": N_("wants to invite an organisation for you, as one of two who decide"),
    "case.invite.refuse": N_("said no to inviting an organisation for you, as one of two who decide"),
    "case.end_seat": N_("ended what an organisation does in a case, for you"),
    "case.close": N_("closed a case for you"),
    "case.reopen": N_("opened a case again for you"),
    "case.reopen.agree": N_("wants to open a case again for you, as one of two who decide"),
    "case.reopen.refuse": N_("said no to opening a case again for you, as one of two who decide"),
    "mandate.enter": N_("entered that somebody acts for you"),
    "mandate.accept": N_("now acts for you"),
    "mandate.end": N_("does not act for you any more"),
    "account.link": N_("gave you a sign-in of your own"),
    "export.case": N_("took a copy of one of your cases"),
    "export.all": N_("took a copy of all of your cases"),
}


def powers(held: Iterable[str]) -> list[str]:
    """Say what somebody may do, in the order in which people read it."""
    known = set(held)
    return [_(DOES[power]) for power in POWERS if power in known]


def missing(held: Iterable[str]) -> list[str]:
    """Say what somebody may not do."""
    known = set(held)
    return [_(DOES[power]) for power in POWERS if power not in known]


def deed(act: str) -> str:
    """Say what was done, to follow the name of who did it."""
    return _(DEEDS[act]) if act in DEEDS else _("did something for you")
