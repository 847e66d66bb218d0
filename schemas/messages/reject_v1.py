"""The type `message.reject`: a receiver says that it cannot take a message, and why."""

from __future__ import annotations

from schemas.messages import fields as words
from schemas.messages.fields import Strict
from schemas.messages.type_rule import BOTH, opened


class RejectBody(Strict):
    """`message.reject/1`: the reason is a refusal's code, never a text about the content."""

    message = words.MessageId(required=True)
    reason = words.Code(required=True)


RULES = (opened("message.reject/1", BOTH, RejectBody, anywhere=True, after_closing=True),)
