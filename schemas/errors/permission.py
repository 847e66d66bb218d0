"""Whether it may be said: who is a member, who sits in the case, whose turn it is."""

from __future__ import annotations

from schemas.errors.refusal import Refusal


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


class WrongTransition(NotPermitted):
    """What this asks does not follow from the state that it is in."""

    code = "wrong_transition"
    what_to_do = "Fetch the present state and decide again."


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


class NotDelivered(NotPermitted):
    """The message was never delivered to the one who speaks of it."""

    code = "not_delivered"
    what_to_do = "Check the id of the message."
