"""W14: a whole story, with trouble on the way, while every line that anybody logs is kept: no word of the
record, no name, no case, and no line that a value could have forged.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from connectors.exchange import runner
from connectors.exchange.acts import consents
from connectors.exchange.store import tables
from coordinator import logging as our_logging
from coordinator.logging import ALLOWED
from schemas.errors import Refusal
from tests.flow.exchange.register import CANARY, IDENTITY, housing_records, tenancy
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World
from tests.refusals.exchange.hostile import be_honest, lie
from tests.wsgi import cut

FORGED = '"}{"event":"forged","x":"'
NAMES = [CANARY, *IDENTITY.values(), "forged"]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Keep every line, of ours and of libraries, down to the finest."""
    before = structlog.get_config()
    handlers, level = logging.root.handlers[:], logging.root.level
    stream = io.StringIO()
    our_logging.configure(stream)
    logging.root.setLevel(logging.DEBUG)
    yield stream
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def _people() -> list[dict[str, object]]:
    record = {**tenancy(), "landlord": f"{CANARY} {FORGED}"}
    return [{"identity": IDENTITY, "records": {"housing": record}}]


def _trouble(exchange: World, case: str, consent: str) -> None:
    """Cut lines, spoil answers, ask for what is not there."""
    exchange.request(case, consent)
    for member in (DEBT, HOUSING):
        exchange.lines[member].before = cut
        with pytest.raises(Refusal):
            runner.sync_once(exchange.members[member])
        exchange.lines[member].before = None
    lie(exchange, HOUSING, "/v1/mailbox?", lambda page: {**page, "head": CANARY})
    runner.sync_once(exchange.members[DEBT])
    with pytest.raises(Refusal):
        runner.sync_once(exchange.members[HOUSING])
    be_honest(exchange, HOUSING)
    nobody = {"family_name": f"{CANARY} {FORGED}", "birth_date": "1990-04-01"}
    exchange.request(case, consent, identify=nobody)
    client = exchange.app.test_client()
    for raw in (CANARY.encode(), f"{CANARY}.{CANARY}.{CANARY}".encode()):
        client.post("/v1/messages", data=raw, content_type="application/jose")
    client.get(f"/v1/cases/{case}", headers={"Authorization": f"DPoP {CANARY}", "DPoP": CANARY})


def test_no_line_of_the_story_says_anything_of_anybody(exchange: World, lines: io.StringIO):
    exchange.agencies(source=housing_records(_people()))
    exchange.agree()
    case = exchange.case()
    consent = exchange.consent(case)
    exchange.invite_source(case, consent)
    exchange.request(case, consent)
    exchange.settle()
    with exchange.members[HOUSING].database.reading() as connection:
        kinds = [row.type for row in connection.execute(tables.outbox.select())]
    assert "record.release/1" in kinds  # the record with the canary did travel
    _trouble(exchange, case, consent)
    exchange.settle()
    consents.withdraw(exchange.members[PORTAL], consent)
    exchange.settle()

    written = lines.getvalue()
    assert len(written.splitlines()) > 50
    for name in [*NAMES, case, consent]:
        assert name not in written, name
    for line in written.splitlines():
        said = json.loads(line)  # each line is one object: no value has ended it early
        assert set(said) <= ALLOWED, said


def test_the_words_of_a_refusal_quote_no_content(exchange: World):
    """What is shown to callers and stored for operators: problem documents of the whole story."""
    case, consent = exchange.everything()
    _trouble(exchange, case, consent)
    exchange.settle()
    shown: list[str] = []
    for connector in exchange.members.values():
        with connector.database.reading() as connection:
            shown += [json.dumps(row.problem) for row in connection.execute(tables.outbox.select())]
            shown += [
                str(tuple(row)) for row in connection.exec_driver_sql("SELECT kind, detail FROM alarms")
            ]
            shown += [str(row[0]) for row in connection.exec_driver_sql("SELECT reason FROM inbox")]
    assert shown
    assert [text for text in shown if any(name in text for name in (CANARY, *IDENTITY.values()))] == []
