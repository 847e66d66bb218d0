"""The real server: gunicorn with its cooperative worker, started, asked, held, stopped and killed."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from coordinator.app import create_app
from coordinator.cli import coordinator
from coordinator.config import load
from coordinator.http.edge import edge
from schemas import instant
from tests.flow.http.kit import ASSERTION, Clock, Party, initialised

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Running:
    """A server in its own process."""

    url: str
    process: subprocess.Popen[bytes]

    def stop(self) -> float:
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)
        return time.monotonic() - began


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def used_s() -> float:
    """Give the processor's seconds that all children used which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def children(pid: int) -> list[int]:
    """Name the processes that this one started (Linux)."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def start(folder: Path, url: str) -> Running:
    began = time.monotonic()
    program = [sys.executable, "-c", "from coordinator.cli import coordinator; coordinator()"]
    with (folder / "out.log").open("ab") as out:
        process = subprocess.Popen(
            [*program, "-c", str(folder / "coordinator.toml"), "run"],
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    while time.monotonic() - began < 60 and process.poll() is None:
        try:
            if requests.get(f"{url}/readyz", timeout=2).status_code == 200:
                return Running(url, process)
        except requests.RequestException:
            time.sleep(0.05)
    process.kill()
    process.wait(timeout=20)
    raise AssertionError("not ready: " + (folder / "out.log").read_text())


@pytest.fixture
def folder(tmp_path: Path, database_url: str) -> Path:
    made = initialised(tmp_path / "c", database_url, "--bind", f"127.0.0.1:{free_port()}")
    assert made.exit_code == 0, made.output
    return tmp_path / "c"


@pytest.fixture
def server(folder: Path) -> Iterator[Running]:
    shown = CliRunner().invoke(
        coordinator, ["-c", str(folder / "coordinator.toml"), "config", "show", "--json"]
    )
    bind = json.loads(shown.output)["bind"]
    running = start(folder, f"http://{bind}")
    yield running
    if running.process.poll() is None:
        running.stop()


def test_it_is_ready_soon_and_stops_soon(server):
    """By the time that it uses itself: how long that takes depends on what else the machine does."""
    assert requests.get(f"{server.url}/healthz", timeout=5).json() == {"status": "ok"}
    before = used_s()
    assert server.stop() < 15  # longer than it gives those who are being answered
    assert server.process.returncode == 0
    assert used_s() - before < 15  # the figure is 3 s


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=lambda how: how.name)
def test_a_worker_that_ends_is_replaced_and_takes_nothing_with_it(server, how):
    known = children(server.process.pid)  # on PostgreSQL there are several
    os.kill(known[0], how)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            new = set(children(server.process.pid)) - set(known)
            if new and requests.get(f"{server.url}/readyz", timeout=2).status_code == 200:
                break
        except requests.RequestException:
            pass
        time.sleep(0.1)
    else:
        raise AssertionError("no worker came back")
    assert requests.get(f"{server.url}/metrics", timeout=5).status_code == 200


def test_a_header_that_is_too_large_is_refused_before_the_application(server):
    said = requests.get(f"{server.url}/healthz", headers={"X-Large": "a" * 20_000}, timeout=5)
    assert 400 <= said.status_code < 500


def test_its_output_is_json_lines_without_addresses(server, folder):

    requests.get(f"{server.url}/v1/members/c4nary-member?c4nary=1", timeout=5)
    server.stop()
    text = (folder / "out.log").read_text()
    assert "c4nary" not in text
    for line in text.splitlines():
        json.loads(line)


def test_metrics_are_counted_over_the_workers(server):
    for _ in range(3):
        requests.get(f"{server.url}/healthz", timeout=5)
    text = requests.get(f"{server.url}/metrics", timeout=5).text
    assert 'accord_http_requests_total{method="GET",route="/healthz",status="200"}' in text


def test_a_second_start_on_wrong_settings_says_what_is_wrong(folder):
    file = folder / "coordinator.toml"
    environment = {**os.environ, "ACCORD_COORDINATOR__WORKERS": "many"}
    said = subprocess.run(
        [sys.executable, "-m", "coordinator.serve", str(file)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    assert said.returncode == 2
    assert "workers" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_waiting_mailbox_is_answered_when_the_server_is_told_to_stop(folder):
    config = load(folder / "coordinator.toml", {})
    app = create_app(config, started=True)
    party = Party("city-housing", app, Clock(instant.now())).enrol()
    edge(app).coordinator.stop()
    server = start(folder, config.public_url)
    party.clock.at = instant.now()
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": party.assertion(),
    }
    said = requests.post(
        f"{server.url}/v1/token", data=form, headers={"DPoP": party.proof("POST", "/v1/token")}, timeout=5
    )
    assert said.status_code == 200, said.text
    headers = party.headers("GET", "/v1/mailbox", said.json()["access_token"])
    found: list[requests.Response] = []
    waiting = threading.Thread(
        target=lambda: found.append(
            requests.get(f"{server.url}/v1/mailbox?wait=25", headers=headers, timeout=30)
        )
    )
    waiting.start()
    time.sleep(1)
    assert requests.get(f"{server.url}/healthz", timeout=5).status_code == 200  # it holds nobody else up
    took = server.stop()
    waiting.join(timeout=5)
    assert took < 8  # the figure is 5 s on a machine that does nothing else
    assert found[0].status_code == 200
    assert found[0].json()["messages"] == []
    assert server.process.returncode == 0
