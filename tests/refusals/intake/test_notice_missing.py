"""A statute carries nothing of which the citizen gets no notice.

The envelope's own rules refuse such a message before; this is the second lock, so it is tried by itself.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from coordinator.database.engine import reading
from coordinator.intake.authorise import authorise
from coordinator.intake.flow import receive
from coordinator.register.register import Register
from schemas.errors import NoticeMissing
from schemas.messages.shape import Message
from tests.factories import CLAUSE, STATUTE_PURPOSE, Authority, World


def test_a_release_by_law_without_a_copy_for_the_citizen_is_refused(world: World) -> None:
    raw = world.release(purpose=STATUTE_PURPOSE, authority=Authority("statute", CLAUSE))
    received = receive(raw, world.coordinator.directory, now=world.clock(), secret=b"")
    with reading(world.coordinator.engine) as connection:
        register = Register.load(connection, received.needs)
    whole = received.message
    assert isinstance(whole, Message)
    authorise(whole, register, world.clock())
    without = replace(whole, to=(world.benefits.id,), sealed=whole.sealed[:1])
    with pytest.raises(NoticeMissing):
        authorise(without, register, world.clock())
