"""What the bench of the pages writes is a case as a portal has it: everything in it is understood."""

from __future__ import annotations

from connectors.cases.fold import fold
from connectors.cases.gather import gather
from connectors.cases.view import Case, Seat
from connectors.exchange.store.database import open_database
from connectors.portal.store import accounts
from connectors.portal.store.database import bring_up_to_date
from ops.bench import pages_fill
from schemas import instant

NOW = instant.parse("2031-03-10T09:00:00.000Z")


def filled(url: str, entries: int) -> Case:
    database = open_database(url)
    bring_up_to_date(database)
    made = pages_fill.long_case(pages_fill.case_id(0), 1_000_000, entries, NOW)
    with database.writing() as connection:
        pages_fill.know_members(connection, {"charity": "Charity (sample)"}, NOW)
        pages_fill.write(connection, made)
        account = pages_fill.owned(connection, [made.case], "sample", NOW)
        for other in pages_fill.others(3, 1, NOW):
            pages_fill.write(connection, other)
            pages_fill.owned(connection, [other.case], other.case, NOW)
    with database.reading() as connection:
        assert [row.case for row in accounts.cases_of(connection, account)] == [made.case]
        found = gather(connection, made.case, member=pages_fill.PORTAL)
    database.close()
    return fold(found, seat=Seat("citizen", pages_fill.PORTAL), now=NOW)


def test_a_long_case_has_as_many_messages_as_asked_and_a_line_for_each(connector_url: str):
    case = filled(connector_url, 400)
    assert 400 <= len(case.timeline) < 412
    assert not [line for line in case.timeline if line.kind == "other"]


def test_everything_in_it_is_there_and_belongs_together(connector_url: str):
    case = filled(connector_url, 120)
    assert case.hidden == ()
    assert {record.issuer for record in case.records} == {pages_fill.HOUSING}
    assert all(permission.proven for permission in case.permissions)
    assert case.threads
    assert case.documents
    assert case.looked.lines
