"""Confirming with a passkey: what the browser is asked to sign, and what came back.

The challenge is computed in the browser from the very bytes on the page; the server sends no challenge, and
takes none. Whether the assertion holds is checked where every agency checks it: `schemas.consent_proof`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connectors.exchange.store import cases
from connectors.portal import accounts
from connectors.portal.portal import portal
from connectors.portal.visiting import visitor
from schemas.consent_proof import consent_bytes
from schemas.errors import ProofRefused

_PARTS: Final = ("credential", "client_data", "authenticator_data", "signature")
_LONGEST: Final = 8192


def own() -> list[str]:
    """Give the visitor's passkeys, whether or not a case knows them."""
    with portal().connector.database.reading() as connection:
        return [row.credential for row in accounts.signing_keys(connection, visitor())]


def usable(case: str) -> list[Mapping[str, Any]]:
    """Give the visitor's passkeys that the case's seat knows: with others nobody would believe a yes."""
    with portal().connector.database.reading() as connection:
        mine = {row.credential for row in accounts.signing_keys(connection, visitor())}
        seat = cases.citizen_seat(connection, case)
    pinned = [] if seat is None else (seat.passkeys or ())
    return [each for each in pinned if each["credential"] in mine and not each.get("until")]


def options(case: str) -> Mapping[str, Any]:
    """Give what the browser needs besides the document: which passkeys, for which site."""
    keys = usable(case)
    return {"credentials": [each["credential"] for each in keys], "rp_id": portal().settings.domain}


def shown(document: Mapping[str, Any]) -> str:
    """Give the exact text that is confirmed (RFC 8785)."""
    return consent_bytes(document).decode()


def read_assertion(form: Mapping[str, str]) -> dict[str, str]:
    """Read what the browser sends; raise ProofRefused when it is not an assertion."""
    found = {name: form.get(name, "") for name in _PARTS}
    if not all(0 < len(value) <= _LONGEST for value in found.values()):
        raise ProofRefused("The passkey gave no confirmation.", reason="missing")
    return {"kind": "passkey", **found}
