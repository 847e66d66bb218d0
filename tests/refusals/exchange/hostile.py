"""A coordinator that lies: its answers are changed on the way, with its own keys where it needs them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from connectors.exchange.store import alarms, inbox, outbox
from connectors.exchange.store import requests as request_store
from coordinator.http.edge import edge
from coordinator.intake import authorise
from coordinator.intake.effects import table
from coordinator.intake.rules.reason import BY_SEAT
from coordinator.intake.rules.table import RULES
from schemas import head, log, message
from schemas.keys import SigningKey
from tests.flow.exchange.world import World

Change = Callable[[dict[str, Any]], dict[str, Any]]


def lie(world: World, member: str, path: str, change: Change) -> None:
    """Change what the coordinator answers to one member at one address."""

    def changed(request: requests.PreparedRequest, content: bytes) -> bytes:
        if path not in (request.url or ""):
            return content
        answer = json.loads(content)
        if "code" in answer:
            return content
        return json.dumps(change(answer)).encode()

    world.lines[member].change = changed


def be_honest(world: World, member: str) -> None:
    world.lines[member].change = None


def coordinator_key(world: World) -> SigningKey:
    return edge(world.app).coordinator.key


def log_key(world: World) -> SigningKey:
    return edge(world.app).coordinator.log_key


def forge_tree(
    world: World, page: dict[str, Any], size: int, root: bytes, member: str, **changed: Any
) -> dict[str, Any]:
    """Sign another tree with the coordinator's real keys: a second history."""
    said = head.check(page["head"].encode(), lambda _k, _p: coordinator_key(world).public, member=member)
    values = {"at": said.at, "last": said.last, "last_consent": said.last_consent, **changed}
    forged = head.Head(member=member, size=size, root=root, **values)
    return {
        **page,
        "checkpoint": log.sign_checkpoint(world.config.origin, size, root, log_key(world)),
        "head": head.issue(forged, coordinator_key(world)).decode(),
    }


def admit_anything(monkeypatch: pytest.MonkeyPatch, *types: str) -> None:
    """Let the coordinator admit every message of these types, whatever the protocol says."""
    rules = dict(RULES)
    rules.update({name: lambda _message, _register, _now: BY_SEAT for name in types})
    monkeypatch.setattr(authorise, "RULES", rules)
    effects = {name: effect for name, effect in table.EFFECTS.items() if name not in types}
    monkeypatch.setattr("coordinator.intake.record.EFFECTS", effects)


def sign(payload: dict[str, Any], key: SigningKey) -> tuple[bytes, str]:
    raw = message.sign(payload, key)
    return raw, hashlib.sha256(raw).hexdigest()


def kinds(world: World, member: str) -> list[str]:
    """Give the open alarms of a member."""
    with world.members[member].database.reading() as connection:
        return [row.kind for row in alarms.open_alarms(connection)]


def aside(world: World, member: str) -> list[tuple[str, str, str]]:
    """Give what a member did not accept: type, state, reason."""
    with world.members[member].database.reading() as connection:
        return [(row.type, row.state, row.reason) for row in inbox.aside(connection)]


def problem(world: World, member: str, message_id: str) -> dict[str, Any]:
    with world.members[member].database.reading() as connection:
        row = outbox.find(connection, message_id)
        assert row is not None
        return dict(row.problem or {})


def state(world: World, member: str, request: str) -> tuple[str, str | None]:
    with world.members[member].database.reading() as connection:
        row = request_store.find(connection, request)
        assert row is not None
        return row.state, row.reason
