"""Corrections as a source writes them, for tests of what the coordinator makes of them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from schemas.messages.envelope import Authority
from tests.documents import AGREEMENT, CONSENT_PURPOSE
from tests.factories import World

_CORRECT = "record.correct/1"


def correction(world: World, re: str, to: Sequence[str] | None = None, **fields: Any) -> bytes:
    """Write housing's correction of a release: by the world's consent, to the citizen alone by their seat."""
    to = [world.benefits.id, "citizen"] if to is None else list(to)
    content = {"statement": str(uuid.uuid4()), "record": {"tenure": "social"}}
    by_consent = {
        "authority": Authority("consent", world.consent),
        "agreement": AGREEMENT,
        "purpose": CONSENT_PURPOSE,
    }
    defaults = {
        "to": to,
        "re": re,
        "categories": ["housing"],
        "schema": _CORRECT,
        "sealed": world.sealed(content, to, world.housing, _CORRECT),
        **({"authority": Authority("seat")} if to == ["citizen"] else by_consent),
    }
    return world.message(_CORRECT, world.housing, **(defaults | fields))
