"""Trouble on the way says what to check, loses nothing and rejects nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from connectors.exchange import runner, spool
from connectors.exchange.answers import refusal_for, refusal_of
from connectors.exchange.errors import TryLater, Unreachable, UnreadableAnswer
from connectors.exchange.incoming import flow as incoming
from connectors.exchange.store import inbox, outbox
from schemas.errors import NoSeat, NotSignedIn, Refusal, Unavailable
from tests.flow.exchange.world import DEBT, HOUSING, World, there

FAULTS = [
    (requests.exceptions.ProxyError, "HTTPS_PROXY"),
    (requests.exceptions.SSLError, "clock"),
    (requests.exceptions.ConnectTimeout, "firewall"),
    (requests.exceptions.ReadTimeout, "firewall"),
    (requests.exceptions.ConnectionError, "DNS"),
    (requests.exceptions.ChunkedEncodingError, "network"),
]


def _fail(kind: type[Exception]) -> Callable[[requests.PreparedRequest], None]:
    def raise_it(_request: requests.PreparedRequest) -> None:
        raise kind

    return raise_it


@pytest.mark.parametrize(("fault", "check"), FAULTS)
def test_what_waits_is_kept_and_the_words_say_what_to_check(world: World, fault: type[Exception], check: str):
    case, consent = world.everything()
    request = world.request(case, consent)
    debt = world.members[DEBT]
    world.lines[DEBT].before = _fail(fault)
    with pytest.raises(Unreachable) as trouble:
        spool.flush(debt)
    assert check in str(trouble.value.remedy)
    with debt.database.reading() as connection:
        assert there(outbox.find(connection, request)).state == "queued"
        assert inbox.aside(connection) == []


@pytest.mark.parametrize("body", [b"<html>Blocked</html>", b"", b"[1]", b'"x"'])
def test_a_proxy_that_answers_in_its_place_is_recognised(world: World, body: bytes):
    world.everything()
    world.lines[HOUSING].change = lambda _request, _content: body
    with pytest.raises(UnreadableAnswer):
        incoming.receive(world.members[HOUSING])
    with world.members[HOUSING].database.reading() as connection:
        assert inbox.aside(connection) == []


def test_trouble_while_reading_a_page_rejects_nothing(world: World):
    """The seats of a case cannot be fetched: the page comes again, the message is not turned away."""
    case, consent = world.everything()
    request = world.request(case, consent)
    runner.sync_once(world.members[DEBT])
    housing = world.members[HOUSING]
    with housing.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM seats WHERE kind = 'citizen'")

    def no_cases(sent: requests.PreparedRequest) -> None:
        if "/v1/cases/" in (sent.url or ""):
            raise requests.ConnectionError

    world.lines[HOUSING].before = no_cases
    with pytest.raises(Unreachable):
        incoming.receive(housing)
    world.lines[HOUSING].before = None
    world.settle()
    with housing.database.reading() as connection:
        assert inbox.aside(connection) == []
    assert request


def test_refusals_come_back_as_what_they_are():
    made = refusal_of({"code": "no_seat", "detail": "No.", "remedy": "Join.", "case": "x", "status": 403})
    assert type(made) is NoSeat
    assert (made.detail, made.remedy, made.facts) == ("No.", "Join.", {"case": "x"})


def test_a_code_of_a_later_version_is_kept_in_the_facts():
    made = refusal_of({"code": "from_the_next_version", "detail": "New."})
    assert type(made) is Refusal
    assert made.facts == {"unknown_code": "from_the_next_version"}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, b'{"code": "internal", "detail": "x"}', TryLater),
        (502, b"<html>", TryLater),
        (503, b'{"code": "unavailable"}', Unavailable),
        (401, b"", NotSignedIn),
        (404, b"not here", TryLater),
        (429, b'{"code": "too_many"}', Refusal),
    ],
)
def test_statuses_without_a_problem_document_are_tried_again(status: int, body: bytes, kind: type[Refusal]):
    assert isinstance(refusal_for(status, body), kind)


def test_a_token_that_was_refused_is_renewed_once(world: World):
    world.everything()
    housing = world.members[HOUSING]
    housing.coordinator.token()
    world.clock.move(minutes=30)
    housing.coordinator._token = housing.coordinator._token and type(housing.coordinator._token)(
        "not-a-token", world.clock.at.replace(year=2040)
    )
    assert incoming.receive(housing).messages == 0
