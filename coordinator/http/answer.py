"""Shapes answers: JSON without spaces, as bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response

_dumps = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def json_answer(value: Mapping[str, Any], status: int = 200) -> Response:
    """Answer with a JSON object."""
    return Response(_dumps(value), status=status, mimetype="application/json")
