"""What an answer of the coordinator, or its absence, means: the Refusal of its code, with what to check.

Takes a status and a problem document (RFC 9457), or the error of the HTTP library; nothing raw goes further.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests

from connectors.exchange.errors import TryLater, Unreachable
from schemas import errors
from schemas.errors import NotSignedIn, Refusal

_SERVER_ERROR = 500
_UNAUTHORISED = 401


def refusal_for(status: int, body: bytes) -> Refusal:
    """Make the refusal out of a problem document (RFC 9457), or out of the status when there is none."""
    try:
        problem = json.loads(body)
    except ValueError:
        problem = None
    if isinstance(problem, dict) and isinstance(problem.get("code"), str):
        known = problem["code"] in _classes()
        if known or status < _SERVER_ERROR:
            return refusal_of(problem)
    if status == _UNAUTHORISED:
        return NotSignedIn(f"The coordinator did not accept the sign-in (HTTP {status}).")
    return TryLater(
        f"The address of the coordinator answered with HTTP {status}.",
        remedy="Check that the address is the coordinator's and that no proxy answers in its place.",
        status=status,
    )


def refusal_of(problem: Mapping[str, Any], *, ours: bool = False) -> Refusal:
    """Turn a problem document into the Refusal of its code; an unknown code stays readable in the facts.

    `ours`: a connector says it, which has refusals that no coordinator may put into its mouth.
    """
    facts = {
        name: value
        for name, value in problem.items()
        if isinstance(value, (str, int))
        and name not in {"type", "title", "detail", "code", "remedy", "status"}
    }
    code = str(problem.get("code", ""))
    kind = _classes("connectors." if ours else "").get(code)
    detail, remedy = problem.get("detail"), problem.get("remedy")
    made = (kind or Refusal)(
        detail if isinstance(detail, str) else None,
        remedy=remedy if isinstance(remedy, str) else None,
        **facts,
    )
    if kind is None:
        made.facts["unknown_code"] = code
    return made


def _classes(also: str = "") -> dict[str, type[Refusal]]:
    """Give the refusals that both sides speak, by code; `also` those of modules whose names begin so."""
    spoken = (f"{errors.__name__}.", *filter(None, [also]))
    found: dict[str, type[Refusal]] = {}
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        kind = waiting.pop()
        if kind.__module__.startswith(spoken):
            found[kind.code] = kind
        waiting.extend(kind.__subclasses__())
    return found


def unreachable(url: str, error: requests.RequestException) -> Unreachable:
    """Say what failed on the way, and what to look at."""
    if isinstance(error, requests.exceptions.ProxyError):
        return Unreachable(
            "The proxy does not let us through.", remedy="Check HTTPS_PROXY and the proxy's rules."
        )
    if isinstance(error, requests.exceptions.SSLError):
        return Unreachable(
            f"The TLS connection to {url} could not be trusted.",
            remedy="Check the clock and, behind an inspecting proxy, REQUESTS_CA_BUNDLE.",
        )
    if isinstance(error, requests.exceptions.Timeout):
        return Unreachable(
            f"{url} did not answer in time.", remedy="Check the firewall: outbound HTTPS must be open."
        )
    return Unreachable(
        f"{url} cannot be reached.", remedy="Check the network, DNS, and the address in connector.toml."
    )
