"""An attachment is uploaded before a message names it, and given to its readers only."""

from __future__ import annotations

import hashlib

import pytest

from schemas.errors import AttachmentMissing
from tests.factories import Attachment, World

BLOB = b"sealed bytes"
DIGEST = hashlib.sha256(BLOB)


def _keep(world: World) -> None:
    world.coordinator.attachments.keep(DIGEST.digest(), BLOB, by=world.housing.id, now=world.clock())


def test_naming_what_was_not_uploaded_is_refused(world: World) -> None:
    raw = world.release(attachments=[Attachment(DIGEST.hexdigest(), len(BLOB))])
    assert isinstance(world.refused(raw), AttachmentMissing)


def test_naming_another_size_is_refused(world: World) -> None:
    _keep(world)
    raw = world.release(attachments=[Attachment(DIGEST.hexdigest(), len(BLOB) + 1)])
    assert isinstance(world.refused(raw), AttachmentMissing)


def test_an_attachment_is_given_to_sender_and_recipients_alone(world: World) -> None:
    _keep(world)
    with pytest.raises(AttachmentMissing):
        world.coordinator.attachments.give(DIGEST.digest(), to=world.benefits.id)
    world.must(world.release(attachments=[Attachment(DIGEST.hexdigest(), len(BLOB))]))
    for member in (world.housing, world.benefits, world.portal):
        assert world.coordinator.attachments.give(DIGEST.digest(), to=member.id) == BLOB
    with pytest.raises(AttachmentMissing):
        world.coordinator.attachments.give(DIGEST.digest(), to=world.debts.id)
