"""Sends prepared requests over keep-alive connections as fast as they are answered, and times each.

One thread and one selector, so that the client takes as little as possible of the two cores that it shares
with the server. Takes ready HTTP requests as bytes; gives the time of each answer and its status.
"""

from __future__ import annotations

import selectors
import socket
import statistics
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Figures:
    """What one run measured; times in seconds."""

    seconds: float
    answered: int
    times: list[float]
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds

    def percentile(self, share: float) -> float:
        """The time under which this share of answers stayed, in milliseconds."""
        if len(self.times) < 2:  # noqa: PLR2004 - a percentile of fewer is the value itself
            return 1000 * self.times[0] if self.times else 0.0
        return 1000 * statistics.quantiles(self.times, n=1000, method="inclusive")[round(share * 1000) - 1]


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    unsent: bytes = b""
    answer: bytearray = field(default_factory=bytearray)


def request(path: str, body: bytes, content_type: str, host: str = "127.0.0.1") -> bytes:
    """Write one HTTP/1.1 POST."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: keep-alive\r\n\r\n"
    )
    return head.encode() + body


def drive(port: int, requests: Iterable[bytes], *, clients: int) -> Figures:
    """Send all requests over `clients` connections to this machine; each waits for its answer."""
    waiting = deque(requests)
    figures = Figures(0.0, 0, [])
    selector = selectors.DefaultSelector()
    for _ in range(min(clients, len(waiting))):
        connection = _Connection(socket.create_connection(("127.0.0.1", port)))
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.socket.setblocking(False)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        _send(connection, waiting.popleft(), selector)
    started = time.perf_counter()
    while selector.get_map():
        for key, events in selector.select(timeout=60):
            connection = key.data
            if events & selectors.EVENT_WRITE:
                _flush(connection, selector)
            if events & selectors.EVENT_READ and _receive(connection, figures):
                if waiting:
                    _send(connection, waiting.popleft(), selector)
                else:
                    selector.unregister(connection.socket)
                    connection.socket.close()
    figures.seconds = time.perf_counter() - started
    return figures


def _send(connection: _Connection, data: bytes, selector: selectors.BaseSelector) -> None:
    connection.sent_at = time.perf_counter()
    connection.unsent = data
    _flush(connection, selector)


def _flush(connection: _Connection, selector: selectors.BaseSelector) -> None:
    try:
        connection.unsent = connection.unsent[connection.socket.send(connection.unsent) :]
    except BlockingIOError:
        pass
    events = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.unsent else 0)
    selector.modify(connection.socket, events, connection)


def _receive(connection: _Connection, figures: Figures) -> bool:
    data = connection.socket.recv(262144)
    if not data:
        raise ConnectionError("the server closed a connection before it answered")
    connection.answer += data
    end = connection.answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(connection.answer[:end]).lower()
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    if len(connection.answer) < end + 4 + length:
        return False
    figures.times.append(time.perf_counter() - connection.sent_at)
    figures.answered += 1
    figures.statuses[int(head[9:12])] += 1
    connection.answer.clear()
    return True
