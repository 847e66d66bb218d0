"""Agreements and consents read from their documents once: a document never changes, and reading one is
slow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from schemas.agreement import Agreement, load_agreement
from schemas.consent import Consent, load_consent


def agreement_of(document: Mapping[str, Any]) -> Agreement:
    """Give the agreement that a stored document holds."""
    return _agreement(json.dumps(document, sort_keys=True))


def consent_of(document: Mapping[str, Any]) -> Consent:
    """Give the consent that a stored document holds."""
    return _consent(json.dumps(document, sort_keys=True))


@lru_cache(maxsize=256)
def _agreement(text: str) -> Agreement:
    return load_agreement(json.loads(text))


@lru_cache(maxsize=2048)
def _consent(text: str) -> Consent:
    return load_consent(json.loads(text))
