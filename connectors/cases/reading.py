"""Reads stored bytes no earlier than needed: the content of a statement when somebody looks into it.

The bytes were verified before they were stored; nothing is checked again here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row

from connectors.exchange.stored import read_payload

_BASIS_ID: Final = {"consent": "consent", "statute": "clause", "emergency": "emergency"}


class Unread(Mapping[str, Any]):
    """The content of a statement, read when somebody looks into it; equal to a dict that says the same."""

    __slots__ = ("_content", "_raw")

    def __init__(self, raw: bytes) -> None:
        """Take the compact JWS as it was stored."""
        self._raw = raw
        self._content: dict[str, Any] | None = None

    def _read(self) -> dict[str, Any]:
        if self._content is None:
            self._content = read_payload(self._raw)["content"]
        return self._content

    def __getitem__(self, name: str) -> Any:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        """Show nothing of what is inside: this may end in a log."""
        return "Unread(…)"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What of an envelope the case needs: to whom, on what it rests, and on what ground it is withheld."""

    to: tuple[str, ...]
    basis: str | None
    basis_id: str | None
    withheld: str | None

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Envelope:
        """Take what is needed out of a message's payload."""
        authority = payload.get("authority") or {}
        basis = authority.get("basis")
        withheld = payload.get("withheld")
        return cls(
            tuple(payload["to"]),
            basis,
            authority.get(_BASIS_ID.get(str(basis), "")),
            None if withheld is None else withheld["ground"],
        )


def envelope_of(row: Row[Any] | None) -> Envelope | None:
    """Give the envelope of a stored message; None where its bytes were erased."""
    if row is None or row.raw is None:
        return None
    return Envelope.of(read_payload(row.raw))
