"""What is kept of every answer, whichever door it came through: a count, the time it took, and a line.

Takes the route's template, never the address that was asked for. A message that was admitted leaves no line:
its row and its receipt say more, and under load the lines alone would take as long as the receipts.
"""

from __future__ import annotations

import os

import structlog

from coordinator.http.metrics import count_request

_COUNTED_ONLY = frozenset({("/v1/messages", 200), ("/v1/messages", 201)})
_log = structlog.get_logger("accord.http")


def witness(route: str, method: str, status: int, code: str, seconds: float) -> str:
    """Count an answer and write it down; gives the number that the answer carries too."""
    number = os.urandom(8).hex()
    count_request(route, method, status, seconds)
    if (route, status) not in _COUNTED_ONLY:
        _log.info(
            "request",
            request=number,
            route=route,
            method=method,
            status=status,
            code=code,
            ms=round(seconds * 1000, 1),
        )
    return number
