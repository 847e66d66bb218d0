"""The same edge on PostgreSQL: two processes, one database, one memory of what was used."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import requests
from flask import Flask

from coordinator.app import create_app
from coordinator.http.edge import edge
from tests.flow.http.kit import Clock, application
from tests.flow.http.test_exchange import proposal
from tests.flow.http.test_serving import free_port, start

pytestmark = pytest.mark.only_on(
    "postgresql", reason="a coordinator of several processes keeps its data in PostgreSQL"
)


@pytest.fixture
def other(app: Flask, clock: Clock) -> Iterator[Flask]:
    other = create_app(edge(app).config, started=True, now=clock)
    yield other
    edge(other).coordinator.stop()


def test_a_proof_is_good_once_over_all_processes(other, housing):
    headers = housing.headers("GET", "/v1/mailbox")
    assert housing.client.get("/v1/mailbox", headers=headers).status_code == 200
    assert other.test_client().get("/v1/mailbox", headers=headers).status_code == 401


def test_many_at_once_with_one_proof_are_let_in_once(housing):
    headers = housing.headers("GET", "/v1/mailbox")
    said: list[int] = []
    asking = [
        threading.Thread(
            target=lambda: said.append(housing.client.get("/v1/mailbox", headers=headers).status_code)
        )
        for _ in range(8)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(timeout=20)
    assert sorted(said) == [200] + [401] * 7


def test_a_message_handed_to_one_process_is_collected_from_the_other(other, housing, clinic):
    raw = housing.message(
        "agreement.propose/1", to=[clinic.id], body={"agreement": proposal(housing, clinic)}
    )
    headers = clinic.headers("GET", "/v1/mailbox")
    assert housing.post(raw).status_code == 201
    page = other.test_client().get("/v1/mailbox?wait=10", headers=headers).json
    assert [letter["message"].encode() for letter in page["messages"]] == [raw]


def test_a_waiting_mailbox_holds_no_connection(app, housing):
    headers = housing.headers("GET", "/v1/mailbox")
    waiting = threading.Thread(target=lambda: housing.client.get("/v1/mailbox?wait=20", headers=headers))
    waiting.start()
    waiting.join(timeout=1)
    assert waiting.is_alive()
    edge(app).coordinator.stop_waiting()
    waiting.join(timeout=5)
    assert not waiting.is_alive()


def test_the_real_server_runs_two_workers_and_counts_over_both(tmp_path, coordinator_url):
    url = f"http://127.0.0.1:{free_port()}"
    values = {"bind": url.removeprefix("http://"), "public_url": url}
    edge(application(tmp_path, coordinator_url, Clock(), **values)).coordinator.stop()
    lines = [f'{key} = "{value}"' for key, value in {**values, "database_url": coordinator_url}.items()]
    lines += ['origin = "accord.example.org/log"', 'name = "Test"', 'keys_dir = "keys"', "workers = 2"]
    (tmp_path / "coordinator.toml").write_text("\n".join(lines))
    server = start(tmp_path, url)
    try:
        for _ in range(20):
            assert requests.get(f"{url}/v1/keys", timeout=10).status_code == 200
        text = requests.get(f"{url}/metrics", timeout=10).text
        assert 'accord_http_requests_total{method="GET",route="/v1/keys",status="200"} 20.0' in text
    finally:
        server.stop()
    assert server.process.returncode == 0
