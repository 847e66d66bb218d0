"""Evidence of a case that a real coordinator and real connectors have handled, as each of its parties
exports it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.errors import EvidenceIncomplete
from connectors.evidence.export import Exported, export
from connectors.evidence.log_source import HttpLog
from connectors.evidence.verify.findings import Report
from connectors.evidence.verify.flow import verify
from connectors.evidence.verify.trust import Trust
from connectors.exchange.acts import access, consents
from connectors.exchange.errors import NotHere
from connectors.exchange.store import statements
from tests.conftest import MakeDatabase
from tests.flow.exchange.register import CANARY
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, URL, World
from tests.wsgi import cut


@pytest.fixture(scope="module")
def lived(
    tmp_path_factory: pytest.TempPathFactory, make_database_for_module: MakeDatabase
) -> Iterator[tuple[World, str]]:
    """Let a case be lived through up to a record that was released and read."""
    world = World(tmp_path_factory.mktemp("world"), make_database_for_module)
    case, consent = world.everything()
    request = world.request(case, consent)
    world.settle()
    debt = world.members[DEBT]
    with debt.database.reading() as connection:
        (released,) = [each for each in statements.answers_to(connection, request) if not each.mine]
    access.view_record(debt, released.id, access.Actor("worker-7", "adviser"), access.Reason("plan"))
    world.settle()
    yield world, case
    world.close()


def exported(world: World, member: str, case: str, path: Path, *, contents: bool = False) -> Exported:
    connector = world.members[member]
    source = HttpLog(URL, world.session(member))
    return export(connector, case, path, source=source, with_contents=contents)


def checked(world: World, path: Path) -> Report:
    return verify(path, Trust.of_keys(world.pinned))


@pytest.mark.parametrize("member", [DEBT, HOUSING, PORTAL])
def test_every_party_exports_a_file_that_holds(lived: tuple[World, str], member: str, tmp_path: Path):
    world, case = lived
    made = exported(world, member, case, tmp_path / "case")
    report = checked(world, tmp_path / "case")
    assert [finding for finding in report.findings if finding.severity == "broken"] == []
    assert report.by == member
    assert made.messages == report.counts["message"]
    assert (report.counts["consents"], report.counts["releases"]) == (1, 1)
    assert CANARY.encode() not in (tmp_path / "case").read_bytes()


def test_contents_are_opened_only_on_request_and_fit_their_messages(lived: tuple[World, str], tmp_path: Path):
    world, case = lived
    made = exported(world, PORTAL, case, tmp_path / "case", contents=True)
    report = checked(world, tmp_path / "case")
    assert report.holds
    assert made.contents == report.counts["contents"] > 0


def test_a_strange_case_is_not_exported(lived: tuple[World, str], tmp_path: Path):
    world, _ = lived
    with pytest.raises(NotHere):
        exported(world, DEBT, "00000000-0000-4000-8000-000000000000", tmp_path / "case")
    assert list(tmp_path.iterdir()) == []


def test_after_a_withdrawal_the_erased_record_is_a_commitment_and_the_file_still_holds(
    lived: tuple[World, str], tmp_path: Path
):
    world, case = lived
    portal = world.members[PORTAL]
    with portal.database.reading() as connection:
        from connectors.exchange.store import consents as store  # noqa: PLC0415 - used once

        (consent,) = store.of_case(connection, case)
    consents.withdraw(portal, consent.id)
    world.settle()
    made = exported(world, DEBT, case, tmp_path / "case")
    report = checked(world, tmp_path / "case")
    assert made.erased >= 1
    assert report.findings == ()
    found = checked(world, _of(world, PORTAL, case, tmp_path)).findings
    assert {finding.severity for finding in found} <= {"note"}


def _of(world: World, member: str, case: str, folder: Path) -> Path:
    exported(world, member, case, folder / member)
    return folder / member


def test_what_has_no_place_in_the_log_yet_delays_the_file(lived: tuple[World, str], tmp_path: Path):
    from sqlalchemy import update  # noqa: PLC0415 - used once

    from connectors.exchange.store.tables import outbox  # noqa: PLC0415 - used once

    world, case = lived
    debt = world.members[DEBT]
    with debt.database.writing() as connection:
        connection.execute(
            update(outbox).where(outbox.c.type == "case.open/1").values(log_index=None, proven=False)
        )
    world.lines[DEBT].before = cut
    with pytest.raises(EvidenceIncomplete):
        export(debt, case, tmp_path / "case", source=HttpLog(URL, world.session(DEBT)))
    world.lines[DEBT].before = None
    exported(world, DEBT, case, tmp_path / "case")
    assert checked(world, tmp_path / "case").holds
