"""What happens before and after every route: who asks, how often, how long it took, what is written down.

Takes the table of blueprints × authentication. A route whose blueprint is not in it is not answered, so that
forgetting to name an authentication closes a route and does not open one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response, g, request

from coordinator.http.authenticate import sign_in
from coordinator.http.authentication import Authentication
from coordinator.http.edge import edge
from coordinator.http.front_door import front_door
from coordinator.http.pace import Pace
from coordinator.http.witness import witness
from schemas.errors import NotFound

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT"})
_HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
]


def register(app: Flask, kinds: Mapping[str, Authentication]) -> None:
    """Put the doors in front of the routes, and the witness behind them."""
    rates = edge(app).config.rates
    by_address = Pace(rates.requests_per_address_per_minute)
    by_member = Pace(rates.requests_per_member_per_minute)

    def enter() -> None:
        g.started = time.perf_counter()
        asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - as Flask says to
        if asked.url_rule is None:
            return
        kind = kinds.get(asked.blueprint or "")
        if kind is None:
            raise NotFound
        by_address.check(asked.remote_addr or "", time.time())
        if kind is Authentication.TOKEN:
            by_member.check(sign_in(asked), time.time())

    app.before_request(enter)
    app.after_request(_leave)
    through = front_door(app.wsgi_app, edge(app), by_address)
    app.wsgi_app = _with_headers(through)  # type: ignore[method-assign,assignment]  # how Flask says to do it


def _leave(response: Response) -> Response:
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - as Flask says to
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    route = asked.url_rule.rule if asked.url_rule else "(none)"
    method = asked.method if asked.method in _METHODS else "other"
    headers = response.headers
    headers["X-Request-Id"] = witness(route, method, response.status_code, g.get("code", "ok"), seconds)
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response


def _with_headers(application: WSGIApplication) -> WSGIApplication:
    """Add the headers that every answer has; here it costs a list, in Flask a search for each."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, headers + _HEADERS, *more)

        return application(environ, start)

    return answer
