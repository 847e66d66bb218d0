"""An answer leaves the worker in one piece, and nothing of it is kept back."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from coordinator.worker import HEAD_BYTES, Together


class Counting:
    """The sending end of a real connection, which counts how often it is asked to send."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.calls = 0

    def sendall(self, data: bytes) -> None:
        self.calls += 1
        self._sock.sendall(data)

    def shutdown(self, how: int) -> None:
        self._sock.shutdown(how)


@pytest.fixture
def line() -> Iterator[tuple[Counting, socket.socket]]:
    here, there = socket.socketpair()
    with here, there:
        there.settimeout(5)
        yield Counting(here), there


def test_head_and_body_are_sent_in_one_call(line):
    sending, receiving = line
    together = Together(sending)
    together.sendall(b"head ")
    together.sendall(b"body")
    assert (receiving.recv(100), sending.calls) == (b"head body", 1)


def test_a_head_without_a_body_is_sent_at_the_end(line):
    sending, receiving = line
    together = Together(sending)
    together.sendall(b"head")
    together.flush()
    together.flush()
    assert (receiving.recv(100), sending.calls) == (b"head", 1)


def test_what_is_long_is_not_held_back(line):
    sending, receiving = line
    Together(sending).sendall(b"x" * (HEAD_BYTES + 1))
    assert len(receiving.recv(HEAD_BYTES * 2)) == HEAD_BYTES + 1


def test_what_is_held_goes_before_anything_else_is_done_to_the_connection(line):
    sending, receiving = line
    together = Together(sending)
    together.sendall(b"head")
    together.shutdown(socket.SHUT_WR)
    assert (receiving.recv(100), receiving.recv(100)) == (b"head", b"")
