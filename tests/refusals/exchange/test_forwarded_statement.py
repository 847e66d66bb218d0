"""Someone else's statement, sealed again and passed on as a fresh release, is refused (surreptitious
forwarding).
"""

from __future__ import annotations

import pytest

from connectors.exchange.acts.records import commit
from connectors.exchange.outgoing import compose
from connectors.exchange.spool import post
from connectors.exchange.store import statements
from schemas import statement
from tests.flow.exchange.papers import record_letter
from tests.flow.exchange.world import DEBT, HOUSING, World
from tests.refusals.exchange.hostile import admit_anything, aside


def test_a_statement_of_another_issuer_is_rejected(world: World, monkeypatch: pytest.MonkeyPatch):
    case, consent = world.everything()
    request = world.request(case, consent)
    world.settle()
    debt, housing = world.members[DEBT], world.members[HOUSING]
    with debt.database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]

    # Debt advice passes housing's signed record on to housing, as if it were its own.
    admit_anything(monkeypatch, "record.release/1")
    monkeypatch.setattr(statement, "attest", lambda *_a, **_k: record.plaintext.decode())
    monkeypatch.setattr(
        compose, "_check_as_receiver", lambda _l, raw, _k: statement.check(raw, _key_of(housing))
    )
    letter = record_letter(case, consent, {}, to=(HOUSING, "citizen"))
    made = compose.seal_and_sign(debt, letter, world.clock())
    with debt.database.writing() as connection:
        post(connection, made[0], world.clock())
    world.settle()
    assert aside(world, HOUSING) == [("record.release/1", "rejected", "statement_mismatch")]
    assert commit is not None


def _key_of(connector):
    return lambda kid, _payload: connector.keyring._signing[kid].public
