"""Makes the files of vectors; the same bytes every time (only `frozen_seals.json` was drawn)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from schemas.vectors import (
    bad_consents,
    bad_envelopes,
    bad_keys,
    bad_seals,
    bad_tokens,
    good,
    offers,
    seat_keys,
    succession,
)
from schemas.vectors.known_keys import SEALING, SIGNING, WARNING, es256_jwk
from schemas.vectors.vector import Vector
from schemas.wire import b64u

FOLDER = Path(__file__).parent / "files"
_ABOUT = {
    "good": "Accepted by every implementation: one message of each type and what it is made of.",
    "tokens": "Bytes, JSON, headers, kinds of token and signatures that are refused.",
    "seals": "Sealed statements that are refused.",
    "keys": "Public keys that are refused.",
    "envelopes": "Well-signed messages whose envelope or body is refused.",
    "offers": "Counter-offers that are narrower than what was asked for, and some that are refused.",
    "succession": "Consents in the place of others, and the fate of what was got by those before them.",
    "seat_keys": "Passkeys that come and go after joining; what does not follow from the seat is refused.",
    "consents": "Consents, their proofs and uses, and agreements that are refused.",
}
_SOURCES: Mapping[str, Callable[[], Iterator[Vector]]] = {
    "good": good.vectors,
    "tokens": bad_tokens.vectors,
    "seals": bad_seals.vectors,
    "keys": bad_keys.vectors,
    "envelopes": bad_envelopes.vectors,
    "consents": bad_consents.vectors,
    "offers": offers.vectors,
    "succession": succession.vectors,
    "seat_keys": seat_keys.vectors,
}


def documents() -> dict[str, dict[str, Any]]:
    """Give every file by its name."""
    return {"known_keys.json": known_keys()} | {
        f"{name}.json": {
            "about": _ABOUT[name],
            "common": good.consent_context() if name in {"good", "consents"} else {},
            "vectors": [each.to_json() for each in source()],
        }
        for name, source in _SOURCES.items()
    }


def known_keys() -> dict[str, Any]:
    """Give the keys under which the vectors are signed and sealed, private halves included."""
    return {
        "warning": WARNING,
        "sign": {
            n: {**key.public.jwk, "d": b64u(key.to_raw()), "kid": key.kid} for n, key in SIGNING.items()
        },
        "seal": {
            n: {**key.public.jwk, "d": b64u(key.to_raw()), "kid": key.kid} for n, key in SEALING.items()
        },
        "passkey": es256_jwk(),
    }


def text(content: Mapping[str, Any]) -> str:
    """Give a file's text as it is committed: ASCII, one vector a line, so that a change shows as one line."""
    lines = [f"{json.dumps(name)}: {_lines(value)}" for name, value in content.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _lines(value: Any) -> str:
    if isinstance(value, list):
        return "[\n" + ",\n".join(json.dumps(each) for each in value) + "\n]"
    return json.dumps(value)


def write() -> None:
    """Write all files."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in documents().items():
        (FOLDER / name).write_text(text(content), "utf-8")
