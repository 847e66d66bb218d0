"""Changing a member's keys, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from schemas import instant
from tests.factories import Actor, World


def new_key(
    world: World, use: str, jwk: Mapping[str, str], *, begins: datetime | None = None
) -> dict[str, Any]:
    """Describe a key that is in force from now, or from `begins`, for a year."""
    begins = begins or world.clock()
    return {
        "use": use,
        "jwk": dict(jwk),
        "valid_from": instant.format(begins),
        "valid_until": instant.format(begins + timedelta(days=365)),
    }


def change_keys(
    world: World,
    *,
    sender: Actor | None = None,
    add: Sequence[Mapping[str, Any]] = (),
    end: Sequence[str] = (),
    end_at: str | None = None,
) -> bytes:
    """Write a `member.keys` message that adds keys and ends others, now unless said otherwise."""
    at = end_at or instant.format(world.clock())
    body: dict[str, Any] = {
        "add": [dict(each) for each in add],
        "end": [{"kid": kid, "at": at} for kid in end],
    }
    return world.message("member.keys/1", sender, body=body)
