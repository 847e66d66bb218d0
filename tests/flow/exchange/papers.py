"""A letter of the exchange's tests that a member writes past its own acts: the release of a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.exchange.outgoing.compose import Letter
from schemas.messages.envelope import Authority
from tests.flow.exchange.world import AGREEMENT, DEBT


def record_letter(case: str, consent: str, content: Mapping[str, Any], **changed: Any) -> Letter:
    """Write a release of the tenancy, from housing to debt advice and the citizen, by a consent."""
    letter = Letter(
        type="record.release/1",
        schema="housing.tenancy/1",
        content=dict(content),
        case=case,
        to=(DEBT, "citizen"),
        authority=Authority("consent", consent),
        agreement=AGREEMENT,
        purpose="debt-plan",
        categories=("housing",),
    )
    return replace(letter, **changed)
