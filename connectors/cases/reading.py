"""Reads stored bytes no earlier than needed: the content of a statement when somebody looks into it.

The bytes were verified before they were stored; nothing is checked again here.
"""

from __future__ import annotations

import json
from binascii import a2b_base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_read_json: Final = json.JSONDecoder().raw_decode
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
            self._content = payload_of(self._raw)["content"]
        return self._content

    def __getitem__(self, name: str) -> Any:
        return self._read()[name]

    def get(self, name: str, default: Any = None) -> Any:
        """As for every mapping, without the detour over an exception: a fold asks for much that is absent."""
        content = self._content
        if content is None:
            content = self._read()
        return content.get(name, default)

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


def payload_of(raw: bytes) -> dict[str, Any]:
    """Give the payload of stored bytes.

    As `stored.read_payload`, without looking for second spellings of base64url, which the signature's check
    has refused long before: a case has thousands of these.
    """
    body = bytes(raw).split(b".", 2)[1].translate(_STANDARD)
    payload: dict[str, Any] = _read_json(a2b_base64(body + b"=" * (-len(body) % 4)).decode())[0]
    return payload


@lru_cache(maxsize=1024)
def categories_in(text: str) -> tuple[str, ...]:
    """Give the codes in a stored list of categories."""
    return tuple(_read_json(text)[0])


_MOST: Final = 20_000
"""Envelopes that are remembered, a few hundred bytes each; then it begins anew."""
_known: Final[dict[tuple[str, str], Envelope]] = {}


def envelope_of(sender: str, message: str) -> Envelope | None:
    """Give the envelope of a message if it was read before: an envelope never changes.

    There is nothing personal in one, so it may stay in memory when the message is erased.
    """
    return _known.get((sender, message))


def remember(sender: str, message: str, raw: bytes) -> None:
    """Read a stored message's envelope; its id is unique for its sender."""
    if len(_known) >= _MOST:
        _known.clear()
    _known[sender, message] = Envelope.of(payload_of(raw))
