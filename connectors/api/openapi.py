"""The OpenAPI 3.1 description of the local API, made from what stands beside the views.

`openapi.json` beside this file is the committed form; a test fails when it is stale, and
`accord connector openapi` prints it anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from flask import Flask
from flask_smorest import Api

from connectors.api.authentication import Authentication
from connectors.api.describe import problem_schema
from connectors.api.problems import TABLE
from schemas.messages.fields import Tagged

TITLE: Final = "Accord connector"
VERSION: Final = "1"
DESCRIPTION: Final = """\
The local API of a connector: cases, consents, records, requests and the connector's own operation.

It listens on the connector's own machine. Every request carries the bearer token of the file that
`[api] token_file` names. A POST that sends takes an `Idempotency-Key`. Every error is a problem document
(RFC 9457) with a stable `code`. Nothing personal is in an address.
"""


class Description(Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest without its error handlers (ours are in `problems`)."""

    def _register_error_handlers(self) -> None:
        """Leave errors to `problems`."""


def describe_app(app: Flask) -> Description:
    """Make the empty description that blueprints are registered with."""
    app.config.update(API_TITLE=TITLE, API_VERSION=VERSION, OPENAPI_VERSION="3.1.0")
    licence = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    api = Description(app, spec_kwargs={"info": {"description": DESCRIPTION, "license": licence}})
    api.ma_plugin.converter.add_attribute_function(_one_of_tagged)
    api.spec.components.schema("Problem", problem_schema([kind.code for kind in TABLE]))
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    return api


def _one_of_tagged(converter: Any, field: Any, **_: Any) -> dict[str, Any]:
    """Describe a field whose object is told apart by one member; apispec does not know ours."""
    if not isinstance(field, Tagged):
        return {}
    return {"oneOf": [converter.resolve_nested_schema(schema) for schema in field.choices.values()]}


def document(api: Description, routes: Mapping[tuple[str, str], Authentication]) -> dict[str, Any]:
    """Give the whole description, each operation with what it asks for."""
    spec: dict[str, Any] = api.spec.to_dict()
    asked = {(method.lower(), _path(rule)): kind for (method, rule), kind in routes.items()}
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            if (method, path) in asked:
                open_to_all = asked[method, path] is Authentication.NONE
                operation["security"] = [] if open_to_all else [{"token": []}]
    return spec


def written(spec: Mapping[str, Any]) -> str:
    """Write the description as it is committed."""
    return json.dumps(spec, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _path(rule: str) -> str:
    """Write Flask's `<int:alarm>` as OpenAPI's `{alarm}`."""
    parts = rule.replace(">", "<").split("<")
    return "".join(
        "{" + part.rpartition(":")[2] + "}" if place % 2 else part for place, part in enumerate(parts)
    )
