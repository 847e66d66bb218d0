"""Who may use the local API: whoever can read the token file. Each blueprint names what it asks for.

The token is 256 random bits in a file that only its owner reads; it cannot be guessed. The lock-out keeps a
misconfigured or curious neighbour from filling the log, and never keeps the right token out.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from flask import Request

from connectors.errors import ConfigRefused, LockedOut, WrongToken

_TOKEN_BYTES = 32


class Authentication(Enum):
    """What a route asks for."""

    NONE = "none"
    """Whether the process lives, and how much it works: nothing about any case."""
    TOKEN = "token"  # noqa: S105 - the word, not one
    """The bearer token of the local API."""


def read_token(path: Path) -> str:
    """Read the token; refuse a file that others can read, for they must be taken to know it."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        token = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigRefused(
            f"The token of the local API cannot be read from {path}.",
            remedy="`accord connector run` makes it when it is missing; use the same account.",
        ) from error
    if mode & 0o077:
        raise ConfigRefused(
            f"{path} can be read by others (mode {mode:04o}, must be 0600).",
            remedy=f"Delete {path} and start the connector again: it makes a new token.",
        )
    if len(token) < _TOKEN_BYTES:
        raise ConfigRefused(f"The token in {path} is too short.", remedy=f"Delete {path} and start again.")
    return token


def ensure_token(path: Path) -> str:
    """Read the token, or make one in a new file that only its owner reads."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(_TOKEN_BYTES) + "\n")
    return read_token(path)


@dataclass(slots=True)
class Doorkeeper:
    """Checks tokens in constant time and counts the wrong ones by address."""

    token: str = field(repr=False)
    wrong_tokens: int
    lockout_s: int
    clock: Callable[[], float] = time.monotonic
    _wrong: dict[str, list[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, request: Request) -> None:
        """Raise WrongToken, or LockedOut when there were too many of them lately."""
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        # Bytes: compare_digest refuses text that is not ASCII, and a header may hold any.
        right = hmac.compare_digest(shown.strip().encode("utf-8", "replace"), self.token.encode())
        if scheme.lower() == "bearer" and right:
            return
        self._count(request.remote_addr or "")
        raise WrongToken(
            "The bearer token of the local API is missing or wrong.",
            remedy="Send `Authorization: Bearer …` with the token from [api] token_file.",
        )

    def _count(self, address: str) -> None:
        now = self.clock()
        with self._lock:
            recent = [at for at in self._wrong.get(address, ()) if at > now - self.lockout_s]
            locked = len(recent) >= self.wrong_tokens
            self._wrong = {
                who: times for who, times in self._wrong.items() if times[-1] > now - self.lockout_s
            }
            self._wrong[address] = recent if locked else [*recent, now]
        if locked:
            raise LockedOut(
                f"{self.wrong_tokens} wrong tokens came from here within {self.lockout_s} s.",
                remedy="Wait, and read the token from [api] token_file again.",
                retry_after_s=self.lockout_s,
            )
