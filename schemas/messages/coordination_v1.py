"""Types of shared work: notes, messages, documents, outcomes; by agencies and the citizen alike.

Their statements are sealed. Whether a document's digest is that of the attachment only its reader can see:
`check_attached` is the receiver's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import ValidationError, validates_schema

from schemas.errors import Invalid, StatementMismatch
from schemas.messages import fields as words
from schemas.messages.envelope_schema import ATTACHMENT_BYTES
from schemas.messages.fields import Spelled, Strict, Text
from schemas.messages.shape import Message
from schemas.messages.type_rule import BOTH, TypeRule, sealed

CATEGORY: Final = "coordination"
NOTE, MESSAGE, DOCUMENT, OUTCOME = "note.add/1", "message.send/1", "document.add/1", "outcome.give/1"
PARTS: Final[Mapping[str, str]] = {
    NOTE: "notes",
    MESSAGE: "messages",
    DOCUMENT: "documents",
    OUTCOME: "outcomes",
}
"""Type → the field of `coordination.shared/1` by which agreement and consent open it between agencies."""
SAFE_CONTACT: Final = "safe_contact"
NOTE_KINDS: Final = ("note", SAFE_CONTACT)
"""No kind means a plain note. `safe_contact` is the citizen's alone: how they may safely be reached, for
every sender to see before writing; the newest holds.
"""
MESSAGE_KINDS: Final = ("message", "question", "complaint")
"""A question asks for a reason, often why somebody looked (GDPR art. 15); no kind means a plain message."""
OUTCOMES: Final = ("got_help", "some_help", "no_help", "too_early")
_KEY_BYTES = 32


class MediaType(Spelled):
    """What kind of file it is (RFC 6838 §4.2), without parameters."""

    spelling = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}", re.ASCII)
    says = "Takes a media type in lower case like application/pdf."


class FileName(Text):
    """A file's name as a reader may save it: never a path, which could point outside of a folder."""

    def take(self, value: Any) -> str:
        """Refuse folders, and names that stand for one."""
        text = super().take(value)
        if {"/", "\\", "\n", "\t"} & set(text) or text.strip() != text or text.strip(".") == "":
            raise ValidationError("Takes a file's name without folders.")
        return text


class NoteContent(Strict):
    """`note.add/1`: what somebody wants the others to know, or how the citizen is reached safely."""

    text = words.Text(longest=8000, required=True)
    about = words.Uuid()
    kind = words.Choice(*NOTE_KINDS)


class MessageContent(Strict):
    """`message.send/1`: said to somebody, perhaps in answer; a question or complaint waits for one."""

    text = words.Text(longest=8000, required=True)
    about = words.Uuid()
    kind = words.Choice(*MESSAGE_KINDS)
    subject = words.Text(longest=200)
    answers = words.Uuid()


class DocumentContent(Strict):
    """`document.add/1`: a file; `size` and `sha256` are those of the sealed blob, `key` opens it."""

    title = words.Text(longest=200, required=True)
    media_type = MediaType(required=True)
    name = FileName(longest=200, required=True)
    size = words.Whole(least=1, most=ATTACHMENT_BYTES, required=True)
    sha256 = words.Sha256(required=True)
    key = words.Bytes64(shortest=_KEY_BYTES, longest=_KEY_BYTES, required=True)
    text = words.Text(longest=2000)
    about = words.Uuid()


class OutcomeContent(Strict):
    """`outcome.give/1`: whether help arrived, as one side sees it, or what it says to the other's view."""

    outcome = words.Choice(*OUTCOMES, required=True)
    text = words.Text(longest=4000)
    about = words.Uuid()
    answers = words.Uuid()
    agrees = words.Flag()

    @validates_schema
    def agrees_with_something(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse an agreement with nothing."""
        if "agrees" in data and "answers" not in data:
            raise ValidationError("Agreeing or not is an answer: name what it answers.", "agrees")


def check_attached(message: Message, content: Mapping[str, Any]) -> None:
    """Raise StatementMismatch unless the document inside is the attachment that the envelope names.

    Otherwise a reader could be shown another file than the one that the sender signed for.
    """
    attached = [(each.sha256, each.size) for each in message.attachments]
    if attached != [(content["sha256"], content["size"])]:
        raise StatementMismatch("The document inside is not the attachment of the message.", member="sha256")


def _only_coordination(message: Message) -> None:
    if message.categories != (CATEGORY,):
        raise Invalid("Shared work has the one category coordination.", path="message.categories")


def _without_files(message: Message) -> None:
    _only_coordination(message)
    if message.attachments:
        raise Invalid("Only a document has an attachment.", path="message.attachments")


def _with_one_file(message: Message) -> None:
    _only_coordination(message)
    if len(message.attachments) != 1:
        raise Invalid("A document is one attachment.", path="message.attachments")


def _shared(name: str, content: Strict) -> TypeRule:
    check = _with_one_file if name == DOCUMENT else _without_files
    return sealed(
        name,
        BOTH,
        {name: content},
        needs=frozenset({"categories"}),
        after_closing=name == MESSAGE,
        check=check,
    )


RULES = (
    _shared(NOTE, NoteContent()),
    _shared(MESSAGE, MessageContent()),
    _shared(DOCUMENT, DocumentContent()),
    _shared(OUTCOME, OutcomeContent()),
)
