"""What notes, messages, documents and outcomes may say, and what their envelopes may carry."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from schemas import records
from schemas.errors import Invalid, StatementMismatch
from schemas.message import verify
from schemas.messages import envelope
from schemas.messages.content import check_content
from schemas.messages.coordination_v1 import DOCUMENT, MESSAGE, NOTE, OUTCOME, PARTS, check_attached
from schemas.messages.shape import Attachment, Message
from schemas.messages.table import TYPES
from schemas.vectors import crafting, examples
from schemas.vectors.replay import key_for

ANOTHER = "3c9e1f77-52aa-4b1e-9d10-aa11bb22cc09"


def good(name: str, /, **changed: Any) -> dict[str, Any]:
    """Give a good content with members changed; None takes one away."""
    content = {**examples.contents()[name], **changed}
    return {member: value for member, value in content.items() if value is not None}


def loaded(name: str) -> Message:
    return envelope.load(verify(crafting.token(examples.payload(name)).encode(), key_for))


@pytest.mark.parametrize("name", PARTS)
def test_both_sides_may_say_it(name: str):
    assert TYPES[name].by == {"agency", "citizen"}
    assert check_content(name, good(name)) == good(name)


@pytest.mark.parametrize("name", PARTS)
def test_every_part_has_a_field_that_people_can_read_in_both_languages(name: str):
    assert PARTS[name] in records.fields_of("coordination.shared/1")
    for language in ("en", "fr"):
        assert records.label_of("coordination.shared/1", PARTS[name], language)
    assert records.standard_of("coordination.shared/1", PARTS[name])


def test_no_record_is_of_the_schema_that_opens_the_parts():
    assert "coordination.shared/1" not in records.RECORDS
    assert set(records.fields_of("coordination.shared/1")) == set(PARTS.values())


@pytest.mark.parametrize(
    ("name", "changed", "path"),
    [
        (NOTE, {"text": None}, "content.text"),
        (NOTE, {"text": "x" * 8001}, "content.text"),
        (NOTE, {"text": " \n"}, "content.text"),
        (NOTE, {"text": "a\u202eb"}, "content.text"),
        (NOTE, {"about": "somebody"}, "content.about"),
        (NOTE, {"kind": "message"}, "content.kind"),
        (MESSAGE, {"text": "x" * 8001}, "content.text"),
        (MESSAGE, {"kind": "order"}, "content.kind"),
        (MESSAGE, {"subject": "x" * 201}, "content.subject"),
        (MESSAGE, {"answers": 7}, "content.answers"),
        (DOCUMENT, {"title": "x" * 201}, "content.title"),
        (DOCUMENT, {"media_type": "pdf"}, "content.media_type"),
        (DOCUMENT, {"media_type": "text/html; charset=utf-8"}, "content.media_type"),
        (DOCUMENT, {"media_type": "Text/HTML"}, "content.media_type"),
        (DOCUMENT, {"name": "../lease.pdf"}, "content.name"),
        (DOCUMENT, {"name": "C:\\lease.pdf"}, "content.name"),
        (DOCUMENT, {"name": ".."}, "content.name"),
        (DOCUMENT, {"name": "lease.pdf "}, "content.name"),
        (DOCUMENT, {"name": "lease\n.pdf"}, "content.name"),
        (DOCUMENT, {"name": "x" * 201}, "content.name"),
        (DOCUMENT, {"size": 0}, "content.size"),
        (DOCUMENT, {"size": 25 * 1024 * 1024 + 1}, "content.size"),
        (DOCUMENT, {"size": True}, "content.size"),
        (DOCUMENT, {"sha256": "A" * 64}, "content.sha256"),
        (DOCUMENT, {"key": "AAAA"}, "content.key"),
        (DOCUMENT, {"key": None}, "content.key"),
        (DOCUMENT, {"text": "x" * 2001}, "content.text"),
        (OUTCOME, {"outcome": "fine"}, "content.outcome"),
        (OUTCOME, {"outcome": None}, "content.outcome"),
        (OUTCOME, {"text": "x" * 4001}, "content.text"),
        (OUTCOME, {"answers": None}, "content.agrees"),
        (OUTCOME, {"agrees": "yes"}, "content.agrees"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_path(name: str, changed: dict[str, Any], path: str):
    with pytest.raises(Invalid) as refused:
        check_content(name, good(name, **changed))
    assert refused.value.facts["path"] == path


def test_line_ends_and_tabs_are_words_of_a_note():
    assert check_content(NOTE, good(NOTE, text="one\n\ttwo"))


def test_a_document_is_the_attachment_that_its_envelope_names():
    message = loaded(DOCUMENT)
    check_attached(message, good(DOCUMENT))
    for changed in ({"sha256": "0" * 64}, {"size": 1}):
        with pytest.raises(StatementMismatch):
            check_attached(message, good(DOCUMENT, **changed))
    (one,) = message.attachments
    for attached in ((), (one, Attachment("0" * 64, 1))):
        with pytest.raises(StatementMismatch):
            check_attached(replace(message, attachments=attached), good(DOCUMENT))
