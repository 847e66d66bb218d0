"""The coordinator's public keys as this connector's operator pinned them; nothing on the wire can change
them.

The file is what `GET /v1/keys` gave on the day of enrolment, compared by a person over another channel.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.errors import Malformed, UnknownKey
from schemas.keys import VerifyingKey

_JWK = ("kty", "crv", "x")


@dataclass(frozen=True, slots=True)
class PinnedKeys:
    """Who signs receipts and heads, who signs the log's checkpoints, and the log's name."""

    coordinator: Mapping[str, VerifyingKey]
    log: VerifyingKey
    origin: str

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> PinnedKeys:
        """Take the JSON of `GET /v1/keys`; raise Malformed or WeakKey."""
        try:
            keys = [_key(entry) for entry in document["coordinator"]]
            return cls({key.kid: key for key in keys}, _key(document["log"]), str(document["origin"]))
        except (KeyError, TypeError) as error:
            raise Malformed(
                "The pinned keys have `coordinator` (a list), `log` and `origin`.",
                remedy="Fetch them again with `accord connector pin` and compare the fingerprints.",
            ) from error

    @classmethod
    def read(cls, path: Path) -> PinnedKeys:
        """Read the pinned file."""
        try:
            return cls.from_document(json.loads(path.read_bytes()))
        except (OSError, ValueError) as error:
            raise Malformed(
                f"The pinned keys of the coordinator cannot be read from {path}.",
                remedy="Fetch them with `accord connector pin` and compare the fingerprints.",
            ) from error

    def key_for(self, kid: str, _payload: Mapping[str, Any]) -> VerifyingKey:
        """Find a key of the coordinator; raise UnknownKey for every other key."""
        if kid not in self.coordinator:
            raise UnknownKey(
                "This was not signed by a key of the coordinator that is pinned here.",
                remedy="If the coordinator announced a new key, compare its fingerprint and pin it.",
                kid=kid,
            )
        return self.coordinator[kid]


def _key(entry: Mapping[str, Any]) -> VerifyingKey:
    """Take a JWK, alone or with its validity beside it."""
    jwk = entry.get("jwk", entry)
    return VerifyingKey.from_jwk({name: jwk[name] for name in _JWK})
