"""Shapes answers: JSON without spaces, as bytes, before any framework has seen them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response

JSON = "application/json"
_dumps = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a request, whichever door it came through."""

    status: int
    body: bytes
    media_type: str = JSON
    code: str = "ok"
    headers: tuple[tuple[str, str], ...] = ()

    def for_flask(self) -> Response:
        """Give the same as a response of Flask's."""
        return Response(self.body, self.status, list(self.headers), mimetype=self.media_type)


def said(value: Mapping[str, Any], status: int = 200) -> Answer:
    """Say a JSON object."""
    return Answer(status, _dumps(value).encode())


def json_answer(value: Mapping[str, Any], status: int = 200) -> Response:
    """Answer with a JSON object."""
    return said(value, status).for_flask()
