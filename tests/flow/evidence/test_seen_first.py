"""Evidence of a record that the citizen saw first: every party's file holds, and a missing word is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.evidence.collect import collect
from connectors.evidence.export import Making, export, write
from connectors.evidence.held import payload_of
from connectors.evidence.log_source import HttpLog
from connectors.evidence.verify.findings import BASIS, Report
from connectors.evidence.verify.flow import verify
from connectors.evidence.verify.trust import Trust
from connectors.exchange.acts import consents, previews
from connectors.exchange.upkeep import find_places
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, URL, World


@pytest.fixture
def lived(tmp_path: Path, make_database: MakeDatabase) -> tuple[World, str]:
    """Let one record be passed on, another stopped, and the consent withdrawn."""
    world = World(tmp_path / "world", make_database)
    case, consent = world.everything(consent={"preview": True})
    portal = world.members[PORTAL]
    for word in ("pass", "stop"):
        world.request(case, consent)
        world.settle()
        (row,) = previews.waiting_previews(portal, case)
        previews.pass_on(portal, row.release, "pass" if word == "pass" else "stop")
        world.settle()
    consents.withdraw(portal, consent)
    world.settle()
    return world, case


def _checked(world: World, path: Path) -> Report:
    return verify(path, Trust.of_keys(world.pinned))


def test_every_party_can_show_it_and_a_word_that_is_missing_is_found(
    lived: tuple[World, str], tmp_path: Path
):
    world, case = lived
    for member in (DEBT, HOUSING, PORTAL):
        connector = world.members[member]
        find_places(connector)
        source = HttpLog(URL, world.session(member))
        export(connector, case, tmp_path / member, source=source)
        report = _checked(world, tmp_path / member)
        assert {finding.severity for finding in report.findings} <= {"note"}, (member, report.findings)
    connector = world.members[PORTAL]
    gathered = collect(connector, case)
    for index, piece in list(gathered.pieces.items()):
        if piece.message is not None and payload_of(piece.message)["type"] == "record.pass/1":
            del gathered.pieces[index]
    now = world.clock()
    key, pinned = connector.keyring.signing_key(now), connector.coordinator.pinned
    making = Making(case, PORTAL, key, now, pinned, HttpLog(URL, world.session(PORTAL)))
    write(making, tmp_path / "without", gathered)
    found = _checked(world, tmp_path / "without").findings
    assert [(each.check, each.code) for each in found if each.severity == "broken"] == [
        (BASIS, "not_passed_on")
    ]
    world.close()
