"""Types of the family `access`: who looked at a record, and opening one in an emergency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from schemas import instant
from schemas.errors import Invalid, SamePerson
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


def _names_who_opened_it(body: Mapping[str, Any]) -> None:
    """Raise unless it can be told later who may not review it."""
    opener, second = body.get("opened_by"), body.get("second_person")
    if opener is None and second is None:
        raise Invalid(
            "Without a second person an emergency names who opened it: somebody else reviews it.",
            path="body.opened_by",
        )
    if opener == second:
        raise Invalid("The second person is not the one who opens it.", path="body.second_person")


def _check_emergency(message: Message) -> None:
    _ends_within_a_day(message)
    _names_who_opened_it(message.body or {})


def check_reviewer(emergency: Mapping[str, Any], reviewer: str) -> None:
    """Raise SamePerson if the reviewer is one of those who opened the emergency with this body."""
    if reviewer in {emergency.get("opened_by"), emergency.get("second_person")}:
        raise SamePerson("Who opened an emergency does not review it.")


RULES = (
    sealed(
        "access.viewed/1",
        AGENCY,
        {"access.viewed/1": ViewedContent()},
        to=(CITIZEN,),
        after_closing=True,
        why_not_citizen="A citizen's own reading is watched by nobody.",
    ),
    opened("access.emergency/1", AGENCY, EmergencyBody, check=_check_emergency, why_not_citizen=_WHY),
    opened("access.emergency.review/1", AGENCY, ReviewBody, after_closing=True, why_not_citizen=_WHY),
)
