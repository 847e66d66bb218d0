"""Reads back messages whose signature was checked before they were stored; checks nothing again."""

from __future__ import annotations

import json
from typing import Any

from connectors.exchange.errors import AlreadyErased
from schemas.wire import unb64u


def read_payload(raw: bytes | None) -> dict[str, Any]:
    """Give the payload of stored bytes; raise AlreadyErased when they are gone."""
    if raw is None:
        raise AlreadyErased
    payload: dict[str, Any] = json.loads(unb64u(bytes(raw).split(b".")[1].decode("ascii")))
    return payload
