"""Sends prepared requests over keep-alive connections as fast as they are answered, and times each.

One thread and one selector in a process of its own, so that the client takes as little as possible of the
cores that it shares with the server. Takes ready HTTP requests as bytes; gives the time of each answer, its
status, and how many messages it says were admitted. Run as `python -m ops.bench.client PORT CLIENTS FILE
[MARKER]`, it prints the figures as JSON. Answers that are not Accord's count as receipts when they hold the
marker.
"""

from __future__ import annotations

import json
import selectors
import socket
import statistics
import struct
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_LENGTH = struct.Struct(">I")
_SILENCE_S = 60


@dataclass(slots=True)
class Figures:
    """What one run measured; times in seconds."""

    seconds: float = 0.0
    answered: int = 0
    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    admitted: int = 0
    problems: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds if self.seconds else 0.0

    @property
    def throughput(self) -> float:
        """Admitted messages a second."""
        return self.admitted / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The time under which this share of answers stayed, in milliseconds."""
        return percentile(self.times, share) * 1000

    def check_all_admitted(self, count: int) -> None:
        """Raise unless every one of `count` messages was admitted, and every answer was a 2xx."""
        bad = {status: number for status, number in self.statuses.items() if not 200 <= status < 300}  # noqa: PLR2004 - HTTP's own classes
        if bad or self.problems or self.admitted != count:
            raise NotAllAdmittedError(
                f"{self.admitted} of {count} messages were admitted; statuses {self.statuses},"
                f" problems {self.problems}"
            )


class NotAllAdmittedError(Exception):
    """A figure would count answers that are no receipts."""


def percentile(times: list[float], share: float) -> float:
    """Give the value under which this share of the values lie; between two values, in proportion."""
    if len(times) < 2:  # noqa: PLR2004 - a percentile of one value is the value itself
        return times[0] if times else 0.0
    return statistics.quantiles(times, n=1000, method="inclusive")[max(1, round(share * 1000)) - 1]


def request(path: str, body: bytes, content_type: str, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """Write one HTTP/1.1 POST."""
    head = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def singles(raws: Iterable[bytes]) -> Iterator[bytes]:
    """Write one request for each message."""
    return (request("/v1/messages", raw, "application/jose") for raw in raws)


def batches(raws: list[bytes], size: int) -> Iterator[bytes]:
    """Write one request for each `size` messages."""
    for start in range(0, len(raws), size):
        body = json.dumps({"messages": [raw.decode() for raw in raws[start : start + size]]})
        yield request("/v1/messages/batch", body.encode(), "application/json")


# --- in a process of its own ------------------------------------------------------------------------


def drive_apart(
    port: int, requests: Iterable[bytes], *, clients: int, folder: Path, marker: str = ""
) -> Figures:
    """Send all requests from a process of its own, so that the bench's own work disturbs no times."""
    file = folder / "requests"
    write_requests(file, requests)
    command = [sys.executable, "-m", "ops.bench.client", str(port), str(clients), str(file), marker]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    file.unlink()
    return _read_figures(json.loads(done.stdout))


def write_requests(file: Path, requests: Iterable[bytes]) -> None:
    """Write requests one behind the other, each behind its length."""
    with file.open("wb") as out:
        for each in requests:
            out.write(_LENGTH.pack(len(each)) + each)


def read_requests(file: Path) -> list[bytes]:
    """Read what `write_requests` wrote."""
    data = file.read_bytes()
    found, at = [], 0
    while at < len(data):
        (length,) = _LENGTH.unpack_from(data, at)
        found.append(data[at + _LENGTH.size : at + _LENGTH.size + length])
        at += _LENGTH.size + length
    return found


def _read_figures(found: dict[str, Any]) -> Figures:
    found["statuses"] = {int(status): number for status, number in found["statuses"].items()}
    return Figures(**found)


# --- the load ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    unsent: memoryview = field(default_factory=lambda: memoryview(b""))
    answer: bytearray = field(default_factory=bytearray)


def drive(port: int, requests: Iterable[bytes], *, clients: int, marker: bytes = b"") -> Figures:
    """Send all requests over `clients` connections to this machine; each waits for its answer."""
    waiting = deque(requests)
    answers: list[bytes] = []
    figures = Figures()
    selector = selectors.DefaultSelector()
    connections = [_connect(port) for _ in range(min(clients, len(waiting)))]
    started = time.perf_counter()
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        _send(connection, waiting.popleft(), selector)
    while selector.get_map():
        events = selector.select(timeout=_SILENCE_S)
        if not events:
            raise TimeoutError(f"The server was silent for {_SILENCE_S} s.")
        for key, mask in events:
            connection = key.data
            if mask & selectors.EVENT_WRITE:
                _flush(connection, selector)
            if mask & selectors.EVENT_READ and _receive(connection, figures, answers):
                if waiting:
                    _send(connection, waiting.popleft(), selector)
                else:
                    selector.unregister(connection.socket)
                    connection.socket.close()
    figures.seconds = time.perf_counter() - started
    _count(answers, figures, marker)
    return figures


def _connect(port: int) -> _Connection:
    connection = _Connection(socket.create_connection(("127.0.0.1", port)))
    connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.socket.setblocking(False)
    return connection


def _send(connection: _Connection, data: bytes, selector: selectors.BaseSelector) -> None:
    connection.sent_at = time.perf_counter()
    sent = _try(connection, data)
    if sent < len(data):
        connection.unsent = memoryview(data)[sent:]
        selector.modify(connection.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, connection)


def _flush(connection: _Connection, selector: selectors.BaseSelector) -> None:
    connection.unsent = connection.unsent[_try(connection, connection.unsent) :]
    if not connection.unsent:
        selector.modify(connection.socket, selectors.EVENT_READ, connection)


def _try(connection: _Connection, data: bytes | memoryview) -> int:
    try:
        return connection.socket.send(data)
    except BlockingIOError:
        return 0


def _receive(connection: _Connection, figures: Figures, answers: list[bytes]) -> bool:
    """Read what there is; say whether the answer is whole."""
    data = connection.socket.recv(262144)
    if not data:
        raise ConnectionError("The server closed a connection before it answered.")
    connection.answer += data
    end = connection.answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(connection.answer[:end]).lower()
    if not _is_whole(head, connection.answer, end + 4):
        return False
    figures.times.append(time.perf_counter() - connection.sent_at)
    figures.answered += 1
    status = int(head[9:12])
    figures.statuses[status] = figures.statuses.get(status, 0) + 1
    answers.append(bytes(connection.answer[end + 4 :]))
    connection.answer.clear()
    return True


def _is_whole(head: bytes, answer: bytearray, body: int) -> bool:
    if b"transfer-encoding: chunked" in head:
        return answer.endswith(b"0\r\n\r\n")
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    return len(answer) >= body + length


def _count(answers: Iterable[bytes], figures: Figures, marker: bytes) -> None:
    """Count receipts and problems, after the clock has stopped."""
    problems: Counter[str] = Counter()
    for answer in answers:
        for result in _results(answer, marker):
            if "receipt" in result:
                figures.admitted += 1
            else:
                problems[str(result.get("problem", result).get("code", "unknown"))] += 1
    figures.problems = dict(problems)


def _results(answer: bytes, marker: bytes) -> list[dict[str, Any]]:
    if not answer.startswith(b"{"):  # the limit and the peers answer with the bare receipt
        return [{"receipt": answer} if marker in answer else {"code": "no_receipt"}]
    found: dict[str, Any] = json.loads(answer)
    results: list[dict[str, Any]] = found.get("results", [found])
    return results


def main(arguments: list[str]) -> int:
    """Send the requests of a file and print the figures."""
    port, clients, file, *marker = arguments
    found = "".join(marker).encode()
    figures = drive(int(port), read_requests(Path(file)), clients=int(clients), marker=found)
    print(json.dumps(asdict(figures)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
