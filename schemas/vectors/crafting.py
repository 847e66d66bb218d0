"""Tokens that no library of ours would make: any header, any payload bytes, signed all the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from schemas.keys import SigningKey
from schemas.message import TYP
from schemas.vectors.known_keys import SIGNING
from schemas.wire import b64u, canonical


def header_of(key: SigningKey, **changes: Any) -> bytes:
    """Give the right protected header, with members replaced or added; None removes one."""
    members = {"alg": "Ed25519", "kid": key.kid, "typ": TYP, **changes}
    return compact_json({name: value for name, value in members.items() if value is not None})


def compact_json(value: Any) -> bytes:
    """Write JSON without white space, in the order given."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def token(payload: Mapping[str, Any], **changes: Any) -> str:
    """Sign a payload as its `from` under a header with changes."""
    key = SIGNING[payload["from"]]
    return signed(header_of(key, **changes), canonical(payload), key)


def signed(header: bytes, payload: bytes, key: SigningKey) -> str:
    """Sign exactly these bytes."""
    signing_input = f"{b64u(header)}.{b64u(payload)}"
    return f"{signing_input}.{b64u(key.sign(signing_input.encode()))}"


def resealed(sealed: str, header: bytes) -> str:
    """Put another protected header in front of sealed bytes."""
    return ".".join([b64u(header), *sealed.split(".")[1:]])
