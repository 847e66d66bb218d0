"""The kinds of credential that a route may ask for. Each blueprint names one where it is registered."""

from __future__ import annotations

from enum import Enum


class Authentication(Enum):
    """How the caller of a route is known."""

    NONE = "none"
    """Public: whoever asks gets the same answer."""
    SIGNATURE = "signature"
    """The message that is handed over is signed; sent again, it gets the same answer again."""
    ASSERTION = "private_key_jwt"
    """The token endpoint: a signed assertion and a proof of the key."""
    TOKEN = "token"  # noqa: S105 - the word, not one
    """An access token bound to one of the member's keys, and a proof of that key for this request."""
