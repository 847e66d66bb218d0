"""Drops what agreement, consent and request do not all name; everything else stays in the agency's system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.exchange.outgoing.asked import Asked
from schemas import records


def minimise(asked: Asked, category: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the fields that may go and check them by their schema; raise Invalid if nothing is left."""
    allowed = asked.allowed.categories[category]
    named = allowed.fields & asked.categories[category]
    minimal = records.keep_only(allowed.schema, dict(record), named)
    records.validate(allowed.schema, minimal)
    return minimal
