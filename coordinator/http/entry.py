"""What happens before and after every route: who asks, how often, how long it took, what is written down.

Takes the table of blueprints × authentication. A route whose blueprint is not in it is not answered, so that
forgetting to name an authentication closes a route and does not open one.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter as Tally
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog
from flask import Flask, Response, g, request

from coordinator.http.authenticate import sign_in
from coordinator.http.authentication import Authentication
from coordinator.http.edge import edge
from coordinator.http.metrics import count_request
from schemas.errors import NotFound, TooMany

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT"})
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
)
_log = structlog.get_logger("accord.http")


@dataclass(slots=True)
class Pace:
    """Counts requests of this minute and process; it forgets all when the minute ends, so it stays small."""

    limit: int
    minute: int = 0
    seen: Tally[str] = field(default_factory=Tally)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, who: str, now: float) -> None:
        """Count one; raise TooMany above the limit."""
        if not self.limit:
            return
        minute = int(now) // 60
        with self.lock:
            if minute != self.minute:
                self.minute, self.seen = minute, Tally()
            self.seen[who] += 1
            count = self.seen[who]
        if count > self.limit:
            raise TooMany(f"At most {self.limit} requests a minute.", retry_after_s=60 - int(now) % 60)


def register(app: Flask, kinds: Mapping[str, Authentication]) -> None:
    """Put the door in front of the routes, and the record behind them."""
    rates = edge(app).config.rates
    by_address = Pace(rates.requests_per_address_per_minute)
    by_member = Pace(rates.requests_per_member_per_minute)

    def enter() -> None:
        g.started = time.perf_counter()
        if request.url_rule is None:
            return
        kind = kinds.get(request.blueprint or "")
        if kind is None:
            raise NotFound
        by_address.check(request.remote_addr or "", time.time())
        if kind is Authentication.TOKEN:
            by_member.check(sign_in(request), time.time())

    app.before_request(enter)
    app.after_request(_leave)


def _leave(response: Response) -> Response:
    seconds = time.perf_counter() - g.started if "started" in g else 0.0
    route = request.url_rule.rule if request.url_rule else "(none)"
    method = request.method if request.method in _METHODS else "other"
    number = os.urandom(8).hex()
    headers = response.headers
    headers["X-Request-Id"] = number
    for name, value in _HEADERS:
        headers[name] = value
    headers.setdefault("Cache-Control", "no-store")
    count_request(route, method, response.status_code, seconds)
    _log.info(
        "request",
        request=number,
        route=route,
        method=method,
        status=response.status_code,
        code=g.get("code", "ok"),
        ms=round(seconds * 1000, 1),
    )
    return response
