"""Whether it may be released: agreement, consent, law and emergency."""

from __future__ import annotations

from schemas.errors.permission import NotPermitted


class UnknownAgreement(NotPermitted):
    """There is no agreement of this id and version."""

    code = "unknown_agreement"
    what_to_do = "Look for it in `accord connector agreement list`."


class AgreementNotInForce(NotPermitted):
    """The agreement is not in force."""

    code = "agreement_not_in_force"
    what_to_do = "Have all parties sign it, or use the version in force."


class AgreementExists(NotPermitted):
    """This version of the agreement exists already."""

    code = "agreement_exists"
    what_to_do = "Propose the next version number."


class AgreementDoesNotCover(NotPermitted):
    """The agreement names no such flow of data."""

    code = "agreement_does_not_cover"
    what_to_do = "Ask for less, or agree on a new version."


class NotAParty(NotPermitted):
    """The member is not a party to the agreement."""

    code = "not_a_party"
    what_to_do = "Only the parties of an agreement act under it; agree on a version with all of them."


class BasisSwapped(NotPermitted):
    """The legal basis of a purpose cannot be changed afterwards."""

    code = "basis_swapped"
    what_to_do = "Give the purpose a new code: what was consented to does not become a duty afterwards."


class UnknownConsent(NotPermitted):
    """There is no consent of this id in the case."""

    code = "unknown_consent"
    what_to_do = "Look for it in `accord connector consent list`."


class UnknownRequest(NotPermitted):
    """There is no open request of this id in the case."""

    code = "unknown_request"
    what_to_do = "Look at the state of the request; ask again if it is still wanted."


class ConsentNotInForce(NotPermitted):
    """The consent does not permit anything now."""

    code = "consent_not_in_force"
    what_to_do = "Stop. Ask the citizen again only if there is a new reason."


class ConsentDoesNotCover(NotPermitted):
    """The consent does not name what was asked."""

    code = "consent_does_not_cover"
    what_to_do = "Ask for what the consent names, or ask the citizen for more."


class ConsentUsedUp(NotPermitted):
    """The consent does not allow another release now."""

    code = "consent_used_up"
    what_to_do = "Wait for the next period, or ask the citizen."


class PreviewDemanded(NotPermitted):
    """The agreement demands that the citizen sees this first, and the consent does not say so."""

    code = "preview_demanded"
    what_to_do = "Ask for a consent under which the citizen sees the record first."


class NotPassedOn(NotPermitted):
    """The citizen, who sees this record first, has not passed it on."""

    code = "not_passed_on"
    what_to_do = "Wait until the citizen has passed it on; they can also stop it, or contest it."


class RequestExpired(NotPermitted):
    """The request for consent was not answered in time; only a new one can be."""

    code = "request_expired"
    what_to_do = "Ask the citizen anew if it is still needed."


class RequestReplaced(NotPermitted):
    """The request for consent was replaced by a narrower one; that one can be answered."""

    code = "request_replaced"
    what_to_do = "Answer the narrower request that took its place."


class NoStatute(NotPermitted):
    """The agreement names no such clause for this."""

    code = "no_statute"
    what_to_do = "Name the clause of the purpose, or agree on a version that has one."


class NoticeMissing(NotPermitted):
    """The citizen has not been given notice of the statutory sharing."""

    code = "notice_missing"
    what_to_do = "Give the citizen notice first."


class NoEmergency(NotPermitted):
    """No emergency is open that covers this."""

    code = "no_emergency"
    what_to_do = "Open an emergency first, with its reason; it is looked at afterwards."


class WithholdingNotAllowed(NotPermitted):
    """No clause allows to leave the citizen out."""

    code = "withholding_not_allowed"
    what_to_do = "Add the citizen, or name the clause that allows it and the day of review."


class ConsentExists(NotPermitted):
    """A consent with this id exists already."""

    code = "consent_exists"
    what_to_do = "Make a new consent that supersedes it: a consent never changes."


class EmergencyExists(NotPermitted):
    """An emergency with this id exists already."""

    code = "emergency_exists"
    what_to_do = "Use the one that exists, or open another under a new id."


class SamePerson(NotPermitted):
    """Someone else must do this than the one who did what it is about."""

    code = "same_person"
    what_to_do = "Let someone else do it."
