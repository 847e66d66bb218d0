"""Check 2: whose word about the coordinator is taken: keys or fingerprints from the reader, never the file's.

A fingerprint is the thumbprint (RFC 7638) that `accord connector pin` and the coordinator's public page show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.errors import KeysNotTrusted
from connectors.exchange.pinned import PinnedKeys


@dataclass(frozen=True, slots=True)
class Trust:
    """What the reader of an evidence file trusts: fingerprints, and the log's name when it is known."""

    fingerprints: frozenset[str]
    origin: str | None = None

    @classmethod
    def of_file(cls, path: Path) -> Trust:
        """Trust the keys of a file that was fetched and compared before (what `GET /v1/keys` gives)."""
        return cls.of_keys(PinnedKeys.read(path))

    @classmethod
    def of_keys(cls, keys: PinnedKeys) -> Trust:
        """Trust exactly these keys."""
        return cls(frozenset({*keys.coordinator, keys.log.kid}), keys.origin)

    def check(self, document: Mapping[str, Any]) -> PinnedKeys:
        """Give the file's keys when every one of them is trusted; or raise KeysNotTrusted."""
        keys = PinnedKeys.from_document(document)
        strange = sorted({*keys.coordinator, keys.log.kid} - self.fingerprints)
        if strange:
            raise KeysNotTrusted(
                f"The file relies on keys that you did not name: {', '.join(strange)}.",
                remedy="Compare these fingerprints with the coordinator over another channel.",
                entry=0,
            )
        if self.origin is not None and keys.origin != self.origin:
            raise KeysNotTrusted(
                f"The file is about the log {keys.origin}, you trust {self.origin}.",
                found=keys.origin,
                entry=0,
            )
        return keys
