"""What was erased is gone from the files: plaintext, sealed bytes and the salt that tied them to the log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.exchange import runner
from connectors.exchange.acts import access as looking
from connectors.exchange.acts import consents as deciding
from connectors.exchange.errors import AlreadyErased
from connectors.exchange.keeping import flow as keeping
from connectors.exchange.store import access, consents, inbox, outbox, statements
from connectors.exchange.store import tables as rows
from connectors.exchange.store.pacing import LONGEST
from schemas import instant
from tests.conftest import stored_bytes
from tests.flow.exchange.world import DEBT, KEPT, PORTAL, World, there

WIDTH = 24


def _pieces(secret: bytes) -> list[bytes]:
    """Give pieces of a secret, so that one that was torn apart over two pages is found too."""
    return [secret[start : start + WIDTH] for start in range(0, len(secret) - WIDTH, WIDTH)]


def _held(world: World, secrets: list[bytes]) -> list[str]:
    """Look for pieces of erased secrets in the recipient's files; pieces that other messages share say
    nothing.
    """
    rest = _still_there(world)
    pieces = [piece for secret in secrets for piece in _pieces(secret) if piece not in rest]
    data = stored_bytes(world.stores[DEBT])
    assert len(pieces) > 100
    return [repr(piece) for piece in pieces if piece in data]


def _in_files(world: World, secrets: list[bytes]) -> bool:
    data = stored_bytes(world.stores[DEBT])
    return all(piece in data for secret in secrets for piece in _pieces(secret)[:1])


def _still_there(world: World) -> bytes:
    with world.members[DEBT].database.reading() as connection:
        raws = [row.raw for table in (rows.inbox, rows.outbox) for row in connection.execute(table.select())]
        texts = [
            row.receipt for table in (rows.inbox, rows.outbox) for row in connection.execute(table.select())
        ]
        texts += ["".join(row.chain) for row in connection.execute(rows.members.select())]
        texts += ["".join(row.messages) for row in connection.execute(rows.agreements.select())]
        texts += ["".join(row.proof or ()) for row in connection.execute(rows.seats.select())]
        raws += [row.plaintext for row in connection.execute(rows.statements.select())]
    return b"|".join([*(bytes(raw) for raw in raws if raw), *(text.encode() for text in texts if text)])


def _secrets(world: World, request: str) -> list[bytes]:
    """Everything at the recipient from which the record could be read or tied to the log."""
    with world.members[DEBT].database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
        received = there(inbox.find(connection, record.message))
        asked = there(outbox.find(connection, request))
        own = there(statements.of_message(connection, request))
        found = [record.plaintext, received.raw, own.plaintext, asked.raw]
        return [*(bytes(each).split(b".")[1] for each in found), received.receipt.split(".")[1].encode()]


def _released(world: World) -> tuple[str, str, str]:
    case, consent = world.everything()
    request = world.request(case, consent)
    world.settle()
    return case, consent, request


def test_after_a_withdrawal_nothing_of_the_record_is_in_any_file(world: World):
    case, consent, request = _released(world)
    secrets = _secrets(world, request)
    assert _in_files(world, secrets)  # the search finds what is there
    deciding.withdraw(world.members[PORTAL], consent)
    world.settle()
    assert _held(world, secrets) == []
    assert case


def test_after_its_time_a_record_is_erased_and_confirmed(world: World):
    case, consent, request = _released(world)
    secrets = _secrets(world, request)
    world.clock.move(days=89, hours=23)
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
        assert record.state == "current"
    world.clock.move(hours=2)
    world.settle()
    assert _held(world, secrets) == []
    with world.members[PORTAL].database.reading() as connection:
        (erasure,) = [row for row in access.erasures_of(connection, case) if row.member == DEBT]
        assert erasure.why == "data_life"
    with pytest.raises(AlreadyErased):
        looking.view_record(
            world.members[DEBT], record.id, looking.Actor("worker-7", "adviser"), looking.Reason("plan")
        )
    assert consent


def test_an_erasure_is_confirmed_only_after_the_bytes_have_left_the_files(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    case, consent, request = _released(world)
    debt = world.members[DEBT]
    deciding.withdraw(world.members[PORTAL], consent)
    runner.sync_once(world.members[PORTAL])
    keeper_sees = []

    def still_there(_database, _now) -> None:
        keeper_sees.append(True)
        raise BlockingIOError

    monkeypatch.setattr(type(debt.database), "forget_overwritten", still_there)
    runner.sync_once(debt)
    with debt.database.reading() as connection:
        assert [row.state for row in statements.wiped(connection)] != []
        assert not [r for r in connection.execute(rows.outbox.select()) if r.type == "record.erased/1"]
    monkeypatch.undo()
    keeping.keep(debt)
    world.settle()
    with world.members[PORTAL].database.reading() as connection:
        assert [row.member for row in access.erasures_of(connection, case) if row.member == DEBT] == [DEBT]
    assert request
    assert keeper_sees


@pytest.mark.only_on("postgresql", reason="a snapshot keeps dead rows of tables that its reader never saw")
def test_an_erasure_is_not_confirmed_while_somebody_still_sees_the_old_rows(world: World):
    _, consent, _ = _released(world)
    debt = world.members[DEBT]
    with debt.database.writing() as reader:
        reader.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reader.execute(rows.members.select()).all()
        deciding.withdraw(world.members[PORTAL], consent)
        world.settle()
        with debt.database.reading() as connection:
            assert statements.wiped(connection)
    world.clock.move(seconds=LONGEST.total_seconds())
    assert keeping.keep(debt) > 0
    with debt.database.reading() as connection:
        assert not statements.wiped(connection)


@pytest.mark.only_on("postgresql", reason="SQLite keeps no locks on tables")
def test_an_erasure_waits_for_who_uses_a_table_and_not_for_long(world: World):
    world.agencies()
    debt = world.members[DEBT]
    with debt.database.writing() as user:
        user.execute(rows.statements.select()).all()
        with pytest.raises(BlockingIOError, match="uses a table"):
            debt.database.forget_overwritten(world.clock())
    world.clock.move(seconds=LONGEST.total_seconds())
    debt.database.forget_overwritten(world.clock())


@pytest.mark.only_on("postgresql", reason="SQLite writes no tables anew")
def test_tables_are_not_written_anew_one_time_after_another(world: World):
    """What is erased meanwhile stays unconfirmed, and its bytes are not said to be gone."""
    _, consent, _ = _released(world)
    debt = world.members[DEBT]
    debt.database.forget_overwritten(world.clock())
    deciding.withdraw(world.members[PORTAL], consent)
    world.settle()
    with debt.database.reading() as connection:
        assert statements.wiped(connection)
        assert not [r for r in connection.execute(rows.outbox.select()) if r.type == "record.erased/1"]
    world.clock.move(seconds=LONGEST.total_seconds())
    assert keeping.keep(debt) > 0


def test_what_a_consent_lets_stay_stays_until_its_time(world: World):
    case, consent = world.everything(consent={"on_withdrawal": KEPT})
    request = world.request(case, consent)
    world.settle()
    deciding.withdraw(world.members[PORTAL], consent)
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
        assert record.state == "current"


def test_a_withdrawal_in_time_erases_even_where_the_consent_s_time_was_over_before_it_came(world: World):
    """We were away, and our own clock has ended the consent meanwhile."""
    tomorrow = instant.format(world.clock() + timedelta(days=1))
    case, consent = world.everything(consent={"valid_until": tomorrow})
    request = world.request(case, consent)
    world.settle()
    world.clock.move(hours=23)
    deciding.withdraw(world.members[PORTAL], consent)
    runner.sync_once(world.members[PORTAL])
    world.clock.move(hours=26)
    keeping.keep(world.members[DEBT])
    with world.members[DEBT].database.reading() as connection:
        assert there(consents.find(connection, consent)).status == "expired"
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
        assert (record.state, record.erased_why) == ("erased", "withdrawn")
