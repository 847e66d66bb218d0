"""W11: many lines that never finish what they say. The real server goes on answering everybody else."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.flow.http.kit import initialised
from tests.flow.http.test_serving import Running, free_port, start

SLOW = 60
HEADS = {
    "a request line": b"GET /healthz HTT",
    "headers": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ",
    "a body": b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/jose\r\n"
    b"Content-Length: 1000\r\n\r\na.",
    "chunks": b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/jose\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
}


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[Running]:
    bind = f"127.0.0.1:{free_port()}"
    made = initialised(tmp_path / "c", database_url, "--bind", bind)
    assert made.exit_code == 0, made.output
    running = start(tmp_path / "c", f"http://{bind}")
    yield running
    if running.process.poll() is None:
        running.stop()


def _open(url: str, head: bytes) -> socket.socket:
    address = urlsplit(url)
    line = socket.create_connection((address.hostname or "", address.port or 0), timeout=10)
    line.sendall(head)
    return line


def test_slow_lines_do_not_keep_others_waiting(server: Running):
    lines = [_open(server.url, head) for head in HEADS.values() for _ in range(SLOW // len(HEADS))]
    took = []
    for _ in range(10):
        began = time.monotonic()
        assert requests.get(f"{server.url}/healthz", timeout=10).json() == {"status": "ok"}
        assert requests.get(f"{server.url}/checkpoint", timeout=10).status_code == 200
        took.append(time.monotonic() - began)
    for line in lines:
        line.close()
    assert sorted(took)[len(took) // 2] < 2  # on an idle machine this is a few milliseconds


@pytest.mark.parametrize("name", ["headers", "a body"])
def test_a_line_that_is_too_much_is_told_so_or_cut(server: Running, name: str):
    line = _open(server.url, HEADS[name])
    line.settimeout(10)
    answer = b""
    try:
        for _ in range(200):
            line.sendall(b"x" * 4096)
        answer = line.recv(200)
    except OSError:
        pass
    line.close()
    assert answer == b"" or answer.split(b" ")[1][:1] == b"4"
    assert requests.get(f"{server.url}/healthz", timeout=10).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "head",
    [
        b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        (
            b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\nY: b\r\n\r\n",
    ],
    ids=["two lengths", "length and chunks", "an unknown coding", "a bare line feed"],
)
def test_what_two_servers_could_read_differently_ends_the_line(server: Running, head: bytes):
    """Request smuggling: a proxy and we must never disagree where a request ends."""
    line = _open(server.url, head + b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    line.settimeout(10)
    answer = b""
    try:
        while piece := line.recv(65536):
            answer += piece
            if b"accord_http" in answer:
                break
    except OSError:
        pass
    line.close()
    assert b"accord_http" not in answer  # the second request was not answered as one of its own
    assert json.loads(requests.get(f"{server.url}/healthz", timeout=10).text) == {"status": "ok"}
