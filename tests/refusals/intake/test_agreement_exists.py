"""A version is proposed once, and the next is higher."""

from __future__ import annotations

from schemas.errors import AgreementExists
from tests.factories import World


def test_proposing_a_version_again_is_refused(world: World) -> None:
    assert isinstance(world.refused(world.propose(world.agreement_document())), AgreementExists)


def test_versions_coexist(world: World) -> None:
    world.agree(world.agreement_document(version=3))
    world.must(world.release())
    assert isinstance(world.refused(world.propose(world.agreement_document(version=2))), AgreementExists)
