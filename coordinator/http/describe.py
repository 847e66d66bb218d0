"""Says what a route takes and answers, for the OpenAPI description, without standing in the request's way.

The decorator leaves the view as it is and puts the description beside it, where flask-smorest looks for it;
its own decorators would parse and dump every body a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from marshmallow import Schema

from coordinator.http.problems import MEDIA_TYPE, status_of
from schemas.errors import Malformed, NotFound, Refusal, TooLarge, TooMany, Unavailable, WrongContentType

View = TypeVar("View", bound=Callable[..., Any])

ALWAYS: tuple[type[Refusal], ...] = (Malformed, NotFound, TooMany, Unavailable)
"""What any address may answer: strange parameters, an unknown object, too often, not now."""
WITH_BODY: tuple[type[Refusal], ...] = (TooLarge, WrongContentType)
PROBLEM = {"$ref": "#/components/schemas/Problem"}
BYTES = {"type": "string", "format": "binary"}
TEXT = {"type": "string"}


def describe(
    summary: str,
    *,
    answers: Mapping[int, tuple[str, Mapping[str, Any]]],
    refuses: Sequence[type[Refusal]] = (),
    body: Mapping[str, Any] | None = None,
    query: type[Schema] | None = None,
    headers: Sequence[Mapping[str, Any]] = (),
) -> Callable[[View], View]:
    """Describe a view: `answers` is status → (words, media type → schema), `body` media type → schema."""
    kinds = (*ALWAYS, *(WITH_BODY if body else ()), *refuses)
    description: dict[str, Any] = {
        "summary": summary,
        "responses": {**_answers(answers), **_problems(kinds)},
    }
    if body:
        description["requestBody"] = {"required": True, "content": _content(body)}
    if query or headers:
        description["parameters"] = [*([{"in": "query", "schema": query}] if query else []), *headers]

    def decorate(view: View) -> View:
        view._apidoc = {"manual_doc": description}  # type: ignore[attr-defined]  # noqa: SLF001 - flask-smorest's place
        return view

    return decorate


def _answers(answers: Mapping[int, tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    return {
        str(status): {"description": words, **({"content": _content(content)} if content else {})}
        for status, (words, content) in answers.items()
    }


def _content(content: Mapping[str, Any]) -> dict[str, Any]:
    return {media_type: {"schema": schema} for media_type, schema in content.items()}


def _problems(kinds: Sequence[type[Refusal]]) -> dict[str, Any]:
    """Give the error answers by status, each with the codes that stand for it here."""
    by_status: dict[int, list[str]] = {500: ["internal"]}
    for kind in kinds:
        by_status.setdefault(status_of(kind), []).append(kind.code)
    return {
        str(status): {
            "description": "Problem: " + ", ".join(dict.fromkeys(codes)) + ".",
            "content": {MEDIA_TYPE: {"schema": PROBLEM}},
        }
        for status, codes in sorted(by_status.items())
    }
