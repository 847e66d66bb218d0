"""The OpenAPI 3.1 description of every route, made by flask-smorest from what stands beside the views.

Takes the application whose routes are registered, gives the document. The committed one is
schemas/published/openapi-coordinator.json; a test fails when it is stale, see `accord coordinator openapi`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Flask, Response, current_app, request
from flask_smorest import Api, Blueprint

from coordinator.http.authentication import Authentication
from coordinator.http.describe import describe
from coordinator.http.problems import TABLE
from coordinator.http.reading import JSON, no_query

TITLE = "Accord coordinator"
DESCRIPTION = """\
Members hand signed messages to the coordinator, which admits, orders, records and delivers them.

A message is its own credential: whoever has the key may send it, and the same bytes sent again get the same
receipt. Everything that belongs to one member is read with a DPoP-bound access token (RFC 9449) from
`/v1/token`. Every error is a problem document (RFC 9457) with a stable `code`.
"""
SECURITY: dict[Authentication, list[dict[str, list[str]]]] = {
    Authentication.NONE: [],
    Authentication.SIGNATURE: [],
    Authentication.TOKEN: [{"dpop": []}],
    Authentication.ASSERTION: [{"private_key_jwt": []}],
}
_SCHEMES = {
    "dpop": {
        "type": "http",
        "scheme": "DPoP",
        "description": "An access token from /v1/token, with a proof in the DPoP header (RFC 9449).",
    },
    "private_key_jwt": {
        "type": "oauth2",
        "description": "Client credentials with private_key_jwt (RFC 7523), Ed25519, and a DPoP proof.",
        "flows": {"clientCredentials": {"tokenUrl": "/v1/token", "scopes": {}}},
    },
}
_PROPERTIES: dict[str, Any] = {
    "type": {"type": "string", "format": "uri", "examples": ["urn:accord:problem:consent_not_in_force"]},
    "title": {"type": "string"},
    "detail": {"type": "string"},
    "code": {"type": "string"},
    "status": {"type": "integer"},
    "remedy": {"type": "string"},
}
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Why it was refused and what to do (RFC 9457); more members are facts for programs.",
    "required": ["type", "title", "detail", "code", "status"],
    "additionalProperties": {"type": ["string", "integer"]},
}
_NAME = "accord.openapi"

blueprint = Blueprint("openapi", __name__, description="This description.")


@blueprint.route("/v1/openapi.json")
@describe("Read this description", answers={200: ("OpenAPI 3.1.", {JSON: {"type": "object"}})})
def openapi() -> Response:
    """Give the description of this version's routes."""
    no_query(request)
    return Response(of(current_app), mimetype=JSON)


class Description(Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest without its error handlers (ours are in `problems`) and without its own route."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Leave errors to `problems`."""


def describe_app(app: Flask) -> Description:
    """Make the empty description that blueprints are registered with."""
    app.config.update(API_TITLE=TITLE, API_VERSION=_version(), OPENAPI_VERSION="3.1.0")
    options = {
        "info": {"description": DESCRIPTION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}
    }
    api = Description(app, spec_kwargs=options)
    codes = sorted({"internal", *(kind.code for kind in TABLE)})
    problem = {
        **_PROBLEM,
        "properties": {**_PROPERTIES, "code": {"type": "string", "enum": codes}},
    }
    api.spec.components.schema("Problem", problem)
    for name, scheme in _SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
    return api


def document(api: Description, routes: Mapping[tuple[str, str], Authentication]) -> dict[str, Any]:
    """Give the whole description, each operation with the authentication that the table gives it."""
    spec: dict[str, Any] = api.spec.to_dict()
    by_path = {(method, openapi_path(rule)): kind for (method, rule), kind in routes.items()}
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            if (method.upper(), path) in by_path:
                operation["security"] = SECURITY[by_path[(method.upper(), path)]]
    return spec


def attach(app: Flask, described: Callable[[], str]) -> None:
    """Let the route find what gives the description."""
    app.extensions[_NAME] = described


def of(app: Flask) -> str:
    """Give the application's description as it is committed."""
    text: str = app.extensions[_NAME]()
    return text


def written(spec: Mapping[str, Any]) -> str:
    """Write the description as it is committed."""
    return json.dumps(spec, indent=2, ensure_ascii=False) + "\n"


def openapi_path(rule: str) -> str:
    """Write a rule of Flask's as a path of OpenAPI's: `/v1/cases/<case>` is `/v1/cases/{case}`."""
    return re.sub(r"<(?:[^:<>]+:)?([^:<>]+)>", r"{\1}", rule)


def _version() -> str:
    try:
        return version("accord-exchange")
    except PackageNotFoundError:
        return "0"
