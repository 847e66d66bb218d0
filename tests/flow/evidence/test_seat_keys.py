"""Evidence of a case whose citizen got and lost passkeys: each party's file holds, offline, for consents of
every passkey that was in force when they were given.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.evidence.export import export
from connectors.evidence.log_source import HttpLog
from connectors.evidence.verify.flow import verify
from connectors.evidence.verify.trust import Trust
from connectors.exchange.acts import consents
from connectors.exchange.acts import seat_keys as acts
from connectors.exchange.upkeep import find_places
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, URL, World
from tests.passkeys import Authenticator, case_with, change, consent_by

FIRST, SECOND, THIRD = (Authenticator(name) for name in ("phone", "laptop", "tablet"))


@pytest.fixture(scope="module")
def lived(
    tmp_path_factory: pytest.TempPathFactory, make_database_for_module: MakeDatabase
) -> Iterator[tuple[World, str]]:
    """Let a citizen consent with three passkeys in turn, none of which is there at the end."""
    world = World(tmp_path_factory.mktemp("world"), make_database_for_module)
    world.agreed(proof={"housing": "passkey"})
    case = case_with(world, FIRST)
    first = consent_by(world, case, FIRST)
    change(world, case, [SECOND], [FIRST.kid], by=FIRST)
    second = consent_by(world, case, SECOND, supersedes=first)
    brought = change(world, case, [THIRD])
    acts.attest_keys(world.members[DEBT], case, brought)
    world.settle()
    third = consent_by(world, case, THIRD, supersedes=second)
    world.invite_source(case, third)
    world.request(case, third)
    world.settle()
    change(world, case, end=[SECOND.kid, THIRD.kid])
    consents.withdraw(world.members[PORTAL], third)
    world.settle()
    yield world, case
    world.close()


@pytest.mark.parametrize("member", [DEBT, HOUSING, PORTAL])
def test_every_partys_file_holds(lived: tuple[World, str], member: str, tmp_path: Path):
    world, case = lived
    connector = world.members[member]
    find_places(connector)
    export(connector, case, tmp_path / "case", source=HttpLog(URL, world.session(member)))
    report = verify(tmp_path / "case", Trust.of_keys(world.pinned))
    assert [finding for finding in report.findings if finding.severity == "broken"] == []
    assert report.counts["consents"] == 3
