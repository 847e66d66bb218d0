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

    def __init__(self, detail: str | None = None, *, remedy: str | None = None, **facts: Fact) -> None:
        """Keep the reason in words, what to do about it, and the facts that a program can read.

        `facts` name ids, codes, clocks and limits; never names of persons or contents of records.
        """
        self.title = (type(self).__doc__ or "Refused.").strip().splitlines()[0]
        self.detail = detail or self.title
        self.remedy = remedy
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


class TooLarge(Malformed):
    """The bytes are more than this place takes."""

    code = "too_large"


class TooDeep(Malformed):
    """The JSON is nested deeper than allowed."""

    code = "too_deep"


class TooManyNames(Malformed):
    """The JSON has more members than allowed."""

    code = "too_many_names"


class DuplicateName(Malformed):
    """The JSON has the same name twice in one object."""

    code = "duplicate_name"


class NotInteroperable(Malformed):
    """The JSON holds a value that not every implementation reads alike (RFC 7493)."""

    code = "not_interoperable"


class WrongHeader(Malformed):
    """The protected header is not exactly the one that this kind of token has."""

    code = "wrong_header"


# --- whose bytes they are ---------------------------------------------------------------------------


class Unverified(Refusal):
    """It could not be verified who made this."""

    code = "unverified"


class UnknownKey(Unverified):
    """No member has the key that this names."""

    code = "unknown_key"


class BadSignature(Unverified):
    """The signature does not fit the bytes and the key."""

    code = "bad_signature"


class KeyNotInForce(Unverified):
    """The key was not in force at the time that this names."""

    code = "key_not_in_force"


class WeakKey(Unverified):
    """The key is not one that can protect anything."""

    code = "weak_key"


class NotForThisKey(Unverified):
    """It is not sealed for a key that is held here, or not by the sender it names."""

    code = "not_for_this_key"


class DamagedSeal(Unverified):
    """The sealed bytes were changed, or sealed for someone else."""

    code = "damaged_seal"


class StatementMismatch(Unverified):
    """The statement inside does not belong to the message that carries it."""

    code = "statement_mismatch"


class LogMismatch(Unverified):
    """The transparency log's proof does not fit."""

    code = "log_mismatch"


class InclusionMismatch(LogMismatch):
    """The entry is not in the log where the proof says it is."""

    code = "inclusion_mismatch"


class ConsistencyMismatch(LogMismatch):
    """The log's later head does not contain its earlier one."""

    code = "consistency_mismatch"


class CheckpointMismatch(LogMismatch):
    """The checkpoint is not signed by this log, or is about another one."""

    code = "checkpoint_mismatch"


class ReceiptMismatch(Unverified):
    """The receipt does not belong to these bytes."""

    code = "receipt_mismatch"


class ProofRefused(Unverified):
    """The proof of the citizen's decision does not hold."""

    code = "proof_refused"


# --- what they say ----------------------------------------------------------------------------------


class Invalid(Refusal):
    """The content does not fit its schema."""

    code = "invalid"


class UnknownType(Invalid):
    """No message of this type and version exists."""

    code = "unknown_type"


class UnknownSchema(Invalid):
    """No record schema of this name and version exists."""

    code = "unknown_schema"


# --- when it was said -------------------------------------------------------------------------------


class Untimely(Refusal):
    """The time that this names is not acceptable now."""

    code = "untimely"


class FromTheFuture(Untimely):
    """The message is dated later than the coordinator's clock allows."""

    code = "from_the_future"


class TooOld(Untimely):
    """The message waited longer than it says it may."""

    code = "too_old"


# --- whether it may be ------------------------------------------------------------------------------


class NotPermitted(Refusal):
    """What was asked is not permitted."""

    code = "not_permitted"


class AlreadySaid(NotPermitted):
    """The same message id was used before for other bytes."""

    code = "already_said"


class UnknownMember(NotPermitted):
    """No member of this id takes part."""

    code = "unknown_member"


class MemberNotActive(NotPermitted):
    """The member does not take part any more."""

    code = "member_not_active"


class WrongCode(NotPermitted):
    """The one-time code is wrong, used or expired."""

    code = "wrong_code"


class KeyTaken(NotPermitted):
    """The key belongs to another member already."""

    code = "key_taken"


class NotYourTurn(NotPermitted):
    """This kind of party may not send this type of message."""

    code = "not_your_turn"


class WrongRecipients(NotPermitted):
    """The recipients are not the ones that this message must have."""

    code = "wrong_recipients"


class UnknownCase(NotPermitted):
    """There is no such case, or no seat in it for the one who asks."""

    code = "unknown_case"


class CaseExists(NotPermitted):
    """A case with this id exists already."""

    code = "case_exists"


class CaseClosed(NotPermitted):
    """The case is closed."""

    code = "case_closed"


class NoSeat(NotPermitted):
    """A party has no active seat in the case."""

    code = "no_seat"


class SeatTaken(NotPermitted):
    """The party has a seat in the case already."""

    code = "seat_taken"


class CitizenNotJoined(NotPermitted):
    """The citizen has not joined the case yet."""

    code = "citizen_not_joined"


class UnknownInvitation(NotPermitted):
    """There is no open invitation of this id for the one who answers it."""

    code = "unknown_invitation"


class NotAttested(NotPermitted):
    """The keys of the citizen's seat are not the ones that were attested."""

    code = "not_attested"


class UnknownAgreement(NotPermitted):
    """There is no agreement of this id and version."""

    code = "unknown_agreement"


class AgreementNotInForce(NotPermitted):
    """The agreement is not in force."""

    code = "agreement_not_in_force"


class AgreementExists(NotPermitted):
    """This version of the agreement exists already."""

    code = "agreement_exists"


class AgreementDoesNotCover(NotPermitted):
    """The agreement names no such flow of data."""

    code = "agreement_does_not_cover"


class NotAParty(NotPermitted):
    """The member is not a party to the agreement."""

    code = "not_a_party"


class BasisSwapped(NotPermitted):
    """The legal basis of a purpose cannot be changed afterwards."""

    code = "basis_swapped"


class UnknownConsent(NotPermitted):
    """There is no consent of this id in the case."""

    code = "unknown_consent"


class UnknownRequest(NotPermitted):
    """There is no open request of this id in the case."""

    code = "unknown_request"


class ConsentNotInForce(NotPermitted):
    """The consent does not permit anything now."""

    code = "consent_not_in_force"


class ConsentDoesNotCover(NotPermitted):
    """The consent does not name what was asked."""

    code = "consent_does_not_cover"


class ConsentUsedUp(NotPermitted):
    """The consent does not allow another release now."""

    code = "consent_used_up"


class PreviewDemanded(NotPermitted):
    """The agreement demands that the citizen sees this first, and the consent does not say so."""

    code = "preview_demanded"


class NotPassedOn(NotPermitted):
    """The citizen, who sees this record first, has not passed it on."""

    code = "not_passed_on"


class RequestExpired(NotPermitted):
    """The request for consent was not answered in time; only a new one can be."""

    code = "request_expired"


class RequestReplaced(NotPermitted):
    """The request for consent was replaced by a narrower one; that one can be answered."""

    code = "request_replaced"


class WrongTransition(NotPermitted):
    """What this asks does not follow from the state that it is in."""

    code = "wrong_transition"


class NoStatute(NotPermitted):
    """The agreement names no such clause for this."""

    code = "no_statute"


class NoticeMissing(NotPermitted):
    """The citizen has not been given notice of the statutory sharing."""

    code = "notice_missing"


class NoEmergency(NotPermitted):
    """No emergency is open that covers this."""

    code = "no_emergency"


class WithholdingNotAllowed(NotPermitted):
    """No clause allows to leave the citizen out."""

    code = "withholding_not_allowed"


class AttachmentMissing(NotPermitted):
    """An attachment that the message names was not uploaded."""

    code = "attachment_missing"


class MemberExists(NotPermitted):
    """A member with this id takes part already, or did."""

    code = "member_exists"


class TooManyKeys(NotPermitted):
    """The member has as many keys as one may have."""

    code = "too_many_keys"


class ConsentExists(NotPermitted):
    """A consent with this id exists already."""

    code = "consent_exists"


class EmergencyExists(NotPermitted):
    """An emergency with this id exists already."""

    code = "emergency_exists"


class NotDelivered(NotPermitted):
    """The message was never delivered to the one who speaks of it."""

    code = "not_delivered"


class SamePerson(NotPermitted):
    """Someone else must do this than the one who did what it is about."""

    code = "same_person"


# --- access and capacity ----------------------------------------------------------------------------


class NotSignedIn(Refusal):
    """The access token or its proof is missing, expired or not yours."""

    code = "not_signed_in"


class TooMany(Refusal):
    """There were too many requests in a short time."""

    code = "too_many"


class Unavailable(Refusal):
    """The service cannot do this at the moment; nothing was lost."""

    code = "unavailable"


class LogBehind(Unavailable):
    """The log's database holds less than what was signed."""

    code = "log_behind"


class LogForked(Unavailable):
    """The log's database holds another tree than the one that was signed."""

    code = "log_forked"


class LogDamaged(Unavailable):
    """Something in the log's database is missing or was changed."""

    code = "log_damaged"


class LogUnguarded(Unavailable):
    """The record of what was signed last is missing or unreadable."""

    code = "log_unguarded"


class NotFound(Refusal):
    """There is nothing at this address."""

    code = "not_found"


class MethodNotAllowed(Refusal):
    """This address does not take that method."""

    code = "method_not_allowed"


class WrongContentType(Refusal):
    """The body is of a kind, or in an encoding, that this address does not take."""

    code = "wrong_content_type"


class ClockBehind(Unavailable):
    """The coordinator's own clock went backwards."""

    code = "clock_behind"
