"""The real server: gunicorn with its cooperative worker, started, asked, held, stopped and killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from coordinator.cli import coordinator

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Running:
    """A server in its own process, and how long it took to be ready."""

    url: str
    process: subprocess.Popen[bytes]
    ready_s: float

    def stop(self) -> float:
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)
        return time.monotonic() - began


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


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
    while time.monotonic() - began < 20:
        try:
            if requests.get(f"{url}/readyz", timeout=2).status_code == 200:
                return Running(url, process, time.monotonic() - began)
        except requests.ConnectionError:
            time.sleep(0.05)
        assert process.poll() is None, (folder / "out.log").read_text()
    process.kill()
    raise AssertionError("not ready: " + (folder / "out.log").read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = CliRunner().invoke(
        coordinator, ["init", str(tmp_path / "c"), "--bind", f"127.0.0.1:{free_port()}"]
    )
    assert made.exit_code == 0, made.output
    return tmp_path / "c"


@pytest.fixture
def server(folder: Path) -> Iterator[Running]:
    shown = CliRunner().invoke(
        coordinator, ["-c", str(folder / "coordinator.toml"), "config", "show", "--json"]
    )
    bind = __import__("json").loads(shown.output)["bind"]
    running = start(folder, f"http://{bind}")
    yield running
    if running.process.poll() is None:
        running.stop()


def test_it_is_ready_soon_and_stops_soon(server):
    assert server.ready_s < 5  # the figure is 3 s on an idle machine
    assert requests.get(f"{server.url}/healthz", timeout=5).json() == {"status": "ok"}
    assert server.stop() < 5
    assert server.process.returncode == 0


def test_a_worker_that_is_killed_is_replaced(server):
    import psutil

    (worker,) = psutil.Process(server.process.pid).children()
    worker.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{server.url}/readyz", timeout=2).status_code == 200:
                break
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    else:
        raise AssertionError("no worker came back")
    assert psutil.Process(server.process.pid).children()[0].pid != worker.pid


def test_a_header_that_is_too_large_is_refused_before_the_application(server):
    said = requests.get(f"{server.url}/healthz", headers={"X-Large": "a" * 20_000}, timeout=5)
    assert 400 <= said.status_code < 500


def test_its_output_is_json_lines_without_addresses(server, folder):
    import json

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
