"""Nothing personal of a case gets into the connector's log, its counters, or the words of a refusal."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
import structlog

from tests.flow.api.kit import Caller
from tests.flow.api.test_story import consented, open_case, record_request
from tests.flow.exchange.register import CANARY
from tests.flow.exchange.world import World


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Write the log into a text, as the running connector would write it to its output."""
    written = io.StringIO()
    structlog.configure(
        processors=[structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(written),
        cache_logger_on_first_use=False,
    )
    yield written
    structlog.reset_defaults()


def test_a_canary_is_in_the_record_and_nowhere_else(
    world: World, debt: Caller, housing: Caller, portal: Caller, log: io.StringIO
):
    case = open_case(world, debt, portal)
    consent = consented(world, debt, portal, case)
    asked = record_request(consent)
    debt.post(f"/v1/cases/{case}/record-requests", asked)
    world.settle()
    (record,) = [
        each for each in debt.get(f"/v1/cases/{case}")["statements"] if each["schema"] == "housing.tenancy/1"
    ]
    read = {"actor": {"pseudonym": "worker-7", "role": "adviser"}, "reason": {"code": "plan", "text": CANARY}}
    shown = debt.post(f"/v1/records/{record['id']}/read", read, status=200)
    assert CANARY in str(shown)

    strange = [
        debt.ask("POST", f"/v1/cases/{case}/record-requests", {**asked, CANARY: CANARY}),
        debt.ask("POST", f"/v1/cases/{case}/record-requests", {**asked, "purpose": CANARY}),
        debt.ask("POST", "/v1/cases", {"language": CANARY}),
        debt.ask("GET", f"/v1/cases/{CANARY}"),
        debt.ask("GET", f"/v1/cases?{CANARY}={CANARY}"),
        debt.ask("POST", f"/v1/agreements/{CANARY}/sign"),
        housing.ask("POST", "/v1/systems/register/try", {"identify": {"family_name": CANARY}}),
        portal.ask("POST", "/v1/consents", {"document": {CANARY: CANARY}, "proof": [{CANARY: CANARY}]}),
        portal.ask("POST", "/v1/invitations/join", {"code": CANARY}),
    ]
    assert all(answer.status_code < 500 for answer in strange)
    assert [answer.text for answer in strange if CANARY in answer.text and answer.status_code >= 400] == [
        answer.text for answer in strange if f"/{CANARY}" in answer.request.path and CANARY in answer.text
    ]
    assert '"route": "/v1/cases/<case>"' in log.getvalue()
    assert CANARY not in log.getvalue()
    assert "Camille" not in log.getvalue()
    assert case not in log.getvalue()
    assert CANARY not in debt.ask("GET", "/metrics").text
