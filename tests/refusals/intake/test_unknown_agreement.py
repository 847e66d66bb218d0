"""What rests on an agreement names one that exists."""

from __future__ import annotations

from schemas.errors import UnknownAgreement
from tests.factories import World


def test_a_release_under_no_agreement_is_refused(world: World) -> None:
    assert isinstance(world.refused(world.release(agreement="other-support@1")), UnknownAgreement)


def test_signing_what_nobody_proposed_is_refused(world: World) -> None:
    document = world.agreement_document(version=9)
    assert isinstance(world.refused(world.sign_agreement(document, world.housing)), UnknownAgreement)
