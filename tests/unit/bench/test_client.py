"""The load client: what it sends, what it times, and that it counts nothing that is no receipt."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ops.bench import client

RECEIPT = json.dumps({"receipt": "a.b.c", "index": 1}).encode()
PROBLEM = json.dumps({"code": "too_old", "title": "…"}).encode()


class Serving(ThreadingHTTPServer):
    """Keeps what it is sent, answers what it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.bodies: list[bytes] = []
        self.answers: dict[str, tuple[int, bytes]] = {}


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Serving

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(body)
        status, answer = self.server.answers.get(self.path, (201, RECEIPT))
        self.send_response(status)
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(answer), answer))
            self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Serving]:
    serving = Serving()
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    yield serving
    serving.shutdown()
    thread.join()
    serving.server_close()


def drive(server: Serving, requests: list[bytes], clients: int = 3, **more: bytes) -> client.Figures:
    return client.drive(server.server_port, requests, clients=clients, **more)


def test_every_request_is_sent_once_and_every_answer_is_timed(server):
    raws = [f"message-{number}".encode() for number in range(20)]
    figures = drive(server, list(client.singles(raws)))
    assert sorted(server.bodies) == sorted(raws)
    assert (figures.answered, figures.admitted, len(figures.times)) == (20, 20, 20)
    assert figures.statuses == {201: 20}
    assert all(0 < each <= figures.seconds for each in figures.times)
    figures.check_all_admitted(20)


def test_a_request_larger_than_the_socket_takes_at_once_arrives_whole(server):
    body = b"x" * 3_000_000
    drive(server, [client.request("/v1/messages", body, "application/jose")])
    assert server.bodies == [body]


def test_a_refusal_is_no_figure(server):
    server.answers["/v1/messages"] = (422, PROBLEM)
    figures = drive(server, list(client.singles([b"one", b"two"])))
    assert figures.problems == {"too_old": 2}
    with pytest.raises(client.NotAllAdmittedError):
        figures.check_all_admitted(2)


def test_each_message_of_a_batch_counts_by_itself(server):
    results = {"results": [{"receipt": "a.b.c"}, {"problem": {"code": "no_seat"}}, {"receipt": "d.e.f"}]}
    server.answers["/v1/messages/batch"] = (200, json.dumps(results).encode())
    figures = drive(server, list(client.batches([b"a.b.c"] * 3, 64)))
    assert (figures.answered, figures.admitted, figures.problems) == (1, 2, {"no_seat": 1})
    with pytest.raises(client.NotAllAdmittedError):
        figures.check_all_admitted(3)


def test_batches_hold_every_message_once_and_in_order():
    raws = [f"{number}".encode() for number in range(10)]
    bodies = [each.partition(b"\r\n\r\n")[2] for each in client.batches(raws, 4)]
    assert [json.loads(body)["messages"] for body in bodies] == [
        ["0", "1", "2", "3"],
        ["4", "5", "6", "7"],
        ["8", "9"],
    ]


def test_an_answer_in_chunks_is_read_to_its_end(server):
    server.answers["/chunked"] = (200, b"-- processed --")
    requests = [client.request("/chunked", b"x", "text/plain")] * 4
    assert drive(server, requests, clients=1, marker=b"processed").admitted == 4


def test_a_peers_answer_without_the_marker_of_a_receipt_is_none(server):
    server.answers["/as2"] = (200, b"-- processed/error --")
    figures = drive(server, [client.request("/as2", b"x", "text/plain")], marker=b"processed\r\n")
    assert (figures.admitted, figures.problems) == (0, {"no_receipt": 1})


def test_requests_survive_the_file_to_the_other_process(tmp_path):
    requests = [b"", b"one", b"\x00" * 70_000]
    client.write_requests(tmp_path / "requests", requests)
    assert client.read_requests(tmp_path / "requests") == requests


def test_the_other_process_gives_the_same_figures(server, tmp_path):
    figures = client.drive_apart(server.server_port, client.singles([b"a", b"b"]), clients=2, folder=tmp_path)
    figures.check_all_admitted(2)
    assert figures.statuses == {201: 2}
    assert figures.throughput == pytest.approx(2 / figures.seconds)
