"""A device that makes passkeys, without a browser: it gives what a browser would send, or something else."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from schemas.wire import b64u

_MADE = 0x45
"""User present, user verified, a new credential follows (WebAuthn level 3 §6.1)."""


@dataclass
class Authenticator:
    """One device with one key; `kind` is the algorithm of its keys."""

    origin: str
    kind: str = "ES256"
    credential: bytes = b"credential-1"
    rp_id: str = "localhost"

    def makes(self, challenge: str, /, *, flags: int = _MADE, rp_id: str | None = None, **client: Any) -> str:
        """Answer a request for a passkey; `client` replaces or adds members of the client data."""
        members = {
            "type": "webauthn.create",
            "challenge": challenge,
            "origin": self.origin,
            "crossOrigin": False,
        }
        client_data = json.dumps({**members, **client}).encode()
        site = hashlib.sha256((rp_id or self.rp_id).encode()).digest()
        length = len(self.credential).to_bytes(2)
        data = (
            site + bytes([flags]) + bytes(4) + bytes(16) + length + self.credential + cbor2.dumps(self._key())
        )
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        name = b64u(self.credential)
        answer = {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {"clientDataJSON": b64u(client_data), "attestationObject": b64u(attested)},
        }
        return json.dumps(answer)

    def _key(self) -> dict[int, Any]:
        """Give the public key as COSE has it (RFC 9053)."""
        if self.kind == "Ed25519":
            raw = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
            return {1: 1, 3: -8, -1: 6, -2: raw}
        if self.kind == "RS256":
            numbers = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
            return {1: 3, 3: -257, -1: numbers.n.to_bytes(256), -2: numbers.e.to_bytes(3)}
        point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
