"""From refusal to HTTP: one table of statuses, one shape for every error (RFC 9457).

Takes any exception that a route raised, gives an `application/problem+json` answer. What is not in the tree
of refusals says nothing to the outside, because its words may hold what was being processed.
"""

from __future__ import annotations

import json
from types import TracebackType

import structlog
from flask import Flask, Response, g
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from coordinator.http.answer import Answer
from schemas import errors
from schemas.errors import Fact, Refusal

MEDIA_TYPE = "application/problem+json"
_RETRY_AFTER = {429: 60, 503: 2}
"""Seconds after which it makes sense to ask again, where the refusal does not say so itself."""

TABLE: dict[type[Refusal], int] = {
    Refusal: 400,
    # the bytes themselves
    errors.Malformed: 400,
    errors.TooLarge: 413,
    errors.TooDeep: 400,
    errors.TooManyNames: 400,
    errors.DuplicateName: 400,
    errors.NotInteroperable: 400,
    errors.WrongHeader: 400,
    # whose bytes they are: no challenge could help, so not 401
    errors.Unverified: 403,
    errors.UnknownKey: 403,
    errors.BadSignature: 403,
    errors.KeyNotInForce: 403,
    errors.WeakKey: 403,
    errors.NotForThisKey: 403,
    errors.DamagedSeal: 403,
    errors.StatementMismatch: 403,
    errors.LogMismatch: 403,
    errors.InclusionMismatch: 403,
    errors.ConsistencyMismatch: 403,
    errors.CheckpointMismatch: 403,
    errors.ReceiptMismatch: 403,
    errors.ProofRefused: 403,
    # what they say
    errors.Invalid: 422,
    errors.UnknownType: 422,
    errors.UnknownSchema: 422,
    # when it was said
    errors.Untimely: 422,
    errors.FromTheFuture: 422,
    errors.TooOld: 422,
    # whether it may be
    errors.NotPermitted: 403,
    errors.AlreadySaid: 409,
    errors.UnknownMember: 404,
    errors.MemberNotActive: 403,
    errors.WrongCode: 403,
    errors.KeyTaken: 409,
    errors.NotYourTurn: 403,
    errors.WrongRecipients: 403,
    errors.UnknownCase: 404,
    errors.CaseExists: 409,
    errors.CaseClosed: 409,
    errors.NoSeat: 403,
    errors.SeatTaken: 409,
    errors.CitizenNotJoined: 403,
    errors.UnknownInvitation: 404,
    errors.NotAttested: 403,
    errors.UnknownAgreement: 404,
    errors.AgreementNotInForce: 403,
    errors.AgreementExists: 409,
    errors.AgreementDoesNotCover: 403,
    errors.NotAParty: 403,
    errors.BasisSwapped: 409,
    errors.UnknownConsent: 404,
    errors.UnknownRequest: 404,
    errors.ConsentNotInForce: 403,
    errors.ConsentDoesNotCover: 403,
    errors.ConsentUsedUp: 403,
    errors.PreviewDemanded: 403,
    errors.NotPassedOn: 403,
    errors.RequestExpired: 409,
    errors.RequestReplaced: 409,
    errors.WrongTransition: 409,
    errors.NoStatute: 403,
    errors.NoticeMissing: 403,
    errors.NoEmergency: 403,
    errors.WithholdingNotAllowed: 403,
    errors.AttachmentMissing: 404,
    errors.MemberExists: 409,
    errors.TooManyKeys: 409,
    errors.ConsentExists: 409,
    errors.EmergencyExists: 409,
    errors.NotDelivered: 403,
    errors.SamePerson: 403,
    # access and capacity
    errors.NotSignedIn: 401,
    errors.TooMany: 429,
    errors.Unavailable: 503,
    # the coordinator's own clock or log does not stand: nothing is answered until an operator has looked
    errors.ClockBehind: 503,
    errors.LogBehind: 503,
    errors.LogForked: 503,
    errors.LogDamaged: 503,
    errors.LogUnguarded: 503,
    errors.NotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.WrongContentType: 415,
}

_BY_STATUS: dict[int, type[Refusal]] = {
    400: errors.Malformed,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    413: errors.TooLarge,
    415: errors.WrongContentType,
}
"""What Flask and Werkzeug refuse by themselves, in our words."""

_INTERNAL: dict[str, Fact] = {
    "type": "urn:accord:problem:internal",
    "title": "The coordinator failed.",
    "detail": "The coordinator failed while answering; what it was doing is in its own log.",
    "code": "internal",
    "remedy": "Send the same request again later; a message is never admitted twice.",
}

_UNREACHABLE = (OperationalError, InterfaceError, PoolTimeout)
_log = structlog.get_logger("accord.problems")


def register(app: Flask) -> None:
    """Answer every exception with a problem document."""
    app.register_error_handler(HTTPException, _from_werkzeug)
    app.register_error_handler(Exception, _respond)


def status_of(kind: type[Refusal]) -> int:
    """Look the status up; a kind without a row has its parent's."""
    return next(TABLE[parent] for parent in kind.__mro__ if parent in TABLE)


def document(refusal: Refusal) -> dict[str, Fact]:
    """Give the problem document with its status."""
    return {**refusal.to_problem(), "status": status_of(type(refusal))}


def answer_to(error: Exception) -> Answer:
    """Shape anything that was raised as an answer; only a Refusal's words go out."""
    if isinstance(error, Refusal):
        return _answer(document(error), _headers(error))
    _log_without_contents(error)
    if isinstance(error, _UNREACHABLE):
        return answer_to(errors.Unavailable(remedy="Send the same request again; nothing is done twice."))
    return _answer({**_INTERNAL, "status": 500})


def _headers(refusal: Refusal) -> tuple[tuple[str, str], ...]:
    """Give what a client's library looks for beside the problem document."""
    status = status_of(type(refusal))
    found: list[tuple[str, str]] = []
    if status in _RETRY_AFTER:
        found.append(("Retry-After", str(refusal.facts.get("retry_after_s", _RETRY_AFTER[status]))))
    if isinstance(refusal, errors.NotSignedIn):
        reason = refusal.facts.get("error", "invalid_token")
        found.append(("WWW-Authenticate", f'DPoP error="{reason}", algs="Ed25519"'))
    return tuple(found)


def _respond(error: Exception) -> Response:
    answer = answer_to(error)
    g.code = answer.code
    return answer.for_flask()


def _from_werkzeug(error: HTTPException) -> Response:
    kind = _BY_STATUS.get(error.code or 500)
    if kind is None:
        return _respond(error)
    response = _respond(kind())
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _log_without_contents(error: Exception) -> None:
    """Log where it failed and the kind of failure; never its words, which may quote a message."""
    _log.error("failed", kind=type(error).__qualname__, at=_where(error.__traceback__))


def _where(trace: TracebackType | None) -> list[str]:
    frames: list[str] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}:{code.co_name}")
        trace = trace.tb_next
    return frames[-8:]


def _answer(problem: dict[str, Fact], headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    body = json.dumps(problem).encode()
    return Answer(int(problem["status"]), body, MEDIA_TYPE, str(problem["code"]), headers)
