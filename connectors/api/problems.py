"""From refusal to HTTP for the local API: one table of statuses, one shape for every error (RFC 9457).

What is not in the tree of refusals says nothing to the outside, because its words may hold what was
processed.
"""

from __future__ import annotations

import json
from types import TracebackType
from typing import Final

import structlog
from flask import Flask, Response, g
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from connectors import errors as ours
from connectors.exchange import errors as exchange
from connectors.policy import faults as policy
from connectors.systems import faults as systems
from schemas import errors
from schemas.errors import Fact, Refusal

MEDIA_TYPE: Final = "application/problem+json"

TABLE: Final[dict[type[Refusal], int]] = {
    Refusal: 400,
    errors.Malformed: 400,
    errors.TooLarge: 413,
    errors.Invalid: 422,
    errors.Untimely: 422,
    errors.Unverified: 403,
    errors.NotPermitted: 403,
    errors.UnknownMember: 404,
    errors.UnknownCase: 404,
    errors.UnknownInvitation: 404,
    errors.UnknownAgreement: 404,
    errors.UnknownConsent: 404,
    errors.UnknownRequest: 404,
    errors.CaseExists: 409,
    errors.CaseClosed: 409,
    errors.SeatTaken: 409,
    errors.WrongTransition: 409,
    errors.RequestExpired: 409,
    errors.RequestReplaced: 409,
    errors.AgreementExists: 409,
    errors.AlreadySaid: 409,
    errors.NotSignedIn: 502,  # the coordinator's answer to us, not ours to the caller
    errors.TooMany: 429,
    errors.Unavailable: 503,
    errors.NotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.WrongContentType: 415,
    exchange.NotHere: 404,
    exchange.AlreadyErased: 410,
    exchange.AlreadyDecided: 409,
    exchange.NoKey: 409,
    exchange.KeyringRefused: 500,
    ours.ConfigRefused: 500,
    ours.WrongToken: 401,
    ours.LockedOut: 429,
    ours.ReasonMissing: 422,
    ours.KeyReused: 409,
    ours.StillWorking: 409,
    ours.OutcomeUnknown: 409,
    ours.NotAPortal: 403,
    ours.NotAnAgency: 403,
    ours.EvidenceIncomplete: 503,
    policy.PolicyFault: 500,
    systems.SystemFault: 502,
    systems.UnknownSystem: 404,
    systems.NotEnoughToIdentify: 422,
}

_BY_STATUS: Final[dict[int, type[Refusal]]] = {
    400: errors.Malformed,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    413: errors.TooLarge,
    415: errors.WrongContentType,
}
"""What Flask and Werkzeug refuse by themselves, in our words."""

_INTERNAL: Final[dict[str, Fact]] = {
    "type": "urn:accord:problem:internal",
    "title": "The connector failed.",
    "detail": "The connector failed while answering; where it failed is in its own log.",
    "code": "internal",
    "remedy": "Look at the connector's log, and at the case before doing the same again.",
}

_log = structlog.get_logger("accord.api")


def register(app: Flask) -> None:
    """Answer every exception with a problem document."""
    app.register_error_handler(Refusal, from_refusal)
    app.register_error_handler(HTTPException, _from_werkzeug)
    for unreachable in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(unreachable, _from_database)
    app.register_error_handler(Exception, _from_anything)


def status_of(kind: type[Refusal]) -> int:
    """Look the status up; a kind without a row has its parent's."""
    return next(TABLE[parent] for parent in kind.__mro__ if parent in TABLE)


def document(refusal: Refusal) -> dict[str, Fact]:
    """Give the problem document with its status."""
    return {**refusal.to_problem(), "status": status_of(type(refusal))}


def from_refusal(refusal: Refusal) -> Response:
    """Shape a refusal as an HTTP answer."""
    response = _answer(document(refusal))
    if isinstance(refusal, ours.WrongToken):
        response.headers["WWW-Authenticate"] = 'Bearer realm="accord"'
    if "retry_after_s" in refusal.facts:
        response.headers["Retry-After"] = str(refusal.facts["retry_after_s"])
    return response


def _from_werkzeug(error: HTTPException) -> Response:
    kind = _BY_STATUS.get(error.code or 500)
    if kind is None:
        return _from_anything(error)
    response = from_refusal(kind())
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _from_database(error: Exception) -> Response:
    _log_without_contents(error)
    return from_refusal(
        errors.Unavailable(
            "The connector's database does not answer.", remedy="Check disk and database, then try again."
        )
    )


def _from_anything(error: Exception) -> Response:
    _log_without_contents(error)
    return _answer({**_INTERNAL, "status": 500})


def _log_without_contents(error: Exception) -> None:
    """Log where it failed and the kind of failure; never its words, which may quote a record."""
    _log.error("failed", kind=type(error).__qualname__, at=_where(error.__traceback__))


def _where(trace: TracebackType | None) -> list[str]:
    frames: list[str] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}:{code.co_name}")
        trace = trace.tb_next
    return frames[-8:]


def _answer(problem: dict[str, Fact]) -> Response:
    g.code = problem["code"]
    return Response(json.dumps(problem), status=int(problem["status"]), mimetype=MEDIA_TYPE)
