"""Every reason for which something is refused, as one tree with stable codes.

A refusal says what failed and what the reader can do; it never carries personal data, so that it can be
shown, logged and stored as it is. The outside form is a problem document (RFC 9457).
"""

from __future__ import annotations

from typing import ClassVar

Fact = str | int


class Refusal(Exception):
    """The request was refused."""

    code: ClassVar[str] = "refused"
    what_to_do: ClassVar[str | None] = None
    """What usually helps; who raises it says it better where they know more."""

    def __init__(self, detail: str | None = None, *, remedy: str | None = None, **facts: Fact) -> None:
        """Keep the reason in words, what to do about it, and the facts that a program can read.

        `facts` name ids, codes, clocks and limits; never names of persons or contents of records.
        """
        self.title = (type(self).__doc__ or "Refused.").strip().splitlines()[0]
        self.detail = detail or self.title
        self.remedy = remedy or self.what_to_do
        self.facts: dict[str, Fact] = facts
        super().__init__(self.detail)

    def to_problem(self) -> dict[str, Fact]:
        """Give the problem document of RFC 9457, without the status that only the coordinator knows."""
        problem: dict[str, Fact] = {
            "type": f"urn:accord:problem:{self.code}",
            "title": self.title,
            "detail": self.detail,
            "code": self.code,
        }
        if self.remedy:
            problem["remedy"] = self.remedy
        return {**self.facts, **problem}


# --- the bytes themselves ---------------------------------------------------------------------------


class Malformed(Refusal):
    """The bytes are not what this place takes."""

    code = "malformed"
    what_to_do = "Compare it with the protocol and its test vectors: there is one spelling for everything."


class TooLarge(Malformed):
    """The bytes are more than this place takes."""

    code = "too_large"
    what_to_do = "Put documents into attachments, and send a batch in halves."


class TooDeep(Malformed):
    """The JSON is nested deeper than allowed."""

    code = "too_deep"
    what_to_do = "No message needs that; look for an object that was wrapped by mistake."


class TooManyNames(Malformed):
    """The JSON has more members than allowed."""

    code = "too_many_names"
    what_to_do = "Divide it: one message for each category."


class DuplicateName(Malformed):
    """The JSON has the same name twice in one object."""

    code = "duplicate_name"
    what_to_do = "Make JSON with a library that writes each name once."


class NotInteroperable(Malformed):
    """The JSON holds a value that not every implementation reads alike (RFC 7493)."""

    code = "not_interoperable"
    what_to_do = "Send amounts as whole minor units and everything else as text."


class WrongHeader(Malformed):
    """The protected header is not exactly the one that this kind of token has."""

    code = "wrong_header"
    what_to_do = "Write exactly the members that the protocol lists for this kind of token."


# --- whose bytes they are ---------------------------------------------------------------------------


class Unverified(Refusal):
    """It could not be verified who made this."""

    code = "unverified"


class UnknownKey(Unverified):
    """No member has the key that this names."""

    code = "unknown_key"
    what_to_do = (
        "Let member.keys be admitted before the first message with a new key, and name yourself in `from`."
    )


class BadSignature(Unverified):
    """The signature does not fit the bytes and the key."""

    code = "bad_signature"
    what_to_do = "Send exactly the bytes that were signed; nothing in between may format JSON again."


class KeyNotInForce(Unverified):
    """The key was not in force at the time that this names."""

    code = "key_not_in_force"
    what_to_do = (
        "Sign or seal with a key in force: `accord connector keys show`, or fetch the other member again."
    )


class WeakKey(Unverified):
    """The key is not one that can protect anything."""

    code = "weak_key"
    what_to_do = "Make the key anew with an ordinary library, and ask where this one came from."


class NotForThisKey(Unverified):
    """It is not sealed for a key that is held here, or not by the sender it names."""

    code = "not_for_this_key"
    what_to_do = "Seal it for the recipient's newest key, by the key that signs the message."


class DamagedSeal(Unverified):
    """The sealed bytes were changed, or sealed for someone else."""

    code = "damaged_seal"
    what_to_do = (
        "Send it again from the original; if it stays, look for a program in between that rewrites bodies."
    )


class StatementMismatch(Unverified):
    """The statement inside does not belong to the message that carries it."""

    code = "statement_mismatch"
    what_to_do = "Ask the issuer of the statement, or name it in a message of your own."


class LogMismatch(Unverified):
    """The transparency log's proof does not fit."""

    code = "log_mismatch"
    what_to_do = "Keep both, and ask the coordinator's operator before anything else."


class InclusionMismatch(LogMismatch):
    """The entry is not in the log where the proof says it is."""

    code = "inclusion_mismatch"


class ConsistencyMismatch(LogMismatch):
    """The log's later head does not contain its earlier one."""

    code = "consistency_mismatch"


class CheckpointMismatch(LogMismatch):
    """The checkpoint is not signed by this log, or is about another one."""

    code = "checkpoint_mismatch"
    what_to_do = "Compare the pinned keys (`accord connector pin`) with the coordinator's operator."


class ReceiptMismatch(Unverified):
    """The receipt does not belong to these bytes."""

    code = "receipt_mismatch"
    what_to_do = "Keep both, and ask the coordinator's operator before anything else."


class ProofRefused(Unverified):
    """The proof of the citizen's decision does not hold."""

    code = "proof_refused"
    what_to_do = "Have the citizen decide again, on the portal's own page, with the passkey of this case."


# --- what they say ----------------------------------------------------------------------------------


class Invalid(Refusal):
    """The content does not fit its schema."""

    code = "invalid"
    what_to_do = "Compare it with the published schema; unknown members are refused, too."


class UnknownType(Invalid):
    """No message of this type and version exists."""

    code = "unknown_type"
    what_to_do = "Use a type of the published table, or update the coordinator if your side is newer."


class UnknownSchema(Invalid):
    """No record schema of this name and version exists."""

    code = "unknown_schema"
    what_to_do = "Use a published record schema, or update the side that is older."


# --- when it was said -------------------------------------------------------------------------------


class Untimely(Refusal):
    """The time that this names is not acceptable now."""

    code = "untimely"


class FromTheFuture(Untimely):
    """The message is dated later than the coordinator's clock allows."""

    code = "from_the_future"
    what_to_do = "Set the clock by NTP and say it again; a connector does so by itself."


class TooOld(Untimely):
    """The message waited longer than it says it may."""

    code = "too_old"
    what_to_do = "Say it anew if it is still wanted: `accord connector queue list`."


# --- whether it may be ------------------------------------------------------------------------------


class NotPermitted(Refusal):
    """What was asked is not permitted."""

    code = "not_permitted"


class AlreadySaid(NotPermitted):
    """The same message id was used before for other bytes."""

    code = "already_said"
    what_to_do = "Send the same bytes when you try again, and give other words an id of their own."


class UnknownMember(NotPermitted):
    """No member of this id takes part."""

    code = "unknown_member"
    what_to_do = "Check the id with the list of members."


class MemberNotActive(NotPermitted):
    """The member does not take part any more."""

    code = "member_not_active"
    what_to_do = "Whoever comes back enrols under another id."


class WrongCode(NotPermitted):
    """The one-time code is wrong, used or expired."""

    code = "wrong_code"
    what_to_do = "Ask the coordinator's operator for a new code."


class KeyTaken(NotPermitted):
    """The key belongs to another member already."""

    code = "key_taken"
    what_to_do = "Make a new key; if you did not copy this one, tell the operator at once."


class NotYourTurn(NotPermitted):
    """This kind of party may not send this type of message."""

    code = "not_your_turn"
    what_to_do = "Let the party do it that the table of message types names."


class WrongRecipients(NotPermitted):
    """The recipients are not the ones that this message must have."""

    code = "wrong_recipients"
    what_to_do = "Name exactly the recipients that this type must have."


class UnknownCase(NotPermitted):
    """There is no such case, or no seat in it for the one who asks."""

    code = "unknown_case"
    what_to_do = "Check the id, or ask to be invited into the case."


class CaseExists(NotPermitted):
    """A case with this id exists already."""

    code = "case_exists"
    what_to_do = "Make another random id."


class CaseClosed(NotPermitted):
    """The case is closed."""

    code = "case_closed"
    what_to_do = "Reopen the case first, with a reason."


class NoSeat(NotPermitted):
    """A party has no active seat in the case."""

    code = "no_seat"
    what_to_do = "Invite the agency first, or name a basis."


class SeatTaken(NotPermitted):
    """The party has a seat in the case already."""

    code = "seat_taken"
    what_to_do = "There is nothing to do: the party can go on."


class CitizenNotJoined(NotPermitted):
    """The citizen has not joined the case yet."""

    code = "citizen_not_joined"
    what_to_do = "Hand the code over to the citizen, and wait until they have joined and are attested."


class UnknownInvitation(NotPermitted):
    """There is no open invitation of this id for the one who answers it."""

    code = "unknown_invitation"
    what_to_do = "Ask for a new invitation."


class NotAttested(NotPermitted):
    """The keys of the citizen's seat are not the ones that were attested."""

    code = "not_attested"
    what_to_do = (
        "Fetch the case again; if the keys changed without the citizen's doing, stop and ask them in person."
    )


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


class WrongTransition(NotPermitted):
    """What this asks does not follow from the state that it is in."""

    code = "wrong_transition"
    what_to_do = "Fetch the present state and decide again."


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


class AttachmentMissing(NotPermitted):
    """An attachment that the message names was not uploaded."""

    code = "attachment_missing"
    what_to_do = "Upload it first, under its SHA-256."


class MemberExists(NotPermitted):
    """A member with this id takes part already, or did."""

    code = "member_exists"
    what_to_do = "Ask the operator for a code for another id."


class TooManyKeys(NotPermitted):
    """The member has as many keys as one may have."""

    code = "too_many_keys"
    what_to_do = "End old keys: `accord connector keys end`."


class ConsentExists(NotPermitted):
    """A consent with this id exists already."""

    code = "consent_exists"
    what_to_do = "Make a new consent that supersedes it: a consent never changes."


class EmergencyExists(NotPermitted):
    """An emergency with this id exists already."""

    code = "emergency_exists"
    what_to_do = "Use the one that exists, or open another under a new id."


class NotDelivered(NotPermitted):
    """The message was never delivered to the one who speaks of it."""

    code = "not_delivered"
    what_to_do = "Check the id of the message."


class SamePerson(NotPermitted):
    """Someone else must do this than the one who did what it is about."""

    code = "same_person"
    what_to_do = "Let someone else do it."


# --- access and capacity ----------------------------------------------------------------------------


class NotSignedIn(Refusal):
    """The access token or its proof is missing, expired or not yours."""

    code = "not_signed_in"
    what_to_do = "Ask for a new token, and make a new proof for each request."


class TooMany(Refusal):
    """There were too many requests in a short time."""

    code = "too_many"
    what_to_do = "Wait for as long as Retry-After says."


class Unavailable(Refusal):
    """The service cannot do this at the moment; nothing was lost."""

    code = "unavailable"
    what_to_do = "Send the same again later."


class LogBehind(Unavailable):
    """The log's database holds less than what was signed."""

    code = "log_behind"
    what_to_do = "Bring the newer database back; if it is gone, stop and tell the members."


class LogForked(Unavailable):
    """The log's database holds another tree than the one that was signed."""

    code = "log_forked"
    what_to_do = "Bring the right database back, and never delete the guard file to make it start."


class LogDamaged(Unavailable):
    """Something in the log's database is missing or was changed."""

    code = "log_damaged"
    what_to_do = "Run `accord coordinator log check`, and restore the rows that it names from a backup."


class LogUnguarded(Unavailable):
    """The record of what was signed last is missing or unreadable."""

    code = "log_unguarded"
    what_to_do = "Restore the file beside the log's key, or see `accord coordinator log adopt --help`."


class NotFound(Refusal):
    """There is nothing at this address."""

    code = "not_found"
    what_to_do = "Check the address; every one is in /v1/openapi.json."


class MethodNotAllowed(Refusal):
    """This address does not take that method."""

    code = "method_not_allowed"
    what_to_do = "Use one of the methods that the Allow header names."


class WrongContentType(Refusal):
    """The body is of a kind, or in an encoding, that this address does not take."""

    code = "wrong_content_type"
    what_to_do = "Send the Content-Type that this address takes, and do not compress the body."


class ClockBehind(Unavailable):
    """The coordinator's own clock went backwards."""

    code = "clock_behind"
    what_to_do = "Set the coordinator's clock by NTP; it goes on by itself."
