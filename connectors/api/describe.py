"""A view's frame: reads and checks the body, honours the Idempotency-Key, shapes the answer, describes all
of it.

`described` stands once beside each view; the view takes the checked body and gives what it answers. Bodies
are strict JSON and refused whole for one unknown member.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, current_app, request
from marshmallow import Schema

from connectors.api.edge import edge
from connectors.api.problems import MEDIA_TYPE, status_of
from connectors.api.replies import KEY_LIMIT, Replies, Reply
from connectors.errors import (
    KeyReused,
    LockedOut,
    NotAnAgency,
    NotAPortal,
    OutcomeUnknown,
    StillWorking,
    WrongToken,
)
from schemas.errors import (
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotFound,
    Refusal,
    TooLarge,
    Unavailable,
    WrongContentType,
)
from schemas.messages.reading import read
from schemas.wire import parse

JSON: Final = "application/json"
PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
REPLIES: Final = "accord.replies"
_ROLES: Final[Mapping[str, list[type[Refusal]]]] = {"portal": [NotAPortal], "agency": [NotAnAgency]}
View = Callable[..., Any]
_KEY_HEADER: Final = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "Any text made for this request alone; asked again within a day, the same reply is given.",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LIMIT},
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What one view takes and gives."""

    summary: str
    answer: type[Schema] | None
    status: int = 200
    body: type[Schema] | None = None
    query: type[Schema] | None = None
    refuses: Sequence[type[Refusal]] = ()
    sends: bool = False
    shown_once: bool = False
    """The reply holds a secret, so that it is not kept for a second asking."""
    roles: str | None = None
    """"portal" or "agency" where only one kind of connector does this."""
    body_limit: int | None = None
    """How many bytes the body may have where that is more than elsewhere: a file."""
    file: str | None = None
    """The media type, where the answer is a file."""


def described(shape: Shape) -> Callable[[View], View]:
    """Frame a view that takes its path's parts and `body`, and gives a document or nothing."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def framed(**path: str) -> Response:
            if shape.query is None and request.args:
                raise Invalid("This address takes no query parameters.", path="query")
            arguments: dict[str, Any] = dict(path)
            if shape.query is not None:
                arguments["query"] = read(shape.query(), request.args.to_dict(), what="query")
            if shape.body is not None:
                arguments["body"] = _body(shape.body, shape.body_limit)
            return _once(shape, lambda: view(**arguments)) if shape.sends else _made(shape, view(**arguments))

        framed._apidoc = {"manual_doc": _description(shape)}  # type: ignore[attr-defined]  # noqa: SLF001 - flask-smorest's place
        return framed

    return decorate


def _body(schema: type[Schema], more: int | None) -> dict[str, Any]:
    if request.mimetype != JSON:
        raise WrongContentType(f"Send the body as {JSON}.")
    limit: int = max(current_app.config["MAX_CONTENT_LENGTH"], more or 0)
    request.max_content_length = limit
    raw = request.get_data()
    loaded: dict[str, Any] = read(schema(), parse(raw or b"{}", limit=limit), what="body")
    return loaded


def _once(shape: Shape, act: Callable[[], Any]) -> Response:
    """Act at most once for each Idempotency-Key; without one, act."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return _made(shape, act())
    if not 1 <= len(key) <= KEY_LIMIT:
        raise Malformed(f"An Idempotency-Key has 1 to {KEY_LIMIT} characters.")
    replies: Replies = current_app.extensions[REPLIES]
    asked = b"\n".join([request.method.encode(), request.path.encode(), request.get_data()])
    known = replies.begin(key, asked, edge().connector.clock())
    if known is not None:
        return _again(known)
    try:
        response = _made(shape, act())
    except Refusal:
        replies.forget(key)
        raise
    replies.done(
        key, Reply(response.status_code, None if shape.shown_once else response.get_data(as_text=True))
    )
    return response


def _again(reply: Reply) -> Response:
    if reply.body is None:
        raise KeyReused(
            "This was done already; its reply held a secret that is shown only once.",
            remedy="If the secret was lost, end what was made and make it again with a new key.",
        )
    return Response(reply.body, status=reply.status, mimetype=JSON)


def _made(shape: Shape, answer: Any) -> Response:
    if isinstance(answer, Response):
        return answer
    if shape.answer is None:
        return Response(status=204)
    return Response(json.dumps(answer, ensure_ascii=False), status=shape.status, mimetype=JSON)


# --- description ------------------------------------------------------------------------------------


def _description(shape: Shape) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": shape.summary,
        "responses": {**_answers(shape), **_problems(shape)},
    }
    if shape.body:
        described["requestBody"] = {"required": True, "content": {JSON: {"schema": shape.body}}}
    parameters = [*([{"in": "query", "schema": shape.query}] if shape.query else [])]
    parameters += [_KEY_HEADER] if shape.sends else []
    return {**described, **({"parameters": parameters} if parameters else {})}


def _answers(shape: Shape) -> dict[str, Any]:
    if shape.file is not None:
        content = {shape.file: {"schema": {"type": "string", "format": "binary"}}}
        return {"200": {"description": "The file.", "content": content}}
    if shape.answer is None:
        return {"204": {"description": "Done."}}
    return {str(shape.status): {"description": "Done.", "content": {JSON: {"schema": shape.answer}}}}


def _problems(shape: Shape) -> dict[str, Any]:
    """Give the error answers by status, each with the codes that stand for it here."""
    kinds: list[type[Refusal]] = [
        WrongToken,
        LockedOut,
        NotFound,
        MethodNotAllowed,
        Malformed,
        Invalid,
        Unavailable,
    ]
    kinds += [TooLarge, WrongContentType] if shape.body else []
    kinds += [KeyReused, StillWorking, OutcomeUnknown] if shape.sends else []
    kinds += _ROLES.get(shape.roles or "", [])
    by_status: dict[int, list[str]] = {500: ["internal"]}
    for kind in [*kinds, *shape.refuses]:
        by_status.setdefault(status_of(kind), []).append(kind.code)
    return {
        str(status): {
            "description": "Problem: " + ", ".join(dict.fromkeys(codes)) + ".",
            "content": {MEDIA_TYPE: {"schema": PROBLEM}},
        }
        for status, codes in sorted(by_status.items())
    }


def problem_schema(codes: Mapping[str, Any] | Sequence[str]) -> dict[str, Any]:
    """Give the schema of a problem document; more members are facts that a program can read."""
    texts = {name: {"type": "string"} for name in ("type", "title", "detail", "remedy")}
    return {
        "type": "object",
        "description": "Why it was refused and what to do (RFC 9457).",
        "required": ["type", "title", "detail", "code", "status"],
        "properties": {
            **texts,
            "code": {"type": "string", "examples": sorted(codes)[:5]},
            "status": {"type": "integer"},
        },
        "additionalProperties": {"type": ["string", "integer"]},
    }
