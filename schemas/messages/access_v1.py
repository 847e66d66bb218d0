"""Types of the family `access`: who looked at a record, and opening one in an emergency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from schemas import instant
from schemas.errors import Invalid
from schemas.messages import fields as words
from schemas.messages.fields import CITIZEN, Several, Strict
from schemas.messages.shape import Message
from schemas.messages.type_rule import AGENCY, opened, sealed

LONGEST_EMERGENCY = timedelta(hours=24)
"""Break-glass ends by itself within a day (protocol, "Types")."""
_WHY = "Break-glass goes round the citizen's decision; the citizen can decide, with consent.grant."


class ActorSchema(Strict):
    """Who looked: a pseudonym and a role; the agency alone knows the person."""

    pseudonym = words.Pseudonym(required=True)
    role = words.Text(longest=100, required=True)


class ReasonSchema(Strict):
    """Why."""

    code = words.Code(required=True)
    text = words.Text(longest=1000)


class ViewedContent(Strict):
    """`access.viewed/1`: one look at one statement or message."""

    statement = words.Uuid()
    message = words.MessageId()
    at = words.Instant(required=True)
    actor = fields.Nested(ActorSchema, required=True)
    reason = fields.Nested(ReasonSchema, required=True)
    automatic = words.Flag(required=True)

    @validates_schema
    def one_thing_was_seen(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a look at nothing, or at two things."""
        if ("statement" in data) is ("message" in data):
            raise ValidationError("Names a statement or a message.")


class ToldAtOnce(Strict):
    """The citizen is told now."""

    kind = words.Exactly("at_once")


class ToldLater(Strict):
    """The citizen is told on a named date, by a named officer, on a named ground."""

    kind = words.Exactly("delayed")
    on = words.Instant(required=True)
    officer = words.Pseudonym(required=True)
    ground = words.Code(required=True)


class EmergencyBody(Strict):
    """`access.emergency/1`."""

    reason = words.Code(required=True)
    categories = Several(words.Code(), most=16, required=True)
    until = words.Instant(required=True)
    opened_by = words.Pseudonym()
    second_person = words.Pseudonym()
    notice = words.Tagged("kind", {"at_once": ToldAtOnce, "delayed": ToldLater}, required=True)


class ReviewBody(Strict):
    """`access.emergency.review/1`."""

    emergency = words.MessageId(required=True)
    outcome = words.Choice("justified", "unjustified", required=True)
    reviewer = words.Pseudonym(required=True)


def _ends_within_a_day(message: Message) -> None:
    until = instant.parse((message.body or {})["until"])
    if not message.at < until <= message.at + LONGEST_EMERGENCY:
        raise Invalid("An emergency lasts at most 24 hours.", path="body.until")


RULES = (
    sealed(
        "access.viewed/1",
        AGENCY,
        {"access.viewed/1": ViewedContent()},
        to=(CITIZEN,),
        why_not_citizen="A citizen's own reading is watched by nobody.",
    ),
    opened("access.emergency/1", AGENCY, EmergencyBody, check=_ends_within_a_day, why_not_citizen=_WHY),
    opened("access.emergency.review/1", AGENCY, ReviewBody, why_not_citizen=_WHY),
)
