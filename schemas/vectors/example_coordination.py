"""One good note, message, document and outcome, for `examples`: between citizen and agency, and, by consent,
between agencies.
"""

from __future__ import annotations

import hashlib
from typing import Any

from schemas.wire import b64u

Json = dict[str, Any]

_NORTH, _PORTAL, _CITIZEN = "north-office", "citizens-portal", "citizen"
_STATEMENT = "3c9e1f77-52aa-4b1e-9d10-aa11bb22cc01"
_EARLIER = "3c9e1f77-52aa-4b1e-9d10-aa11bb22cc03"
_BLOB = {"sha256": hashlib.sha256(b"a sealed file").hexdigest(), "size": 20_512}
_BY_SEAT = {"authority": {"basis": "seat"}, "categories": ["coordination"]}


def contents() -> dict[str, Json]:
    """Give one content for each type."""
    return {
        "note.add/1": {"text": "Le bail est signé ; la remise des clés est prévue lundi."},
        "message.send/1": {
            "text": "Pourquoi avez-vous consulté mon dossier le 20 novembre ?",
            "kind": "question",
            "about": _STATEMENT,
        },
        "document.add/1": {
            "title": "Quittance d’octobre",
            "media_type": "application/pdf",
            "name": "quittance-octobre.pdf",
            **_BLOB,
            "key": b64u(bytes(range(32))),
        },
        "outcome.give/1": {
            "outcome": "some_help",
            "text": "La moitié de la dette a été payée.",
            "answers": _EARLIER,
            "agrees": False,
        },
    }


def envelopes() -> dict[str, Json]:
    """Give the envelope of each, without what is sealed."""
    by_citizen: Json = {"from": _PORTAL, "to": [_NORTH], **_BY_SEAT}
    return {
        "note.add/1": {"from": _NORTH, "to": [_CITIZEN], **_BY_SEAT, "schema": "note.add/1"},
        "message.send/1": {**by_citizen, "schema": "message.send/1"},
        "document.add/1": {**by_citizen, "schema": "document.add/1", "attachments": [_BLOB]},
        "outcome.give/1": {**by_citizen, "schema": "outcome.give/1"},
    }
