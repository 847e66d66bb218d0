"""Who reads and why: asked of an agency before anything is shown, never of the citizen."""

from __future__ import annotations

from typing import Any

from marshmallow import fields as ma

from connectors.api.edge import edge
from connectors.errors import ReasonMissing
from connectors.exchange.acts.access import Actor, Reason
from schemas.messages.access_v1 import ActorSchema, ReasonSchema
from schemas.messages.fields import Strict


class ReadBody(Strict):
    """Who looks and why; the citizen is told."""

    actor = ma.Nested(ActorSchema)
    reason = ma.Nested(ReasonSchema)


def reader(body: dict[str, Any]) -> tuple[Actor, Reason]:
    """Give who looks and why; raise ReasonMissing where an agency does not say it."""
    actor, reason = body.get("actor"), body.get("reason")
    if not edge().connector.acts_for_citizens and (actor is None or reason is None):
        raise ReasonMissing(remedy="Send `actor` {pseudonym, role} and `reason` {code, text}.")
    return (
        Actor(**(actor or {"pseudonym": "citizen", "role": "citizen"})),
        Reason(**(reason or {"code": "own_data"})),
    )
