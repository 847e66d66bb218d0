"""The front door: POST /v1/messages in one function, as the framework's way takes longer than the intake.

It takes the request that every connector sends: this address, this content type, an announced length within
the limit, nothing else that could mean something. Whatever is odd goes on to the application behind it, which
answers the same; a test sends refusals through both. Counts, lines, limits and problem documents are shared.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.http import HTTP_STATUS_CODES

from coordinator.http import messages
from coordinator.http.answer import Answer
from coordinator.http.edge import Edge
from coordinator.http.pace import Pace
from coordinator.http.problems import answer_to
from coordinator.http.reading import JOSE, TOKEN_LIMIT
from coordinator.http.witness import witness
from schemas.errors import Malformed

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/v1/messages"
_DIGITS = len(str(TOKEN_LIMIT))
_STATUS = {status: f"{status} {words.upper()}" for status, words in HTTP_STATUS_CODES.items()}


def front_door(behind: WSGIApplication, here: Edge, pace: Pace) -> WSGIApplication:
    """Give an application that answers the plain POST of a message by itself."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH or not _is_plain(environ):
            return behind(environ, start_response)
        began = time.perf_counter()
        found = _answer(environ, here, pace)
        number = witness(PATH, "POST", found.status, found.code, time.perf_counter() - began)
        headers = [
            ("Content-Type", found.media_type),
            ("Content-Length", str(len(found.body))),
            *found.headers,
            ("X-Request-Id", number),
            ("Cache-Control", "no-store"),
        ]
        start_response(_STATUS[found.status], headers)
        return [found.body]

    return answer


def _is_plain(environ: WSGIEnvironment) -> bool:
    """Say whether this is a POST of one message with nothing about it to be refused or explained."""
    length = environ.get("CONTENT_LENGTH") or ""
    return (
        environ["REQUEST_METHOD"] == "POST"
        and environ.get("CONTENT_TYPE") == JOSE
        and not environ.get("QUERY_STRING")
        and not environ.get("SCRIPT_NAME")
        and "HTTP_CONTENT_ENCODING" not in environ
        and "HTTP_TRANSFER_ENCODING" not in environ
        and len(length) <= _DIGITS
        and length.isascii()
        and length.isdigit()
        and int(length) <= TOKEN_LIMIT
    )


def _answer(environ: WSGIEnvironment, here: Edge, pace: Pace) -> Answer:
    try:
        pace.check(environ.get("REMOTE_ADDR") or "", time.time())
        length = int(environ["CONTENT_LENGTH"])
        raw = environ["wsgi.input"].read(length)
        if len(raw) != length:
            raise Malformed
        return messages.admit(here.coordinator, raw, enrolments=False)
    except Exception as error:  # noqa: BLE001 - the outermost place: everything gets a problem document
        return answer_to(error)
