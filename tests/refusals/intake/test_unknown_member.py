"""Nothing goes to one who does not take part."""

from __future__ import annotations

from schemas.errors import UnknownMember
from tests.factories import Actor, World


def test_inviting_a_stranger_is_refused(world: World) -> None:
    assert isinstance(world.refused(world.invite_agency(Actor("nobody-knows", "public"))), UnknownMember)


def test_consenting_to_a_stranger_is_refused(world: World) -> None:
    document = world.consent_document(recipients=[world.benefits.id, "nobody-knows"])
    assert world.refused(world.grant(document)).code in {"unknown_member", "consent_does_not_cover"}
