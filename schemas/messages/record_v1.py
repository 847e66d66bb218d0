"""Types of the family `record`: asking for records, giving, contesting, correcting and erasing them.

Their statements are sealed; the coordinator sees the categories, not the content.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from schemas.errors import Invalid
from schemas.messages import fields as words
from schemas.messages.envelope_schema import AnyObject
from schemas.messages.fields import Several, Strict
from schemas.messages.shape import Message
from schemas.messages.type_rule import AGENCY, BOTH, CITIZEN, opened, sealed
from schemas.records import RECORDS, category_of

DECLINE_REASONS = (
    *("not_held", "local_policy", "no_match", "more_than_one_match", "needs_a_person"),
    "citizen_stopped",
)
"""`citizen_stopped`: the person saw the record first and did not pass it on; no more is said of why."""
PASS_DECISIONS = ("pass", "stop")
ERASED_WHY = ("withdrawn", "superseded", "data_life", "case_closed", "request")
"""`superseded`: by a new decision that covers less; what it still covers stays, and goes with that one."""


class Asked(Strict):
    """One category that is asked for, and which of its fields."""

    category = words.Code(required=True)
    field_names = Several(words.Code(), most=64, required=True, data_key="fields")


class WhySchema(Strict):
    """Plain words in one language at least."""

    en = words.Text(longest=2000)
    fr = words.Text(longest=2000)

    @validates_schema
    def something_is_said(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a request without a reason."""
        if not data:
            raise ValidationError("A reason is given in one language at least.")


class IdentifyWith(words.Checked[dict[str, str]]):
    """The attributes by which the source finds the person."""

    def __init__(self, **kwargs: Any) -> None:
        """Publish as an object of short texts."""
        kwargs["metadata"] = {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 16,
            "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 200},
        }
        super().__init__(**kwargs)

    def take(self, value: Any) -> dict[str, str]:
        """Refuse anything but short texts under codes."""
        if type(value) is not dict or not 1 <= len(value) <= 16:  # noqa: PLR2004 - as published above
            raise ValidationError("Takes 1 to 16 attributes.")
        for attribute, text in value.items():
            words.Code().take(attribute)
            words.Text().take(text)
        return value


class RequestContent(Strict):
    """`record.request/1`: which fields, of whom, why."""

    categories = Several(fields.Nested(Asked), most=16, required=True)
    identify = IdentifyWith(required=True)
    why = fields.Nested(WhySchema, required=True)


class ContestContent(Strict):
    """`record.contest/1`: what the citizen says is wrong; it goes with every later copy until settled."""

    statement = words.Uuid(required=True)
    text = words.Text(longest=4000, required=True)
    field_names = Several(words.Code(), most=64, required=True, data_key="fields")


class CorrectContent(Strict):
    """`record.correct/1`: a record in place of an earlier one, to be checked by that one's schema."""

    statement = words.Uuid(required=True)
    record = AnyObject(required=True)
    settles = words.Uuid()


class DeclineBody(Strict):
    """`record.decline/1`: a reason that says nothing about the person beyond what is unavoidable."""

    reason = words.Choice(*DECLINE_REASONS, required=True)
    categories = Several(words.Code(), most=16, required=True)
    rule = words.Code()


class PassBody(Strict):
    """`record.pass/1`: whether a record that the citizen was shown first goes on to who asked for it."""

    release = words.MessageId(required=True)
    decision = words.Choice(*PASS_DECISIONS, required=True)


class ErasedMessage(Strict):
    """What was erased."""

    id = words.MessageId(required=True)
    sha256 = words.Sha256(required=True)


class ErasedBody(Strict):
    """`record.erased/1`: which copies are gone, why, when."""

    messages = Several(fields.Nested(ErasedMessage), most=64, required=True)
    why = words.Choice(*ERASED_WHY, required=True)
    at = words.Instant(required=True)
    kept = words.Code()


def _one_category_that_fits(message: Message) -> None:
    """One category a message, so that consent, withdrawal and erasure take hold of exactly that."""
    if message.schema is None or message.categories != (category_of(message.schema),):
        raise Invalid("A release has one category, that of its schema.", path="message.categories")


def _answers_its_release(message: Message) -> None:
    if message.re != (message.body or {})["release"]:
        raise Invalid("`re` names the release that is decided on.", path="message.re")
    if len(message.to) != 1:
        raise Invalid("A release is decided on towards its source alone.", path="message.to")


REQUEST = {"record.request/1": RequestContent()}
CONTEST = {"record.contest/1": ContestContent()}
CORRECT = {"record.correct/1": CorrectContent()}
_CATEGORIES = frozenset({"categories"})

RULES = (
    sealed("record.request/1", BOTH, REQUEST, needs=_CATEGORIES),
    sealed("record.release/1", BOTH, RECORDS, needs=_CATEGORIES, check=_one_category_that_fits),
    opened("record.decline/1", BOTH, DeclineBody, needs=frozenset({"re"})),
    opened("record.pass/1", CITIZEN, PassBody, needs=frozenset({"re"}), check=_answers_its_release),
    sealed("record.contest/1", CITIZEN, CONTEST, after_closing=True),
    sealed("record.correct/1", BOTH, CORRECT, needs=_CATEGORIES, after_closing=True),
    opened(
        "record.erased/1",
        AGENCY,
        ErasedBody,
        after_closing=True,
        why_not_citizen="A citizen may keep their own copies: nobody can ask them to erase and to say so.",
    ),
)
