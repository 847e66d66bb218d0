"""A sealed message that was not accepted is not kept for ever: our own key opens it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Row

from connectors.exchange.acts import cases, consents
from connectors.exchange.incoming.again import dismiss
from connectors.exchange.keeping import flow as keeping
from connectors.exchange.outgoing.compose import seal_and_sign
from connectors.exchange.spool import post
from connectors.exchange.store import inbox, statements
from connectors.exchange.store import tables as rows
from tests.conftest import stored_bytes
from tests.flow.exchange.papers import record_letter
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, there


def _refused_release(world: World) -> tuple[str, str, Row[Any]]:
    """Let housing release a field that nobody has consented to; give case, consent and what debt keeps."""
    case, consent = world.everything()
    housing, now = world.members[HOUSING], world.clock()
    letter = record_letter(case, consent, {"landlord": "Habitat Nord", "tenure": "private"})
    signed, kept = seal_and_sign(housing, letter, now)
    with housing.database.writing() as connection:
        statements.put(connection, kept)
        post(connection, signed, now)
    world.settle()
    row = _kept(world)
    assert (row.id, row.state) == (signed.id, "rejected")
    assert row.raw is not None
    return case, consent, row


def _kept(world: World) -> Row[Any]:
    with world.members[DEBT].database.reading() as connection:
        (row,) = inbox.aside(connection)
    return row


def _others(world: World) -> bytes:
    with world.members[DEBT].database.reading() as connection:
        raws = [row.raw for table in (rows.inbox, rows.outbox) for row in connection.execute(table.select())]
    return b"|".join(bytes(raw) for raw in raws if raw)


def _time(world: World, _case: str, _consent: str) -> None:
    world.clock.move(days=30)


def _withdrawal(world: World, _case: str, consent: str) -> None:
    consents.withdraw(world.members[PORTAL], consent)


def _closing(world: World, case: str, _consent: str) -> None:
    cases.close(world.members[PORTAL], case)


@pytest.mark.parametrize("end", [_time, _withdrawal, _closing])
def test_a_refused_record_goes_with_its_time_its_consent_or_its_case(
    world: World, end: Callable[[World, str, str], None]
):
    case, consent, row = _refused_release(world)
    end(world, case, consent)
    world.settle()
    gone = _kept(world)
    assert (gone.raw, gone.receipt) == (None, None)
    assert (gone.id, gone.sha256, gone.reason) == (row.id, row.sha256, row.reason)
    others, data = _others(world), stored_bytes(world.stores[DEBT])
    pieces = [bytes(row.raw)[start : start + 48] for start in range(0, len(row.raw) - 48, 48)]
    own = [piece for piece in pieces if piece not in others]  # keys and dates, which others have, too
    assert len(own) > 20
    assert not any(piece in data for piece in own)


def test_what_an_operator_has_dismissed_goes_too_and_nothing_goes_early(world: World):
    _, _, row = _refused_release(world)
    debt = world.members[DEBT]
    dismiss(debt, row.log_index)
    world.clock.move(days=29, hours=23)
    world.settle()
    with debt.database.reading() as connection:
        assert there(inbox.at(connection, row.log_index)).raw is not None
    world.clock.move(hours=2)
    world.settle()
    with debt.database.reading() as connection:
        assert there(inbox.at(connection, row.log_index)).raw is None


def test_a_refused_record_stays_while_our_own_word_that_the_case_is_over_waits(world: World):
    case, _, _ = _refused_release(world)
    cases.close(world.members[DEBT], case)
    keeping.keep(world.members[DEBT])
    assert _kept(world).raw is not None
