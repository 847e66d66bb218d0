"""The forms of a case page: what people may write, choose and send, with the protocol's bounds."""

from __future__ import annotations

from marshmallow import Schema, fields

from connectors.pages.case.words import OUTCOMES
from connectors.pages.forms import Choice, Words

_TEXT = 8000


class NoteForm(Schema):
    """A note in one's own words."""

    text = Words(most=_TEXT, required=True)


class MessageForm(Schema):
    """A message, to some of the organisations or to all."""

    to = fields.List(fields.String())
    kind = Choice("message", "question", "complaint")
    subject = Words(most=200)
    text = Words(most=_TEXT, required=True)


class ReplyForm(Schema):
    """An answer in a thread."""

    text = Words(most=_TEXT, required=True)


class DocumentForm(Schema):
    """What is said about a file; the file comes beside it."""

    title = Words(most=200, required=True)
    text = Words(most=2000)


class ContestForm(Schema):
    """What is wrong in a record."""

    wrong = fields.List(fields.String())
    text = Words(most=4000, required=True)


class OutcomeForm(Schema):
    """Whether help arrived."""

    outcome = Choice(*OUTCOMES)
    text = Words(most=4000)


class NothingForm(Schema):
    """A page with one button."""
